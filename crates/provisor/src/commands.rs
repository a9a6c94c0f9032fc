//! The commands.

pub(crate) mod expr;
pub(crate) mod sample_app;
pub(crate) mod serve;

use tokio_util::sync::CancellationToken;

/// A token that is cancelled when the process is asked to end (SIGTERM, or Ctrl-C).
pub(crate) fn until_asked_to_end() -> CancellationToken {
    let token = CancellationToken::new();
    let cancel = token.clone();
    tokio::spawn(async move {
        asked_to_end().await;
        cancel.cancel();
    });
    token
}

#[cfg(unix)]
async fn asked_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

#[cfg(not(unix))]
async fn asked_to_end() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
