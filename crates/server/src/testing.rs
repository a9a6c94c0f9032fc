//! The whole API in memory, for tests: a clock that stands still, seeded ids, a store in a temporary folder,
//! and a runtime that only remembers what it was asked.

mod conformance;
mod csdl;
mod dump;
pub(crate) mod socket;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Uri};
use http_body_util::Full;
use jiff::Timestamp;
use provisor_engine::clock::Clock;
use provisor_engine::ids::{Ids, SeededIds};
use provisor_engine::log::LogEntry;
use provisor_engine::ports::{ConnectorError, JobKey, Reset, StoreError};
use provisor_engine::schema::definition::ObjectDefinition;
use provisor_scim::{ClientError, HttpClient, HttpOptions};
use provisor_store::ServerStore;
use provisor_store::master_key::MasterKey;
use provisor_store::secrets::Secret;
use provisor_store::sqlite::{Options, SqliteStore, Synchronous};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value as Json, json};

use crate::http::auth::Auth;
use crate::http::body::{Upload, read};
use crate::http::throttle::Throttle;
use crate::identity::Authority;
use crate::identity::authority::Parts;
use crate::identity::outside::{OutsideIssuers, TrustedIssuer};
use crate::runtime::{OnDemandError, Progress, Runtime, Subject, TokenAnswer};
use crate::state::{ApiState, Limits, ObjectLocks, Tenant};
use crate::tls::Acceptor;

/// A clock that stands still until it is turned.
pub(crate) struct FixedClock {
    start: Timestamp,
    since: Mutex<Duration>,
}

impl FixedClock {
    /// Turns it on.
    pub(crate) fn advance(&self, by: Duration) {
        *self.since.lock().unwrap() += by;
    }
}

#[async_trait::async_trait]
impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        self.start + *self.since.lock().unwrap()
    }

    fn elapsed(&self) -> Duration {
        *self.since.lock().unwrap()
    }

    async fn sleep(&self, _: Duration) {}
}

/// A runtime that remembers what it was asked, and answers what it was told to.
#[derive(Default)]
pub(crate) struct FakeRuntime {
    pub(crate) calls: Mutex<Vec<String>>,
    pub(crate) refusal: Mutex<Option<ConnectorError>>,
    pub(crate) entry: Mutex<Option<LogEntry>>,
    pub(crate) progress: Mutex<Option<Progress>>,
    /// The status and body that a token endpoint answers.
    pub(crate) token: Mutex<Option<(u16, Json)>>,
    pub(crate) discovered: Mutex<Vec<ObjectDefinition>>,
}

impl FakeRuntime {
    fn record(&self, call: String) {
        self.calls.lock().unwrap().push(call);
    }

    /// The calls since the last time, oldest first.
    pub(crate) fn take_calls(&self) -> Vec<String> {
        std::mem::take(&mut self.calls.lock().unwrap())
    }
}

#[async_trait::async_trait]
impl Runtime for FakeRuntime {
    fn wake(&self, job: JobKey) {
        self.record(format!("wake {}", job.0));
    }

    async fn stop(&self, job: JobKey) {
        self.record(format!("stop {}", job.0));
    }

    async fn restart(&self, job: JobKey, reset: Reset) -> Result<(), StoreError> {
        let Reset { links, escrows, watermark } = reset;
        self.record(format!("restart {} links={links} escrows={escrows} watermark={watermark}", job.0));
        Ok(())
    }

    fn progress(&self, _: JobKey) -> Option<Progress> {
        *self.progress.lock().unwrap()
    }

    async fn validate(&self, secrets: Vec<Secret>) -> Result<(), ConnectorError> {
        let pairs: Vec<String> =
            secrets.iter().map(|secret| format!("{}={}", secret.key, secret.value.expose_secret())).collect();
        self.record(format!("validate {}", pairs.join(" ")));
        self.refusal.lock().unwrap().take().map_or(Ok(()), Err)
    }

    async fn discover(&self, secrets: Vec<Secret>) -> Result<Vec<ObjectDefinition>, ConnectorError> {
        let keys: Vec<&str> = secrets.iter().map(|secret| secret.key.as_str()).collect();
        self.record(format!("discover {}", keys.join(" ")));
        let refusal = self.refusal.lock().unwrap().take();
        refusal.map_or_else(|| Ok(self.discovered.lock().unwrap().clone()), Err)
    }

