//! How fast the API answers: reads, filtered reads and new jobs, beside a bare handler of the same framework
//! that sends a ready-made body of the same size.

use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use comfy_table::{Table, presets};
use futures_util::{StreamExt as _, stream};
use http::{Method, Request};
use provisor::graph_client::{GraphClient, encode};
use provisor::organisation::Organisation;
use provisor_engine::clock::{Clock as _, SystemClock};
use provisor_scim::{HttpClient, HttpOptions};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::child::{Measured, TOKEN};

const CONCURRENCY: usize = 64;
const CUSTOM_APPLICATION: &str = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621";
const SEED: u64 = 1;

/// Arguments of `api`.
#[derive(clap::Args)]
pub(crate) struct ApiArgs {
    /// How many people the directory holds.
    #[arg(long, default_value_t = 100_000)]
    users: usize,
    /// How many requests of each kind are measured.
    #[arg(long, default_value_t = 40_000)]
    requests: usize,
    /// How many jobs are created; each wants an application of its own.
    #[arg(long, default_value_t = 2_000)]
    jobs: usize,
    /// Print JSON instead of a table.
    #[arg(long)]
    json: bool,
}

/// One kind of request: paths below the version, and the body that each sends.
struct Load {
    name: &'static str,
    method: Method,
    paths: Vec<String>,
    body: Bytes,
}

/// What was measured of one kind.
struct Figures {
    per_second: f64,
    p50: Duration,
    p99: Duration,
    /// Bytes of an answer.
    size: usize,
}

/// Measures, and prints.
#[expect(clippy::print_stdout, reason = "the figure is what the command is for")]
pub(crate) async fn run(args: ApiArgs) -> anyhow::Result<()> {
    let http = HttpClient::new(HttpOptions::default())?;
    let folder = tempfile::tempdir()?;
    let data_dir = folder.path().to_str().context("the folder has no name")?;
    let server = Measured::start(&["server", "--data-dir", data_dir])?;
    let client = GraphClient::new(http.clone(), &server.url, SecretString::from(TOKEN));
    let organisation = Organisation::generate(SEED, args.users, 0);
    let people = organisation.load(&client, CONCURRENCY, || ()).await?.people;
    let names: Vec<&str> =
        organisation.people.iter().map(|person| person.user_principal_name.as_str()).collect();
    let mut results = Vec::new();
    for load in loads(&args, &people, &names, create_applications(&client, args.jobs).await?) {
        let own = measure(&http, &server.url, &load).await?;
        let bare_server = Measured::start(&["bare-handler", "--bytes", &own.size.to_string()])?;
        let bare = measure(&http, &bare_server.url, &load).await.context("the baseline failed")?;
        results.push(json!({
            "kind": load.name,
            "bytes": own.size,
            "per_second": own.per_second,
            "bare_per_second": bare.per_second,
            "share": own.per_second / bare.per_second,
            "p50_microseconds": micros(own.p50),
            "p99_microseconds": micros(own.p99),
            "bare_p50_microseconds": micros(bare.p50),
            "bare_p99_microseconds": micros(bare.p99),
        }));
    }
    if args.json {
        println!("{}", json!({"users": args.users, "concurrency": CONCURRENCY, "figures": results}));
    } else {
        println!("{}", table(&results));
    }
    Ok(())
}

fn loads(args: &ApiArgs, people: &[String], names: &[&str], jobs: Vec<String>) -> Vec<Load> {
    // Far apart in the directory, the same in every run.
    let spread = |index: usize, count: usize| index.wrapping_mul(7_919) % count.max(1);
    let read = |name, path: &dyn Fn(usize) -> String| Load {
        name,
        method: Method::GET,
        paths: (0..args.requests).map(path).collect(),
        body: Bytes::new(),
    };
    let create = Load {
        name: "new job",
        method: Method::POST,
        paths: jobs,
        body: Bytes::from_static(b"{\"templateId\":\"scim\"}"),
    };
    vec![
        read("user by id", &|index| format!("/users/{}", people[spread(index, people.len())])),
        read("filter: userPrincipalName eq", &|index| {
            let filter = format!("userPrincipalName eq '{}'", names[spread(index, names.len())]);
            format!("/users?$filter={}", encode(&filter))
        }),
        read("filter: startswith(displayName), $top=10", &|index| {
            let name = organisation_prefix(names[spread(index, names.len())]);
            format!("/users?$top=10&$filter={}", encode(&format!("startswith(displayName,'{name}')")))
        }),
        create,
    ]
}

