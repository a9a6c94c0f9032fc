//! A directory, a job and a sample application in one process.

#![allow(dead_code, clippy::allow_attributes, reason = "each test binary uses its part")]

use std::sync::Arc;

use provisor_connectors::directory::{DirectorySource, Entitlement};
use provisor_connectors::scim::ScimTarget;
use provisor_engine::clock::{Clock, SystemClock};
use provisor_engine::cycle::{Environment, Observer, Options as CycleOptions, Report, run};
use provisor_engine::decide::Policy;
use provisor_engine::ids::{Ids, SeededIds};
use provisor_engine::job::JobState;
use provisor_engine::limiter::Limiter;
use provisor_engine::log::LogEntry;
use provisor_engine::object::Anchor;
use provisor_engine::ports::{AttributeType, JobKey, Store as _, Target};
use provisor_engine::schema::definition::{
    AttributeDefinition, AttributeMapping, Definition, Directory as DirectoryDefinition, ObjectDefinition,
    ObjectMapping, Rule,
};
use provisor_engine::schema::{Schema, compile};
use provisor_sample_app::{Options as AppOptions, SampleApp, Stats, StatsHandle};
use provisor_scim::{HttpClient, HttpOptions, Query, ScimClient};
use provisor_store::directory::{
    Assignment, Directory, EdgeKind, IndexedKeys, NewEdge, NewObject, ObjectChange, ObjectKind,
};
use provisor_store::jobs::{Jobs as _, NewJob};
use provisor_store::log::{Log as _, LogQuery};
use provisor_store::master_key::MasterKey;
use provisor_store::sqlite::{Options, SqliteStore};
use secrecy::SecretString;
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const TOKEN: &str = "secret-of-the-target";

pub(crate) struct World {
    pub(crate) store: Arc<SqliteStore>,
    pub(crate) job: JobKey,
    service_principal: Uuid,
    environment: Environment,
    client: ScimClient,
    stats: StatsHandle,
    ids: Arc<dyn Ids>,
    clock: Arc<dyn Clock>,
    _folder: TempDir,
}

pub(crate) struct Nobody;

