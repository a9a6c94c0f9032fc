//! Processes and clients that the whole-product tests share.

#![allow(dead_code, clippy::allow_attributes, reason = "each test binary uses its part of this module")]

pub(crate) mod installed;

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use provisor::graph_client::{GraphClient, encode};
use provisor_engine::clock::{Clock as _, SystemClock};
use provisor_engine::ids::{Ids as _, SeededIds};
use provisor_sample_app::{Options, SampleApp, StatsHandle};
use provisor_scim::{HttpClient, HttpOptions, Query, ScimClient};
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// The token of every server in the tests.
pub(crate) const TOKEN: &str = "a-token-for-tests-only";
/// Graph's template of a custom application.
pub(crate) const CUSTOM_APPLICATION: &str = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621";
/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(300);
/// How often a test looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// A process that is killed when the test ends.
pub(crate) struct Process {
    child: Child,
    /// What it printed after `url=`.
    pub(crate) url: String,
    /// What it printed after `certificate=`.
    pub(crate) certificate: Option<PathBuf>,
}

impl Process {
    fn start(arguments: &[&str], token_variable: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_provisor"))
            .args(arguments)
            .env(token_variable, TOKEN)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut certificate = None;
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let url = lines
            .find_map(|line| {
                let line = line.expect("a line");
                if let Some(file) = line.strip_prefix("certificate=") {
                    certificate = Some(PathBuf::from(file));
                }
                line.strip_prefix("url=").map(str::to_owned)
            })
            .expect("it prints its address");
        Self { child, url, certificate }
    }

    /// The server, on a free port.
    pub(crate) fn server(data_dir: &Path) -> Self {
        Self::server_on("127.0.0.1:0", data_dir)
    }

    /// The server, on this address.
    pub(crate) fn server_on(listen: &str, data_dir: &Path) -> Self {
        let data_dir = data_dir.to_str().expect("a path");
        Self::start(
            &["serve", "--listen", listen, "--data-dir", data_dir, "--log-level", "error"],
            "PROVISOR_TOKEN",
        )
    }

    /// The server over TLS, with a certificate that it makes itself.
    pub(crate) fn tls_server(data_dir: &Path) -> Self {
        let data_dir = data_dir.to_str().expect("a path");
        let listen = ["--listen", "127.0.0.1:0", "--tls", "self-signed"];
        let rest = ["--data-dir", data_dir, "--log-level", "error"];
        Self::start(&[&["serve"][..], &listen, &rest].concat(), "PROVISOR_TOKEN")
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
    }

    /// SIGTERM; gives whether it ended well.
    pub(crate) fn terminate(mut self) -> bool {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill").success());
        self.child.wait().expect("it ends").success()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _already_gone = self.child.kill();
        let _already_gone = self.child.wait();
    }
}

/// A third-party SCIM server (scim2-server from PyPI).
pub(crate) struct ThirdParty {
    pub(crate) url: String,
    pid: String,
}

impl ThirdParty {
    pub(crate) fn start() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let folder = std::env::var_os("PROVISOR_TEST_DIR")
            .map_or_else(|| root.join("target/test-counterparts"), PathBuf::from)
            .join("scim2-server");
        let output = Command::new(root.join("scripts/start-scim2-server"))
            .arg(folder)
            .arg(TOKEN)
            .output()
            .expect("the script runs");
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let said = |name: &str| printed.lines().find_map(|line| line.strip_prefix(name).map(str::to_owned));
        let (Some(url), Some(pid)) = (said("url="), said("pid=")) else {
            panic!("the SCIM server did not start: {printed}{}", String::from_utf8_lossy(&output.stderr));
        };
        Self { url, pid }
    }
}

impl Drop for ThirdParty {
    fn drop(&mut self) {
        let _already_gone = Command::new("kill").arg(&self.pid).status();
    }
}

/// The sample application in this process, and its counters.
pub(crate) async fn sample_app() -> (String, StatsHandle) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let clock = Arc::new(SystemClock::new());
    let ids = SeededIds::from_seed(1, Arc::clone(&clock) as _);
    let mut options = Options::new(move || clock.now(), move || ids.uuid());
    options.token = Some(SecretString::from(TOKEN));
    let app = SampleApp::new(listener, options).expect("a sample application");
    let (url, stats) = (app.base_url().to_owned(), app.stats());
    tokio::spawn(app.run(std::future::pending()));
    (url, stats)
}

pub(crate) fn http() -> HttpClient {
    HttpClient::new(HttpOptions::default()).expect("a client")
}

/// A client of the API of a server.
pub(crate) fn graph(server: &str) -> GraphClient {
    GraphClient::new(http(), server, SecretString::from(TOKEN))
}

/// A client of a target.
pub(crate) fn scim(url: &str) -> ScimClient {
    ScimClient::new(http(), url, Some(&SecretString::from(TOKEN))).expect("a client")
}

