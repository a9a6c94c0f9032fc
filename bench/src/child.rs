//! The processes under measurement: this binary, started again.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use provisor_engine::clock::{Clock as _, SystemClock};
use provisor_engine::ids::{Ids as _, SeededIds};
use provisor_sample_app::{Options, SampleApp, Stats};
use provisor_server::service::Service;
use provisor_server::settings::{Access, Settings};
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// The token of both processes; they listen on loopback, for the time of the measurement.
pub(crate) const TOKEN: &str = "only-for-measuring";

/// Arguments of the hidden `server` command.
#[derive(clap::Args)]
pub(crate) struct ServerArgs {
    /// The folder of the store.
    #[arg(long)]
    data_dir: PathBuf,
}

/// A process under measurement.
pub(crate) struct Measured {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    /// Where it listens.
    pub(crate) url: String,
}

impl Measured {
    /// Starts this binary with these arguments, and reads where it listens.
    pub(crate) fn start(arguments: &[&str]) -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("the process to be measured does not start")?;
        let stdin = child.stdin.take().context("no standard input")?;
        let mut stdout = BufReader::new(child.stdout.take().context("no standard output")?);
        let mut line = String::new();
        stdout.read_line(&mut line)?;
        Ok(Self { child, stdin, stdout, url: line.trim().to_owned() })
    }

    /// What the sample application has counted.
    pub(crate) fn stats(&mut self) -> anyhow::Result<Value> {
        writeln!(self.stdin, "stats")?;
        self.stdin.flush()?;
        let mut line = String::new();
        self.stdout.read_line(&mut line)?;
        Ok(serde_json::from_str(&line)?)
    }

    /// Processor time that the process has used; `None` where the system does not tell.
    pub(crate) fn processor_time(&self) -> Option<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).ok()?;
        // The name may hold blanks; what follows it does not. User and system time, in hundredths of a second.
        let mut fields = stat.rsplit(')').next()?.split_whitespace().skip(11);
        let (user, system): (u64, u64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
        Some(Duration::from_millis((user + system) * 10))
    }

    /// The most memory that the process has had resident, in bytes; `None` where the system does not tell.
    pub(crate) fn peak_memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
        Some(kib * 1024)
    }
}

impl Drop for Measured {
    fn drop(&mut self) {
        let _already_gone = self.child.kill();
        let _already_gone = self.child.wait();
    }
}

fn as_json(stats: Stats) -> Value {
    json!({
        "requests": stats.requests,
        "creates": stats.creates,
        "patches": stats.patches,
        "queries": stats.queries,
        "gets": stats.gets,
    })
}

/// The sample application: prints where it listens, then its counters for each line that it reads.
#[expect(clippy::print_stdout, reason = "what the measuring process reads")]
pub(crate) async fn target() -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let clock = Arc::new(SystemClock::new());
    let ids = SeededIds::from_machine(Arc::clone(&clock) as _)?;
    let mut options = Options::new(move || clock.now(), move || ids.uuid());
    options.token = Some(SecretString::from(TOKEN));
    let app = SampleApp::new(listener, options)?;
    println!("{}", app.base_url());
    let stats = app.stats();
    std::thread::spawn(move || {
        for _line in std::io::stdin().lines() {
            println!("{}", as_json(stats.read()));
        }
    });
    app.run(std::future::pending()).await;
    Ok(())
}

/// The server: prints where it listens.
#[expect(clippy::print_stdout, reason = "what the measuring process reads")]
pub(crate) async fn server(args: ServerArgs) -> anyhow::Result<()> {
    let access = Access::Token(SecretString::from(TOKEN));
    let listen = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    let service = Service::start(Settings::new(listen, args.data_dir, access)).await?;
    println!("http://{}/v1.0", service.address());
    std::future::pending::<()>().await;
    Ok(())
}