    async fn exchange(&self, endpoint: Uri, form: SecretString) -> Result<TokenAnswer, ClientError> {
        self.record(format!("exchange {endpoint} {}", form.expose_secret()));
        let (status, body) = self.token.lock().unwrap().take().expect("a token is prepared");
        Ok(TokenAnswer { status, body: body.to_string().into() })
    }

    async fn provision(&self, job: JobKey, subject: Subject) -> Result<LogEntry, OnDemandError> {
        self.record(format!("provision {} {} {}", job.0, subject.object_type, subject.object));
        let entry = self.entry.lock().unwrap().clone();
        entry.ok_or_else(|| OnDemandError::BadRequest("nothing was prepared".into()))
    }
}

/// An answer of the API.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    /// The body as JSON; null when there is none.
    pub(crate) fn json(&self) -> Json {
        if self.text.is_empty() {
            return Json::Null;
        }
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// `error.code` and `error.message`.
    pub(crate) fn error(&self) -> (String, String) {
        let json = self.json();
        let text = |member: &str| json["error"][member].as_str().unwrap_or("").to_owned();
        (text("code"), text("message"))
    }
}

/// The API with a store of its own.
pub(crate) struct TestApp {
    pub(crate) state: Arc<ApiState>,
    pub(crate) runtime: Arc<FakeRuntime>,
    pub(crate) clock: Arc<FixedClock>,
    folder: tempfile::TempDir,
}

/// The address that clients call it by.
pub(crate) const BASE: &str = "https://graph.example";
/// The bearer token of test requests.
pub(crate) const TOKEN: &str = "test-token";
/// The application template of every application that is not in a gallery.
pub(crate) const CUSTOM: &str = "8adf8e6e-67b2-4cf2-a259-e3dc5476c621";

impl TestApp {
    pub(crate) async fn new() -> Self {
        Self::with(Some(BASE), Vec::new(), None)
    }

    /// The same, which trusts these issuers of tokens.
    pub(crate) async fn trusting(issuers: Vec<TrustedIssuer>) -> Self {
        Self::with(Some(BASE), issuers, None)
    }

    /// The same over TLS, called by any name.
    pub(crate) async fn over_tls(acceptor: Acceptor) -> Self {
        Self::with(None, Vec::new(), Some(acceptor))
    }

    fn with(base: Option<&str>, issuers: Vec<TrustedIssuer>, tls: Option<Acceptor>) -> Self {
        let start = "2026-03-04T09:12:44.1234567Z".parse().unwrap();
        let clock = Arc::new(FixedClock { start, since: Mutex::default() });
        Self::on(tempfile::tempdir().unwrap(), clock, base, issuers, tls)
    }

    /// The same data in a new process.
    pub(crate) fn restarted(self) -> Self {
        let Self { state, runtime, clock, folder } = self;
        drop((state, runtime));
        Self::on(folder, clock, Some(BASE), Vec::new(), None)
    }

    fn on(
        folder: tempfile::TempDir,
        clock: Arc<FixedClock>,
        base: Option<&str>,
        issuers: Vec<TrustedIssuer>,
        tls: Option<Acceptor>,
    ) -> Self {
        let start = clock.now();
        let ids = Arc::new(SeededIds::from_seed(7, Arc::clone(&clock) as Arc<dyn Clock>));
        let runtime = Arc::new(FakeRuntime::default());
        let store = open_store(&folder);
        let tenant = Tenant {
            id: "6f0b2c7a-9d3e-4f51-8c2a-0b1d2e3f4a5b".parse().unwrap(),
            display_name: "Contoso".into(),
            domain: "contoso.example".into(),
            created: start,
        };
        let authority = Authority::new(Parts {
            store: Arc::clone(&store),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            ids: Arc::clone(&ids) as Arc<dyn Ids>,
            tenant: tenant.clone(),
            public_url: base.map(str::to_owned),
            audiences: vec!["api://provisor".into()],
            outside: OutsideIssuers::new(issuers, &HttpClient::new(HttpOptions::default()).unwrap()).unwrap(),
        });
        let state = Arc::new(ApiState {
            store,
            runtime: Arc::clone(&runtime) as Arc<dyn Runtime>,
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            ids,
            tenant,
            public_url: base.map(str::to_owned),
            auth: Auth::Token(SecretString::from(TOKEN)),
            refuse_as_graph: false,
            trusted_proxies: Vec::new(),
            throttle: Throttle::new(&[], &(Arc::clone(&clock) as Arc<dyn Clock>)),
            authority,
            tls,
            limits: Limits::default(),
            job_interval: Duration::from_secs(40 * 60),
            locks: ObjectLocks::default(),
        });
        Self { state, runtime, clock, folder }
    }