/// Everything that a target holds of one type, by id.
pub(crate) async fn target_objects(client: &ScimClient, endpoint: &str) -> Vec<Value> {
    let mut found: Vec<Value> = Vec::new();
    loop {
        let query = Query {
            start_index: Some(u64::try_from(found.len()).expect("a number") + 1),
            count: Some(500),
            ..Query::default()
        };
        let answer: Value = client.query(endpoint, &query).await.expect("an answer").json().expect("JSON");
        let page = answer["Resources"].as_array().cloned().unwrap_or_default();
        if page.is_empty() {
            break;
        }
        found.extend(page);
        if u64::try_from(found.len()).ok() >= answer["totalResults"].as_u64() {
            break;
        }
    }
    found.sort_by_key(|object| object["id"].as_str().unwrap_or_default().to_owned());
    found
}

/// A job that was set up over the API.
pub(crate) struct Job {
    pub(crate) service_principal: String,
    pub(crate) id: String,
}

impl Job {
    pub(crate) fn path(&self) -> String {
        format!("/servicePrincipals/{}/synchronization/jobs/{}", self.service_principal, self.id)
    }

    /// Sets an application and a job up, with everybody in scope, as scripts do.
    pub(crate) async fn set_up(client: &GraphClient, target: &str) -> Self {
        let path = format!("/applicationTemplates/{CUSTOM_APPLICATION}/instantiate");
        let made = client.post(&path, &json!({ "displayName": "Target" })).await.expect("an application");
        let service_principal = made["servicePrincipal"]["id"].as_str().expect("an id").to_owned();
        let base = format!("/servicePrincipals/{service_principal}/synchronization");
        let secrets = json!({ "value": [
            { "key": "BaseAddress", "value": target },
            { "key": "SecretToken", "value": TOKEN },
            { "key": "SyncAll", "value": "true" },
        ]});
        client.put(&format!("{base}/secrets"), &secrets).await.expect("secrets");
        let job =
            client.post(&format!("{base}/jobs"), &json!({ "templateId": "scim" })).await.expect("a job");
        Self { service_principal, id: job["id"].as_str().expect("an id").to_owned() }
    }

    pub(crate) async fn start(&self, client: &GraphClient) {
        client.post(&format!("{}/start", self.path()), &json!({})).await.expect("a start");
    }

    /// Waits until a cycle that is not `after` is complete; gives its id.
    pub(crate) async fn wait_for_cycle(&self, client: &GraphClient, after: Option<&str>) -> String {
        let clock = SystemClock::new();
        loop {
            let job = client.get(&self.path()).await.expect("the job");
            let cycle = job["status"]["lastExecution"]["activityIdentifier"].as_str().map(str::to_owned);
            if let Some(why) = job["status"]["quarantine"]["error"]["message"].as_str() {
                panic!("the job is in quarantine: {why}");
            }
            if let Some(cycle) =
                cycle.filter(|cycle| job["status"]["code"] == "Active" && Some(cycle.as_str()) != after)
            {
                return cycle;
            }
            assert!(clock.elapsed() < PATIENCE, "no cycle was completed: {job:#}");
            clock.sleep(LOOK_AGAIN).await;
        }
    }

    /// Entries of the provisioning log that are not skips, newest first, down to the newest of these cycles.
    pub(crate) async fn writes_after(&self, client: &GraphClient, cycles: &[String]) -> Vec<Value> {
        let filter = encode(&format!("jobId eq '{}'", self.id));
        let mut next = Some(format!("/auditLogs/provisioning?$filter={filter}&$top=200"));
        let mut found = Vec::new();
        while let Some(path) = next {
            let page = client.get(&path).await.expect("the log");
            next = page["@odata.nextLink"].as_str().map(str::to_owned);
            for entry in page["value"].as_array().expect("entries") {
                if cycles.iter().any(|cycle| entry["cycleId"] == cycle.as_str()) {
                    return found;
                }
                if entry["provisioningStatusInfo"]["status"] != "skipped" {
                    found.push(entry.clone());
                }
            }
        }
        found
    }

    /// Waits until the log holds so many writes outside these cycles, and no more come.
    pub(crate) async fn wait_for_writes(
        &self,
        client: &GraphClient,
        cycles: &[String],
        count: usize,
    ) -> Vec<Value> {
        let clock = SystemClock::new();
        let mut before = usize::MAX;
        loop {
            let entries = self.writes_after(client, cycles).await;
            if entries.len() >= count && entries.len() == before {
                return entries;
            }
            before = entries.len();
            assert!(clock.elapsed() < PATIENCE, "{} of {count} entries came: {entries:#?}", entries.len());
            // Longer than changes are gathered, so that another cycle would show.
            clock.sleep(Duration::from_millis(1500)).await;
        }
    }
}
