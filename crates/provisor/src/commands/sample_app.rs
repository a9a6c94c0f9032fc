//! `provisor sample-app`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use provisor_engine::clock::{Clock as _, SystemClock};
use provisor_engine::ids::{Ids as _, SeededIds};
use provisor_sample_app::{Options, SampleApp};
use secrecy::SecretString;
use tokio::net::TcpListener;

use super::until_asked_to_end;
use crate::logging::{self, LogFormat};

/// Arguments of `provisor sample-app`.
#[derive(clap::Args)]
pub(crate) struct SampleAppArgs {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8081")]
    listen: SocketAddr,
    /// The bearer token that callers must have; without one, everybody on this machine may call.
    #[arg(long, env = "PROVISOR_SAMPLE_APP_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    token: Option<String>,
    /// Keep users and groups in this folder; without one, in memory.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// How log lines are printed.
    #[arg(long, value_enum, default_value_t)]
    log_format: LogFormat,
    /// Which log lines are printed: off, error, warn, info, debug, trace.
    #[arg(long, default_value = "info", value_name = "FILTER")]
    log_level: String,
}

/// Options of a sample application with the machine's clock and randomness.
pub(crate) fn options(token: Option<SecretString>, data_dir: Option<PathBuf>) -> anyhow::Result<Options> {
    let clock = Arc::new(SystemClock::new());
    let ids = SeededIds::from_machine(Arc::clone(&clock) as _).context("the machine gives no randomness")?;
    let mut options = Options::new(move || clock.now(), move || ids.uuid());
    options.token = token;
    options.data_dir = data_dir;
    Ok(options)
}

/// Serves until asked to end.
#[expect(clippy::print_stdout, reason = "the address is what scripts read")]
pub(crate) async fn run(args: SampleAppArgs) -> anyhow::Result<()> {
    logging::start(args.log_format, &args.log_level)?;
    if args.token.is_none() && !args.listen.ip().is_loopback() {
        anyhow::bail!("{} is not a loopback address: give --token TOKEN to serve it to others", args.listen);
    }
    let listener = TcpListener::bind(args.listen)
        .await
        .with_context(|| format!("cannot listen on {}; is another server running there?", args.listen))?;
    let options = options(args.token.map(SecretString::from), args.data_dir)?;
    let app = SampleApp::new(listener, options)?;
    println!("url={}", app.base_url());
    let end = until_asked_to_end();
    app.run(async move { end.cancelled().await }).await;
    Ok(())
}
