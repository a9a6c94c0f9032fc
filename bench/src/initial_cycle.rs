//! How fast an initial cycle is: requests and exports per second and peak memory, beside the baseline.

use std::time::Duration;

use anyhow::Context as _;
use comfy_table::{Table, presets};
use provisor::graph_client::GraphClient;
use provisor::organisation::Organisation;
use provisor_engine::clock::{Clock as _, SystemClock};
use provisor_scim::{HttpClient, HttpOptions, ScimClient};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::bare;
use crate::child::{Measured, TOKEN};

/// Requests at once, as many as a job may have at one target.
const CONCURRENCY: usize = 64;
const CUSTOM_APPLICATION: &str = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621";
const SEED: u64 = 1;

/// Arguments of `initial-cycle`.
#[derive(clap::Args)]
pub(crate) struct InitialCycleArgs {
    /// How many people the directory holds.
    #[arg(long, default_value_t = 20_000)]
    users: usize,
    /// How many groups.
    #[arg(long, default_value_t = 0)]
    groups: usize,
    /// Print JSON instead of a table.
    #[arg(long)]
    json: bool,
}

/// Measures, and prints.
#[expect(clippy::print_stdout, reason = "the figure is what the command is for")]
pub(crate) async fn run(args: InitialCycleArgs) -> anyhow::Result<()> {
    let organisation = Organisation::generate(SEED, args.users, args.groups);
    let http = HttpClient::new(HttpOptions::default())?;
    let token = SecretString::from(TOKEN);

    let target = Measured::start(&["target"])?;
    let client = ScimClient::new(http.clone(), &target.url, Some(&token))?;
    let bare = bare::run(&client, &organisation, CONCURRENCY).await.context("the baseline failed")?;
    drop(target);

    let folder = tempfile::tempdir()?;
    let mut target = Measured::start(&["target"])?;
    let data_dir = folder.path().to_str().context("the folder has no name")?;
    let server = Measured::start(&["server", "--data-dir", data_dir])?;
    let client = GraphClient::new(http, &server.url, token);
    organisation.load(&client, CONCURRENCY, || ()).await?;
    let job = set_up(&client, &target.url).await?;
    let before = target.stats()?;
    let processor_before = server.processor_time();
    let clock = SystemClock::new();
    client.post(&format!("{job}/start"), &json!({})).await?;
    let execution = wait(&client, &job, &clock).await?;
    let time = clock.elapsed();
    let processor = server.processor_time().zip(processor_before).map(|(after, before)| after - before);
    let after = target.stats()?;

    let requests = number(&after, "requests").saturating_sub(number(&before, "requests"));
    let exports = number(&execution, "countExported");
    let per_second = |count: u64, time: Duration| ratio(count) / time.as_secs_f64();
    let (bare_rate, rate) = (per_second(bare.requests, bare.time), per_second(requests, time));
    let result = json!({
        "users": args.users,
        "seconds": time.as_secs_f64(),
        "exports_per_second": per_second(exports, time),
        "requests_per_second": rate,
        "bare_requests_per_second": bare_rate,
        "share": rate / bare_rate,
        "processor_microseconds_per_request": processor.map(|used| used.as_secs_f64() * 1e6 / ratio(requests)),
        "peak_memory_bytes": server.peak_memory(),
    });
    if args.json {
        println!("{result}");
    } else {
        println!("{}", table(&result));
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "counts of requests are far below 2^52")]
fn ratio(count: u64) -> f64 {
    count as f64
}

fn number(value: &Value, name: &str) -> u64 {
    value.get(name).and_then(Value::as_u64).unwrap_or_default()
}

/// An application with a job that provisions everybody; gives the job's path.
async fn set_up(client: &GraphClient, target: &str) -> anyhow::Result<String> {
    let path = format!("/applicationTemplates/{CUSTOM_APPLICATION}/instantiate");
    let made = client.post(&path, &json!({ "displayName": "Target" })).await?;
    let id = made.pointer("/servicePrincipal/id").and_then(Value::as_str).context("no service principal")?;
    let base = format!("/servicePrincipals/{id}/synchronization");
    let secrets = json!({ "value": [
        { "key": "BaseAddress", "value": target },
        { "key": "SecretToken", "value": TOKEN },
        { "key": "SyncAll", "value": "true" },
    ]});
    client.put(&format!("{base}/secrets"), &secrets).await?;
    let job = client.post(&format!("{base}/jobs"), &json!({ "templateId": "scim" })).await?;
    Ok(format!("{base}/jobs/{}", job["id"].as_str().context("a job without an id")?))
}

/// Waits until the first cycle is complete; gives its counters.
async fn wait(client: &GraphClient, job: &str, clock: &SystemClock) -> anyhow::Result<Value> {
    loop {
        let answer = client.get(job).await?;
        if answer.pointer("/status/code").and_then(Value::as_str) == Some("Active") {
            return Ok(answer["status"]["lastExecution"].clone());
        }
        if let Some(why) = answer.pointer("/status/quarantine/error/message") {
            anyhow::bail!("the job is in quarantine: {why}");
        }
        clock.sleep(Duration::from_millis(20)).await;
    }
}

fn table(result: &Value) -> Table {
    let number = |name: &str| result[name].as_f64().unwrap_or_default();
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_header(["initial cycle", "Provisor", "bare loop", "share"]);
    table.add_row([
        "requests per second".to_owned(),
        format!("{:.0}", number("requests_per_second")),
        format!("{:.0}", number("bare_requests_per_second")),
        format!("{:.2}", number("share")),
    ]);
    let own = |name: &str, value: String| [name.to_owned(), value, String::new(), String::new()];
    table.add_row(own("exports per second", format!("{:.0}", number("exports_per_second"))));
    table.add_row(own("seconds", format!("{:.1}", number("seconds"))));
    let processor = number("processor_microseconds_per_request");
    table.add_row(own("processor time per request, µs", format!("{processor:.0}")));
    table.add_row(own("peak memory, MiB", format!("{:.0}", number("peak_memory_bytes") / 1_048_576.0)));
    table
}