impl Observer for Nobody {
    fn expected(&self, _total: u64) {}
    fn settled(&self, _count: u64) {}
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(true, &definition()).await
    }

    pub(crate) async fn assigned_only() -> Self {
        Self::with(false, &definition()).await
    }

    /// A world whose schema is another one.
    pub(crate) async fn of(change: impl FnOnce(&mut Definition)) -> Self {
        let mut definition = definition();
        change(&mut definition);
        Self::with(true, &definition).await
    }

    async fn with(sync_all: bool, definition: &Definition) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
        let ids: Arc<dyn Ids> = Arc::new(SeededIds::from_seed(7, Arc::clone(&clock)));
        let options = Options {
            path: folder.path().join("store.sqlite"),
            master_key: MasterKey::from_bytes(&[7; 32]).expect("a key"),
            synchronous: Default::default(),
        };
        let store = Arc::new(SqliteStore::open(options).expect("a store"));
        let service_principal = ids.uuid();
        let principal = NewObject {
            id: service_principal,
            kind: ObjectKind::ServicePrincipal,
            properties: Map::new(),
            keys: IndexedKeys::default(),
            created: clock.now(),
            edges: Vec::new(),
        };
        Directory::create(store.as_ref(), principal).await.expect("a service principal");
        let job = store
            .create_job(NewJob {
                id: "job".into(),
                service_principal,
                template_id: "scim".into(),
                state: JobState::new(std::time::Duration::from_secs(60)),
                settings: Vec::new(),
            })
            .await
            .expect("a job")
            .key;
        let (client, stats) = application(&clock, &ids).await;
        let schema = Arc::new(compile(definition).expect("a schema"));
        let shapes: Vec<_> = schema.mappings.iter().map(|mapping| &mapping.target).collect();
        let target =
            ScimTarget::new(client.clone(), &shapes, Arc::clone(&clock), Arc::clone(&ids)).expect("a target");
        let entitlement =
            if sync_all { Entitlement::Everybody } else { Entitlement::AssignedTo(service_principal) };
        let environment = Environment {
            source: Arc::new(DirectorySource::new(Arc::clone(&store) as Arc<dyn Directory>, entitlement)),
            target: Arc::new(target),
            store: Arc::clone(&store) as _,
            clock: Arc::clone(&clock),
            ids: Arc::clone(&ids),
            limiter: Arc::new(Limiter::new(Arc::clone(&clock), 16)),
            schema,
            policy: Policy { sync_all, ..Policy::default() },
            job,
            lease: store.acquire(job).await.expect("a lease"),
        };
        Self { store, job, service_principal, environment, client, stats, ids, clock, _folder: folder }
    }

    pub(crate) fn now(&self) -> jiff::Timestamp {
        self.clock.now()
    }

    pub(crate) fn stats(&self) -> Stats {
        self.stats.read()
    }

    /// The same world with another target in front of the real one, and the store as it is now.
    pub(crate) async fn environment_with(
        &self,
        clock: Arc<dyn Clock>,
        wrap: impl FnOnce(Arc<dyn Target>) -> Arc<dyn Target>,
    ) -> Environment {
        Environment {
            target: wrap(Arc::clone(&self.environment.target)),
            limiter: Arc::new(Limiter::new(Arc::clone(&clock), 16)),
            lease: self.store.acquire(self.job).await.expect("a lease"),
            clock,
            ..self.environment.clone()
        }
    }

    /// Sets how the job treats objects out of scope.
    pub(crate) fn keep_out_of_scope(&mut self) {
        self.environment.policy.skip_out_of_scope_deletions = true;
    }

    pub(crate) async fn cycle(&self) -> Report {
        self.cycle_in_pages_of(CycleOptions::default().page).await
    }

    pub(crate) async fn cycle_in_pages_of(&self, page: usize) -> Report {
        let stop = CancellationToken::new();
        let options = CycleOptions { page, ..CycleOptions::default() };
        // Another environment may have taken the job over meanwhile.
        let lease = self.store.acquire(self.job).await.expect("a lease");
        let environment = Environment { lease, ..self.environment.clone() };
        run(&environment, options, &stop, &Nobody).await.expect("a cycle")
    }

    pub(crate) async fn log(&self) -> Vec<LogEntry> {
        let query = LogQuery { ascending: true, limit: 1000, ..LogQuery::default() };
        self.store.log(query).await.expect("the log").into_iter().map(|row| row.entry).collect()
    }

    async fn create(&self, kind: ObjectKind, properties: Value) -> Uuid {
        let Value::Object(properties) = properties else { panic!("an object") };
        let unique = properties.get("userPrincipalName").and_then(Value::as_str);
        let keys = IndexedKeys {
            unique: unique.map(|name| ("userPrincipalName", name.to_lowercase())),
            name: properties["displayName"].as_str().map(str::to_lowercase),
            ..IndexedKeys::default()
        };
        let id = self.ids.uuid();
        let object = NewObject { id, kind, properties, keys, created: self.now(), edges: Vec::new() };
        Directory::create(self.store.as_ref(), object).await.expect("an object");
        id
    }

    pub(crate) async fn user(&self, name: &str, display_name: &str) -> Uuid {
        let properties =
            json!({ "userPrincipalName": name, "displayName": display_name, "accountEnabled": true });
        self.create(ObjectKind::User, properties).await
    }

    pub(crate) async fn group(&self, display_name: &str) -> Uuid {
        self.create(ObjectKind::Group, json!({ "displayName": display_name })).await
    }

    pub(crate) async fn set(&self, id: Uuid, property: &str, value: Value) {
        let object = Directory::get(self.store.as_ref(), id).await.expect("the store").expect("the object");
        let mut properties: Map<String, Value> = object.properties.into_map();
        properties.insert(property.to_owned(), value);
        let change = ObjectChange { properties, keys: IndexedKeys::default(), edges: Vec::new() };
        Directory::update(self.store.as_ref(), id, change).await.expect("an update");
    }

    pub(crate) async fn relate(&self, from: Uuid, kind: EdgeKind, to: Uuid) {
        assert!(self.store.add_edge(from, NewEdge { kind, to }).await.expect("an edge"));
    }

    pub(crate) async fn unrelate(&self, from: Uuid, kind: EdgeKind, to: Uuid) {
        assert!(self.store.remove_edge(from, NewEdge { kind, to }).await.expect("an edge"));
    }

    pub(crate) async fn assign(&self, principal: Uuid) -> String {
        let object = Directory::get(self.store.as_ref(), principal).await.expect("the store").expect("it");
        let assignment = Assignment {
            key: 0,
            id: self.ids.uuid().to_string(),
            role: Uuid::nil(),
            principal,
            principal_kind: object.kind,
            resource: self.service_principal,
            created: self.now(),
        };
        self.store.assign(assignment).await.expect("an assignment").id
    }

    pub(crate) async fn unassign(&self, assignment: &str) {
        assert!(self.store.unassign(assignment).await.expect("the store"));
    }

    /// The anchors of all users.
    pub(crate) async fn anchors(&self) -> Vec<Anchor> {
        let page = self.log().await;
        let ids = page.iter().map(|entry| entry.source.id.clone());
        ids.collect::<std::collections::BTreeSet<_>>().into_iter().map(Anchor::new).collect()
    }

    /// The schema with the mapping of users disabled.
    pub(crate) fn schema_without_users(&self) -> Schema {
        let mut definition = definition();
        definition.rules[0].mappings[0].enabled = false;
        compile(&definition).expect("a schema")
    }

    pub(crate) async fn target(&self, endpoint: &str) -> Vec<Value> {
        let query = Query { count: Some(1000), ..Query::default() };
        let answer: Value =
            self.client.query(endpoint, &query).await.expect("an answer").json().expect("JSON");
        answer["Resources"].as_array().cloned().unwrap_or_default()
    }

    pub(crate) async fn create_in_target(&self, endpoint: &str, body: &Value) {
        let answer = self.client.create(endpoint, body.to_string().into()).await.expect("an answer");
        assert_eq!(answer.status, 201, "{answer:?}");
    }

    pub(crate) async fn delete_in_target(&self, endpoint: &str, id: &str) {
        assert_eq!(self.client.delete(endpoint, id, None).await.expect("an answer").status, 204);
    }
}