/// The first letters of a name, which many share.
fn organisation_prefix(name: &str) -> String {
    name.chars().take_while(|letter| letter.is_ascii_alphabetic()).take(3).collect()
}

/// Applications without a job; gives the paths that their jobs are created at.
async fn create_applications(client: &GraphClient, count: usize) -> anyhow::Result<Vec<String>> {
    let path = format!("/applicationTemplates/{CUSTOM_APPLICATION}/instantiate");
    let made: Vec<anyhow::Result<String>> = stream::iter(0..count)
        .map(|number| {
            let (client, path) = (client.clone(), path.clone());
            async move {
                let made = client.post(&path, &json!({"displayName": format!("Target {number}")})).await?;
                let id = made.pointer("/servicePrincipal/id").and_then(Value::as_str);
                Ok(format!("/servicePrincipals/{}/synchronization/jobs", id.context("no service principal")?))
            }
        })
        .buffer_unordered(CONCURRENCY)
        .collect()
        .await;
    made.into_iter().collect()
}

/// Sends every request of a kind, so many at once.
async fn measure(http: &HttpClient, base: &str, load: &Load) -> anyhow::Result<Figures> {
    let clock = SystemClock::new();
    let one = async |path: &String| -> anyhow::Result<(Duration, usize)> {
        let request = Request::builder()
            .method(load.method.clone())
            .uri(format!("{base}{path}"))
            .header("authorization", format!("Bearer {TOKEN}"))
            .header("content-type", "application/json")
            .body(load.body.clone())?;
        let sent = clock.elapsed();
        let answer = http.send(request).await?;
        anyhow::ensure!(answer.status.is_success(), "{} {path} was answered {}", load.method, answer.status);
        Ok((clock.elapsed() - sent, answer.body.len()))
    };
    // Connections and caches are warm before anything counts; a job can be created only once.
    if load.method == Method::GET {
        let _warm: Vec<_> = stream::iter(load.paths.iter().take(2_000))
            .map(one)
            .buffer_unordered(CONCURRENCY)
            .collect()
            .await;
    }
    let begin = clock.elapsed();
    let answers: Vec<anyhow::Result<(Duration, usize)>> =
        stream::iter(&load.paths).map(one).buffer_unordered(CONCURRENCY).collect().await;
    let time = clock.elapsed() - begin;
    let answers: Vec<(Duration, usize)> = answers.into_iter().collect::<anyhow::Result<_>>()?;
    let mut times: Vec<Duration> = answers.iter().map(|(time, _)| *time).collect();
    times.sort_unstable();
    let at = |hundredths: usize| times.get(times.len() * hundredths / 100).copied().unwrap_or_default();
    let bytes: usize = answers.iter().map(|(_, size)| size).sum();
    #[expect(clippy::cast_precision_loss, reason = "counts of requests are far below 2^52")]
    let per_second = answers.len() as f64 / time.as_secs_f64();
    Ok(Figures { per_second, p50: at(50), p99: at(99), size: bytes / answers.len().max(1) })
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

fn table(results: &[Value]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_FULL_CONDENSED);
    table.set_header([
        "kind",
        "bytes",
        "per second",
        "bare handler",
        "share",
        "p50 µs (bare)",
        "p99 µs (bare)",
    ]);
    for result in results {
        let number = |name: &str| format!("{:.0}", result[name].as_f64().unwrap_or_default());
        let pair = |own: &str, bare: &str| format!("{} ({})", number(own), number(bare));
        table.add_row([
            result["kind"].as_str().unwrap_or_default().to_owned(),
            number("bytes"),
            number("per_second"),
            number("bare_per_second"),
            format!("{:.2}", result["share"].as_f64().unwrap_or_default()),
            pair("p50_microseconds", "bare_p50_microseconds"),
            pair("p99_microseconds", "bare_p99_microseconds"),
        ]);
    }
    table
}
