//! `provisor demo`: the main job, from end to end, over HTTP, as a Graph client would do it.

mod changes;
mod load;
mod setup;
mod show;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use provisor::graph_client::GraphClient;
use provisor_sample_app::{SampleApp, StatsHandle};
use provisor_scim::{HttpClient, HttpOptions};
use provisor_server::service::Service;
use provisor_server::settings::{Access, Settings};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::commands::{sample_app, until_asked_to_end};
use crate::{logging, settings};
use show::Story;

/// How many groups the organisation has.
const GROUPS: usize = 60;

/// Arguments of `provisor demo`.
#[derive(clap::Args)]
pub(crate) struct DemoArgs {
    /// Where the API listens; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// The folder that everything is kept in. A second run with the same folder continues from there.
    #[arg(long, value_name = "DIR", default_value = "demo-data")]
    data_dir: PathBuf,
    /// How many people the organisation has.
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(20..=1_000_000))]
    users: u32,
    /// Leave everything running at the end, until Ctrl-C.
    #[arg(long)]
    keep_running: bool,
    /// Which log lines are printed beside the story: off, error, warn, info, debug, trace.
    #[arg(long, default_value = "error", value_name = "FILTER")]
    log_level: String,
}

/// The sample application as target.
struct Target {
    url: String,
    token: SecretString,
    stats: StatsHandle,
    stop: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

/// Tells the story.
pub(crate) async fn run(args: DemoArgs) -> anyhow::Result<()> {
    logging::start(logging::LogFormat::Text, &args.log_level)?;
    let story = Story::new();
    story.title("Provisor: from a directory to an application, in five steps");

    story.step(1, "Start the server with its embedded store, and a sample SCIM application as target");
    let target = start_target(&args.data_dir).await?;
    let (token, token_file) = settings::own(&args.data_dir)?;
    let mut server = Settings::new(args.listen, args.data_dir.clone(), Access::Token(token.clone()));
    server.domain = provisor::organisation::DOMAIN.to_owned();
    let service = Service::start(server).await?;
    let base = format!("http://{}/v1.0", service.address());
    story.fact("API", &base);
    story.fact("target", &target.url);
    let client = GraphClient::new(HttpClient::new(HttpOptions::default())?, &base, token);

    let told = tell(&args, &story, &client, &target).await;
    let job = match told {
        Ok(job) => job,
        Err(error) => {
            service.stop().await;
            return Err(error);
        }
    };
    where_next(&story, &args.data_dir, &token_file, &base, &job);
    if args.keep_running {
        story.say("\nEverything stays up; Ctrl-C ends it.");
        until_asked_to_end().cancelled().await;
    }
    service.stop().await;
    target.stop.cancel();
    target.task.await.context("the sample application ended badly")?;
    Ok(())
}

/// Where the job is, for the end of the story.
struct Job {
    service_principal: String,
    id: String,
}

async fn tell(args: &DemoArgs, story: &Story, client: &GraphClient, target: &Target) -> anyhow::Result<Job> {
    let people = usize::try_from(args.users)?;
    let found = setup::find(client).await?;
    if found.is_some() {
        story.step(2, "Continue from the store: organisation, application and job of the last run are here");
        let count = client.all("/users?$select=id&$top=999").await?.len();
        story.fact("people", &count.to_string());
        if count < people {
            story.say("   (--users counts at the first run of a data folder)");
        }
    } else {
        story.step(
            2,
            &format!("Load an organisation: {people} people and {GROUPS} groups, as a Graph client would"),
        );
        load::organisation(client, people, GROUPS, story).await?;
    }
    story.step(3, "Set up an application and a synchronization job through Graph's API, and start it");
    let again = found.is_some();
    let job = setup::job(client, found, &target.url, target.token.expose_secret(), story).await?;
    story.step(4, if again { "The job goes on; what its last cycle did" } else { "The initial cycle" });
    let before = target.stats.read();
    let cycle = setup::wait_for_cycle(client, &job, story).await?;
    let after = target.stats.read();
    if !again {
        story.say(&format!(
            "   the application received {} requests: {} lookups and reads, {} creates, {} changes",
            after.requests - before.requests,
            after.queries + after.gets - before.queries - before.gets,
            after.creates - before.creates,
            after.patches - before.patches,
        ));
    }
    story.step(5, "Ten people are hired, renamed, moved, promoted, or leave: the incremental cycle");
    changes::make_and_show(client, &job, &cycle, story).await?;
    Ok(job)
}

async fn start_target(data_dir: &Path) -> anyhow::Result<Target> {
    let listener = TcpListener::bind("127.0.0.1:0").await.context("no free port on loopback")?;
    let token = SecretString::from(settings::random_token()?);
    let options = sample_app::options(Some(token.clone()), Some(data_dir.join("sample-app")))?;
    let app = SampleApp::new(listener, options)?;
    let (url, stats) = (app.base_url().to_owned(), app.stats());
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    let task = tokio::spawn(async move { app.run(async move { stopped.cancelled().await }).await });
    Ok(Target { url, token, stats, stop, task })
}

fn where_next(story: &Story, data_dir: &Path, token_file: &Path, base: &str, job: &Job) {
    let logs = format!("{base}/auditLogs/provisioning?\\$filter=jobId eq '{}'&\\$top=3", job.id);
    let logs = logs.replace(' ', "%20");
    story.title("Where to look next");
    story.fact("API base", base);
    story.fact("data folder", &data_dir.display().to_string());
    story.fact("token", &format!("in {}", token_file.display()));
    story.fact(
        "job",
        &format!("{base}/servicePrincipals/{}/synchronization/jobs/{}", job.service_principal, job.id),
    );
    story.say(&format!(
        "\nThe newest log entries (with --keep-running, from another terminal):\n\n  curl -s -H \"Authorization: Bearer $(cat {})\" \\\n    \"{logs}\"\n",
        token_file.display()
    ));
}

/// How often the API is asked how far a cycle has come.
const POLL: Duration = Duration::from_millis(150);
