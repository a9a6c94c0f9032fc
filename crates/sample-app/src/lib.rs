//! A small SCIM 2.0 application to provision into: users with the enterprise extension, groups,
//! filters, paging, PATCH, entity tags; in memory, or in a folder that survives a restart.
//!
//! It is for development, demonstrations and benchmarks, and strict where real targets are strict:
//! `"active": "True"` and a manager given as a bare id are refused. Attributes that its schemas do
//! not know are dropped, but a PATCH whose path names one is refused; extensions that it does not
//! know are kept as they were sent.
//!
//! A PATCH of a group answers 204, because a group may be large; other changes answer with the
//! resource. A filter without an equality on `id`, `externalId` or a name reads every resource.
//!
//! Not offered, and said so in `/ServiceProviderConfig`: bulk, sorting, passwords. A user's
//! `groups` are not computed.

mod http;
mod projection;
mod schema;
mod service;
mod stats;
mod store;

use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use jiff::Timestamp;
use secrecy::SecretString;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

pub use self::stats::{Stats, StatsHandle};
pub use self::store::OpenError;

use self::service::App;

/// How long open connections may finish their request at shutdown.
const GRACE: Duration = Duration::from_secs(5);

/// How long a client may take to send the head of a request, and again to send its body.
const PATIENCE: Duration = Duration::from_secs(30);

/// Gives the time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Gives ids of new resources.
pub type Ids = Arc<dyn Fn() -> Uuid + Send + Sync>;

/// What the application needs from outside.
#[derive(Clone)]
pub struct Options {
    /// The bearer token that every request must carry; none, and everybody may do everything.
    pub token: Option<SecretString>,
    /// The folder that holds the data; without one, everything is gone at the end.
    pub data_dir: Option<PathBuf>,
    /// The URL that clients see, for `meta.location`; `http://<listening address>/scim/v2` when
    /// there is none.
    pub base_url: Option<String>,
    /// The clock.
    pub clock: Clock,
    /// The ids.
    pub ids: Ids,
}

impl Options {
    /// An open application in memory.
    pub fn new(
        clock: impl Fn() -> Timestamp + Send + Sync + 'static,
        ids: impl Fn() -> Uuid + Send + Sync + 'static,
    ) -> Self {
        Self { token: None, data_dir: None, base_url: None, clock: Arc::new(clock), ids: Arc::new(ids) }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("token", &self.token.as_ref().map(|_| "[REDACTED]"))
            .field("data_dir", &self.data_dir)
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}

/// The application with its listening socket, ready to run.
pub struct SampleApp {
    listener: TcpListener,
    app: Arc<App>,
}

impl SampleApp {
    /// Loads the data, if there is a folder for it.
    ///
    /// # Errors
    /// [`OpenError`] when the folder cannot be used or a journal in it is damaged before its end.
    pub fn new(listener: TcpListener, options: Options) -> Result<Self, OpenError> {
        let address = listener.local_addr().map_err(OpenError::Listener)?;
        Ok(Self { app: Arc::new(App::open(options, &default_base(address))?), listener })
    }

    /// The URL to give to a SCIM client.
    #[must_use]
    pub fn base_url(&self) -> &str {
        self.app.base_url()
    }

    /// A handle to the request counters, which stays good while the application runs.
    #[must_use]
    pub fn stats(&self) -> StatsHandle {
        self.app.stats()
    }

    /// Serves until `shutdown` completes, then lets requests in flight finish for up to 5 seconds.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let stopping = CancellationToken::new();
        let connections = TaskTracker::new();
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            let accepted = tokio::select! {
                () = &mut shutdown => break,
                accepted = self.listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, Arc::clone(&self.app), stopping.clone()));
                }
                Err(error) => {
                    // A full descriptor table; clients that leave make room.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
        stopping.cancel();
        connections.close();
        let _ = tokio::time::timeout(GRACE, connections.wait()).await;
    }
}

impl fmt::Debug for SampleApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SampleApp").field("base_url", &self.base_url()).finish_non_exhaustive()
    }
}

/// Runs the application until `shutdown` completes.
///
/// # Errors
/// As [`SampleApp::new`].
pub async fn serve(
    listener: TcpListener,
    options: Options,
    shutdown: impl Future<Output = ()>,
) -> Result<(), OpenError> {
    SampleApp::new(listener, options)?.run(shutdown).await;
    Ok(())
}

async fn connection(stream: TcpStream, app: Arc<App>, stopping: CancellationToken) {
    // Without it the kernel holds back small answers; a socket that refuses is closing anyway.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let app = Arc::clone(&app);
        async move { Ok::<_, std::convert::Infallible>(http::answer(&app, request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let outcome = tokio::select! {
        outcome = &mut connection => outcome,
        () = stopping.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = outcome {
        tracing::debug!(%error, "a connection broke off");
    }
}

fn default_base(mut address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        let loopback: std::net::IpAddr = match address {
            SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        };
        address.set_ip(loopback);
    }
    format!("http://{address}/scim/v2")
}

#[cfg(test)]
mod tests;