    /// Sends a request as it is.
    pub(crate) async fn send(&self, request: Request<Full<Bytes>>) -> Answer {
        let path = request.uri().path().to_owned();
        let response = crate::http::handle(Arc::clone(&self.state), request).await;
        let (head, body) = response.into_parts();
        let bytes = read(&http::HeaderMap::new(), &mut Upload::new(body), 64 << 20).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let answer = Answer { status: head.status.as_u16(), headers: head.headers, text };
        conformance::check(&path, &answer);
        answer
    }

    /// Sends an authorised request; a path without a version is one of v1.0.
    pub(crate) async fn call(&self, method: &str, path: &str, body: Option<Json>) -> Answer {
        let path = path.trim_start_matches('/');
        let versioned = path.starts_with("v1.0/") || path.starts_with("beta/");
        let uri = if versioned { format!("/{path}") } else { format!("/v1.0/{path}") };
        let mut request = Request::builder()
            .method(method)
            .uri(uri.replace(' ', "%20"))
            .header("host", "ignored.example")
            .header("authorization", format!("Bearer {TOKEN}"));
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let bytes = body.map_or_else(Bytes::new, |json| json.to_string().into());
        self.send(request.body(Full::new(bytes)).unwrap()).await
    }

    /// As [`Self::call`], with one more header.
    pub(crate) async fn call_with(
        &self,
        method: &str,
        path: &str,
        body: Option<Json>,
        (name, value): (&str, &str),
    ) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(format!("/v1.0/{path}").replace(' ', "%20").replace('"', "%22"))
            .header("authorization", format!("Bearer {TOKEN}"))
            .header("content-type", "application/json")
            .header(name, value);
        let bytes = body.map_or_else(Bytes::new, |json| json.to_string().into());
        self.send(request.body(Full::new(bytes)).unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, None).await
    }

    /// The JSON of a GET that must succeed.
    pub(crate) async fn read(&self, path: &str) -> Json {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "GET {path}: {}", answer.text);
        answer.json()
    }

    /// A write that must give this status; gives the body.
    pub(crate) async fn write(&self, method: &str, path: &str, body: Json, status: u16) -> Json {
        let answer = self.call(method, path, Some(body)).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text);
        answer.json()
    }

    /// A new user's id.
    pub(crate) async fn user(&self, name: &str) -> String {
        let user = json!({"accountEnabled": true, "displayName": name, "mailNickname": name,
            "userPrincipalName": format!("{name}@contoso.example")});
        text(&self.write("POST", "users", user, 201).await["id"])
    }

    /// A new group's id.
    pub(crate) async fn group(&self, name: &str) -> String {
        let group = json!({"displayName": name, "mailEnabled": false, "mailNickname": name,
            "securityEnabled": true});
        text(&self.write("POST", "groups", group, 201).await["id"])
    }

    /// A new non-gallery application with its service principal.
    pub(crate) async fn application(&self) -> Application {
        let path = format!("applicationTemplates/{CUSTOM}/instantiate");
        let made = self.write("POST", &path, json!({"displayName": "People Directory"}), 201).await;
        Application {
            id: text(&made["application"]["id"]),
            app_id: text(&made["application"]["appId"]),
            sp: text(&made["servicePrincipal"]["id"]),
        }
    }

    /// A new job's id.
    pub(crate) async fn job(&self, application: &Application) -> String {
        let path = format!("servicePrincipals/{}/synchronization/jobs", application.sp);
        text(&self.write("POST", &path, json!({"templateId": "customappsso"}), 201).await["id"])
    }
}

fn open_store(folder: &tempfile::TempDir) -> Arc<dyn ServerStore> {
    let options = Options {
        path: folder.path().join("provisor.db"),
        master_key: MasterKey::from_bytes(&[7; 32]).unwrap(),
        synchronous: Synchronous::Full,
    };
    Arc::new(SqliteStore::open(options).unwrap())
}

/// The ids of an application and its service principal.
pub(crate) struct Application {
    pub(crate) id: String,
    pub(crate) app_id: String,
    pub(crate) sp: String,
}

/// The text of a JSON string.
pub(crate) fn text(json: &Json) -> String {
    json.as_str().unwrap_or_else(|| panic!("not a text: {json}")).to_owned()
}