async fn application(clock: &Arc<dyn Clock>, ids: &Arc<dyn Ids>) -> (ScimClient, StatsHandle) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let (clock, ids) = (Arc::clone(clock), Arc::clone(ids));
    let mut options = AppOptions::new(move || clock.now(), move || ids.uuid());
    let token = SecretString::from(TOKEN);
    options.token = Some(token.clone());
    let app = SampleApp::new(listener, options).expect("an application");
    let http = HttpClient::new(HttpOptions::default()).expect("a client");
    let client = ScimClient::new(http, app.base_url(), Some(&token)).expect("a client");
    let stats = app.stats();
    tokio::spawn(app.run(std::future::pending()));
    (client, stats)
}

fn attribute(name: &str) -> AttributeDefinition {
    AttributeDefinition { name: name.into(), ..AttributeDefinition::default() }
}

fn reference(name: &str, multivalued: bool) -> AttributeDefinition {
    AttributeDefinition { attribute_type: AttributeType::Reference, multivalued, ..attribute(name) }
}

pub(crate) fn mapped(target: &str, expression: &str, matching_priority: i32) -> AttributeMapping {
    AttributeMapping {
        target: target.into(),
        expression: Some(expression.into()),
        matching_priority,
        ..AttributeMapping::default()
    }
}

/// The mappings of people and of groups.
fn mappings(manager: &str) -> Vec<ObjectMapping> {
    let user = ObjectMapping {
        name: "users".into(),
        enabled: true,
        source_object: "User".into(),
        target_object: ENTERPRISE.into(),
        attributes: vec![
            mapped("userName", "[userPrincipalName]", 1),
            mapped("active", r#"Switch([IsSoftDeleted], , "False", "True", "True", "False")"#, 0),
            mapped("displayName", "[displayName]", 0),
            mapped(manager, "[manager]", 0),
        ],
        ..ObjectMapping::default()
    };
    let group = ObjectMapping {
        name: "groups".into(),
        enabled: true,
        source_object: "Group".into(),
        target_object: GROUP.into(),
        attributes: vec![
            mapped("displayName", "[displayName]", 1),
            mapped("externalId", "[objectId]", 0),
            mapped("members", "[members]", 0),
        ],
        ..ObjectMapping::default()
    };
    vec![user, group]
}

fn definition() -> Definition {
    let object = |name: &str, attributes: Vec<AttributeDefinition>, soft_deletion| ObjectDefinition {
        name: name.into(),
        attributes,
        soft_deletion,
        ..ObjectDefinition::default()
    };
    let manager = format!("{ENTERPRISE}:manager");
    let source = vec![
        object(
            "User",
            vec![
                attribute("userPrincipalName"),
                attribute("displayName"),
                attribute("department"),
                reference("manager", false),
            ],
            None,
        ),
        object(
            "Group",
            vec![attribute("objectId"), attribute("displayName"), reference("members", true)],
            None,
        ),
    ];
    let active = AttributeDefinition { attribute_type: AttributeType::Boolean, ..attribute("active") };
    let user_attributes = ["userName", "displayName", "title", "nickName"]
        .map(attribute)
        .into_iter()
        .chain([active, reference(&manager, false)]);
    let group_attributes =
        vec![attribute("displayName"), attribute("externalId"), reference("members", true)];
    let target = vec![
        object(ENTERPRISE, user_attributes.collect(), None),
        object(GROUP, group_attributes, Some(false)),
    ];
    Definition {
        rules: vec![Rule {
            id: "rule".into(),
            source_directory: "source".into(),
            target_directory: "target".into(),
            mappings: mappings(&manager),
            ..Rule::default()
        }],
        directories: vec![
            DirectoryDefinition { name: "source".into(), objects: source },
            DirectoryDefinition { name: "target".into(), objects: target },
        ],
    }
}
