//! Whole conversations over a loopback socket, with the SCIM client.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use bytes::Bytes;
use provisor_scim::resource::{ENTERPRISE_USER_SCHEMA, GROUP_SCHEMA, USER_SCHEMA};
use provisor_scim::{HttpClient, HttpOptions, ListResponse, Query, Response, ScimClient};
use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::*;

struct Running {
    scim: ScimClient,
    stats: StatsHandle,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Running {
    async fn stop(self) {
        drop(self.scim);
        self.stop.send(()).unwrap();
        self.task.await.unwrap();
    }

    async fn create(&self, resource: &str, body: Value) -> Value {
        let response = self.scim.create(resource, bytes(&body)).await.unwrap();
        assert_eq!(response.status, 201, "{:?}", response.error());
        response.json().unwrap()
    }

    async fn list(&self, resource: &str, filter: &str) -> ListResponse {
        let query = Query { filter: Some(filter), ..Query::default() };
        let response = self.scim.query(resource, &query).await.unwrap();
        assert_eq!(response.status, 200, "{filter}: {:?}", response.error());
        response.json().unwrap()
    }

    async fn patch(&self, resource: &str, user: &Value, operations: Value) -> Response {
        let body = json!({"schemas": [provisor_scim::patch::PATCH_OP_SCHEMA], "Operations": operations});
        self.scim.patch(resource, id(user), bytes(&body), None).await.unwrap()
    }
}

fn bytes(value: &Value) -> Bytes {
    value.to_string().into()
}

fn id(resource: &Value) -> &str {
    resource["id"].as_str().unwrap()
}

fn options() -> Options {
    let (seconds, ids) = (AtomicI64::new(1_000_000_000), AtomicU64::new(0));
    Options::new(
        move || Timestamp::from_second(seconds.fetch_add(1, Ordering::Relaxed)).unwrap(),
        move || Uuid::from_u128(u128::from(ids.fetch_add(1, Ordering::Relaxed))),
    )
}

fn client(base_url: &str, token: Option<&str>) -> ScimClient {
    let http = HttpClient::new(HttpOptions { system_roots: false, ..HttpOptions::default() }).unwrap();
    ScimClient::new(http, base_url, token.map(SecretString::from).as_ref()).unwrap()
}

async fn start(options: Options) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let token = options.token.clone();
    let app = SampleApp::new(listener, options).unwrap();
    let http = HttpClient::new(HttpOptions { system_roots: false, ..HttpOptions::default() }).unwrap();
    let scim = ScimClient::new(http, app.base_url(), token.as_ref()).unwrap();
    let stats = app.stats();
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(app.run(async {
        let _ = stopped.await;
    }));
    Running { scim, stats, stop, task }
}

fn refusal(response: &Response) -> (u16, String) {
    let error = response.error().expect("an error");
    (error.status, error.scim_type.map(|kind| kind.to_string()).unwrap_or_default())
}

#[tokio::test]
async fn a_user_lives_from_create_to_delete() {
    let app = start(options()).await;
    let user = json!({"schemas": [USER_SCHEMA], "userName": "ada", "externalId": "7", "active": true,
        "password": "never returned", ENTERPRISE_USER_SCHEMA: {"manager": {"value": "m"}}});
    let created = app.scim.create("Users", bytes(&user)).await.unwrap();
    assert_eq!((created.status.as_u16(), created.etag()), (201, Some("W/\"1\"")));
    let user: Value = created.json().unwrap();
    assert_eq!(created.location(), user["meta"]["location"].as_str());
    let base = app.scim.base_url();
    insta::assert_snapshot!(user.to_string().replace(&base, "BASE"), @r#"{"active":true,"externalId":"7","id":"00000000-0000-0000-0000-000000000000","meta":{"created":"2001-09-09T01:46:40.000Z","lastModified":"2001-09-09T01:46:40.000Z","location":"BASE/Users/00000000-0000-0000-0000-000000000000","resourceType":"User","version":"W/\"1\""},"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"value":"m"}},"userName":"ada"}"#);

    let read = app.scim.fetch("Users", id(&user), &Query::default()).await.unwrap();
    assert_eq!(read.json::<Value>().unwrap(), user);

    let replacement = bytes(&json!({"userName": "Ada", "title": "Countess"}));
    let stale = app.scim.put("Users", id(&user), replacement.clone(), Some("W/\"9\"")).await.unwrap();
    assert_eq!(refusal(&stale).0, 412);
    let put = app.scim.put("Users", id(&user), replacement.clone(), Some("W/\"1\"")).await.unwrap();
    assert_eq!((put.status.as_u16(), put.etag()), (200, Some("W/\"2\"")));
    let put: Value = put.json().unwrap();
    assert_eq!((&put["userName"], &put["active"]), (&json!("Ada"), &Value::Null));
    assert_eq!(put["meta"]["created"], user["meta"]["created"]);
    assert_ne!(put["meta"]["lastModified"], user["meta"]["lastModified"]);
    let again = app.scim.put("Users", id(&user), replacement, None).await.unwrap();
    assert_eq!(again.etag(), Some("W/\"2\""), "what changes nothing is no new version");

    assert_eq!(app.scim.delete("Users", id(&user), None).await.unwrap().status, 204);
    assert_eq!(app.scim.delete("Users", id(&user), None).await.unwrap().status, 404);
    assert_eq!(app.scim.fetch("Users", id(&user), &Query::default()).await.unwrap().status, 404);
    let expected = Stats { requests: 8, creates: 1, patches: 0, puts: 3, deletes: 2, queries: 0, gets: 2 };
    assert_eq!(app.stats.read(), expected);
    app.stop().await;
}

#[tokio::test]
async fn unique_values_are_taken_once() {
    let app = start(options()).await;
    let ada = app.create("Users", json!({"userName": "Ada"})).await;
    let bob = app.create("Users", json!({"userName": "bob"})).await;
    let group = app.create("Groups", json!({"displayName": "Staff"})).await;
    let twin = app.scim.create("Users", bytes(&json!({"userName": "ADA"}))).await.unwrap();
    assert_eq!(refusal(&twin), (409, "uniqueness".into()));
    let twin = app.scim.create("Groups", bytes(&json!({"displayName": "staff"}))).await.unwrap();
    assert_eq!(refusal(&twin), (409, "uniqueness".into()));
    let taken =
        app.patch("Users", &bob, json!([{"op": "replace", "path": "userName", "value": "ada"}])).await;
    assert_eq!(refusal(&taken), (409, "uniqueness".into()));
    let own = app.patch("Users", &ada, json!([{"op": "replace", "path": "userName", "value": "ADA"}])).await;
    assert_eq!(own.status, 200);
    app.scim.delete("Users", id(&ada), None).await.unwrap();
    let free = app.patch("Users", &bob, json!([{"op": "replace", "path": "userName", "value": "ada"}])).await;
    assert_eq!(free.status, 200);
    assert_eq!(app.list("Users", "userName eq \"bob\"").await.total_results, 0);
    assert_eq!(app.list("Groups", "displayName eq \"STAFF\"").await.resources, [group]);
    app.stop().await;
}

#[tokio::test]
async fn values_of_the_wrong_type_are_refused() {
    let app = start(options()).await;
    for body in [
        json!({"userName": "x", "active": "True"}),
        json!({"userName": "x", ENTERPRISE_USER_SCHEMA: {"manager": "7"}}),
        json!({"active": true}),
        json!({"userName": "x", "schemas": [GROUP_SCHEMA]}),
        json!({"userName": "x", "emails": [{"value": "a", "primary": true}, {"value": "b", "primary": true}]}),
    ] {
        let response = app.scim.create("Users", bytes(&body)).await.unwrap();
        assert_eq!(refusal(&response), (400, "invalidValue".into()), "{body}");
    }
    let user = app.create("Users", json!({"userName": "ada"})).await;
    let manager = format!("{ENTERPRISE_USER_SCHEMA}:manager");
    for (operation, kind) in [
        (json!({"op": "Replace", "path": "active", "value": "False"}), "invalidValue"),
        (json!({"op": "Add", "path": manager, "value": "7"}), "invalidValue"),
        (json!({"op": "replace", "path": "userName", "value": ""}), "invalidValue"),
        (json!({"op": "replace", "path": "schemas", "value": [GROUP_SCHEMA]}), "invalidValue"),
        (json!({"op": "remove", "path": "userName"}), "mutability"),
        (json!({"op": "replace", "value": {"userName": null}}), "mutability"),
        (json!({"op": "replace", "path": "name.foo", "value": "x"}), "invalidPath"),
    ] {
        let response = app.patch("Users", &user, json!([operation])).await;
        assert_eq!(refusal(&response), (400, kind.into()), "{operation}");
    }
    let read: Value = app.scim.fetch("Users", id(&user), &Query::default()).await.unwrap().json().unwrap();
    assert_eq!(read, user, "a refused change leaves no trace");
    app.stop().await;
}

#[tokio::test]
async fn changes_in_both_dialects_are_applied() {
    let app = start(options()).await;
    let user = app.create("Users", json!({"userName": "ada", "active": true})).await;
    let department = format!("{ENTERPRISE_USER_SCHEMA}:department");
    let manager = format!("{ENTERPRISE_USER_SCHEMA}:manager.value");
    let response = app
        .patch(
            "Users",
            &user,
            json!([
                {"op": "Add", "path": "emails[type eq \"work\"].value", "value": "ada@example.com"},
                {"op": "Replace", "value": {"active": false, "name.givenName": "Ada", department: "Maths"}},
                {"op": "Add", "path": manager, "value": "7"},
                {"op": "Add", "path": "roles[primary eq \"True\"].value", "value": "admin"}
            ]),
        )
        .await;
    assert_eq!((response.status.as_u16(), response.etag()), (200, Some("W/\"2\"")));
    let after: Value = response.json().unwrap();
    assert_eq!(after["emails"], json!([{"type": "work", "value": "ada@example.com"}]));
    assert_eq!(after["roles"], json!([{"primary": true, "value": "admin"}]));
    assert_eq!(after[ENTERPRISE_USER_SCHEMA], json!({"department": "Maths", "manager": {"value": "7"}}));
    assert_eq!((&after["active"], &after["name"]), (&json!(false), &json!({"givenName": "Ada"})));
    let missing = json!([{"op": "replace", "path": "phoneNumbers[type eq \"work\"].value", "value": "1"}]);
    assert_eq!(refusal(&app.patch("Users", &user, missing).await), (400, "noTarget".into()));
    let nothing = json!([{"op": "replace", "path": "active", "value": false}]);
    assert_eq!(app.patch("Users", &user, nothing).await.etag(), Some("W/\"2\""));
    app.stop().await;
}

#[tokio::test]
async fn what_was_known_of_a_former_manager_goes_with_it() {
    let app = start(options()).await;
    let manager = format!("{ENTERPRISE_USER_SCHEMA}:manager");
    let id_of = format!("{manager}.value");
    let extension = |value: Value| json!({"op": "Replace", "value": {ENTERPRISE_USER_SCHEMA: value}});
    for (number, (operation, expected)) in [
        (json!({"op": "Replace", "path": id_of, "value": "8"}), json!({"value": "8"})),
        (
            json!({"op": "Add", "path": manager, "value": [{"$ref": null, "value": "8"}]}),
            json!({"value": "8"}),
        ),
        (
            extension(json!({"manager": {"value": "8", "displayName": "Boss"}})),
            json!({"value": "8", "displayName": "Boss"}),
        ),
        (json!({"op": "Replace", "path": id_of, "value": null}), Value::Null),
        (json!({"op": "Replace", "path": manager, "value": {"value": null}}), Value::Null),
        (json!({"op": "Remove", "path": id_of}), Value::Null),
        (
            json!({"op": "Replace", "path": id_of, "value": "7"}),
            json!({"value": "7", "displayName": "Boss", "$ref": "../Users/7"}),
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let former = json!({"value": "7", "displayName": "Boss", "$ref": "../Users/7"});
        let user = json!({"userName": format!("u{number}"), ENTERPRISE_USER_SCHEMA: {"manager": former, "department": "d"}});
        let user = app.create("Users", user).await;
        let after: Value = app.patch("Users", &user, json!([operation])).await.json().unwrap();
        assert_eq!(after[ENTERPRISE_USER_SCHEMA]["manager"], expected, "{operation}");
        assert_eq!(after[ENTERPRISE_USER_SCHEMA]["department"], "d");
    }
    app.stop().await;
}

#[tokio::test]
async fn the_new_primary_of_a_change_takes_over() {
    let app = start(options()).await;
    let emails = json!([{"value": "a", "primary": true}, {"value": "b"}]);
    let user = app.create("Users", json!({"userName": "ada", "emails": emails})).await;
    let add = json!([{"op": "Add", "path": "emails", "value": [{"value": "c", "Primary": true}]}]);
    let after: Value = app.patch("Users", &user, add).await.json().unwrap();
    let expected = json!([{"value": "a", "primary": false}, {"value": "b"}, {"value": "c", "primary": true}]);
    assert_eq!(after["emails"], expected);
    let all = json!([{"op": "Replace", "path": "emails.primary", "value": true}]);
    assert_eq!(refusal(&app.patch("Users", &user, all).await), (400, "invalidValue".into()));
    app.stop().await;
}

/// The clock is asked in the middle of a change: one that stands still must not stop the others,
/// which share one thread here.
#[tokio::test]
async fn a_long_change_keeps_nobody_waiting() {
    let (held, release) = (Arc::new(std::sync::atomic::AtomicBool::new(false)), std::sync::mpsc::channel());
    let (release, wait) = (release.0, std::sync::Mutex::new(release.1));
    let (hold, timed_out) = (Arc::clone(&held), Arc::new(std::sync::atomic::AtomicBool::new(false)));
    let gave_up = Arc::clone(&timed_out);
    let clock = move || {
        if hold.load(Ordering::SeqCst) {
            let waited = wait.lock().unwrap().recv_timeout(Duration::from_secs(20));
            gave_up.store(waited.is_err(), Ordering::SeqCst);
        }
        Timestamp::UNIX_EPOCH
    };
    let app = start(Options { clock: Arc::new(clock), ..options() }).await;
    let group = app.create("Groups", json!({"displayName": "g"})).await;
    held.store(true, Ordering::SeqCst);
    let (scim, id) = (app.scim.clone(), id(&group).to_owned());
    let change = tokio::spawn(async move {
        let add = json!({"Operations": [{"op": "add", "path": "members", "value": [{"value": "1"}]}]});
        scim.patch("Groups", &id, bytes(&add), None).await.unwrap().status
    });
    while app.stats.read().patches == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(app.list("Users", "userName eq \"x\"").await.total_results, 0);
    assert!(!change.is_finished());
    release.send(()).unwrap();
    assert_eq!(change.await.unwrap(), 204);
    assert!(!timed_out.load(Ordering::SeqCst), "the query waited for the change");
    app.stop().await;
}

/// Writes a whole request before it reads anything, as simple clients do.
async fn exchange(app: &Running, head: &str, body: usize) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let address = app.scim.base_url();
    let address = address.trim_start_matches("http://").trim_end_matches("/scim/v2");
    let mut socket = TcpStream::connect(address).await.unwrap();
    socket.write_all(format!("{head}\r\nhost: x\r\n\r\n").as_bytes()).await.unwrap();
    socket.write_all(&vec![b' '; body]).await.expect("the server takes the body");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_refused_body_is_taken_before_the_answer() {
    let app = start(options()).await;
    let length = 15 * 1024 * 1024;
    for (path, status) in [("Users", "413"), ("Schemas", "405")] {
        let head = format!("POST /{path} HTTP/1.1\r\nconnection: close\r\ncontent-length: {length}");
        let answer = exchange(&app, &head, length).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
    }
    let close = exchange(&app, &format!("POST /Users HTTP/1.1\r\ncontent-length: {length}"), length).await;
    assert!(close.contains("connection: close\r\n"), "{close}");
    // Who asks first is told without sending anything.
    let asked = format!("POST /Users HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: {length}");
    let answer = exchange(&app, &asked, 0).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    app.stop().await;
}

#[tokio::test]
async fn head_is_answered_as_get_without_a_body() {
    let app = start(options()).await;
    let user = app.create("Users", json!({"userName": "ada"})).await;
    for path in [format!("Users/{}", id(&user)), "Users".into(), "Schemas".into(), "Users/x".into()] {
        let ask = async |method: &str| {
            let answer = exchange(&app, &format!("{method} /{path} HTTP/1.1\r\nconnection: close"), 0).await;
            let (head, body) = answer.split_once("\r\n\r\n").unwrap();
            let lines = head.lines().filter(|line| !line.starts_with("date:"));
            (lines.map(str::to_owned).collect::<Vec<_>>(), body.to_owned())
        };
        let (get, head) = (ask("GET").await, ask("HEAD").await);
        assert_eq!(head.0, get.0, "{path}");
        assert!(head.0.iter().any(|line| line.starts_with("content-length: ")), "{head:?}");
        assert!(!get.1.is_empty() && head.1.is_empty(), "{path}");
    }
    app.stop().await;
}

#[tokio::test]
async fn members_are_kept_as_a_set() {
    let app = start(options()).await;
    let group =
        app.create("Groups", json!({"displayName": "g", "members": [{"value": "1"}, {"value": "1"}]})).await;
    let add = json!([{"op": "Add", "path": "members", "value": [{"$ref": null, "value": "1"}, {"$ref": null, "value": "2"}]}]);
    let changed = app.patch("Groups", &group, add).await;
    assert_eq!((changed.status.as_u16(), changed.etag()), (204, Some("W/\"2\"")));
    let after: Value = app.scim.fetch("Groups", id(&group), &Query::default()).await.unwrap().json().unwrap();
    assert_eq!(after["members"], json!([{"value": "1"}, {"value": "2"}]));
    let both = format!("id eq \"{}\" and members eq \"2\"", id(&group));
    assert_eq!(app.list("Groups", &both).await.total_results, 1);
    let remove = json!([{"op": "Remove", "path": "members", "value": [{"value": "2"}]}]);
    app.patch("Groups", &group, remove).await;
    assert_eq!(app.list("Groups", &both).await.total_results, 0);
    let query = Query { excluded_attributes: Some("members"), ..Query::default() };
    let read: Value = app.scim.fetch("Groups", id(&group), &query).await.unwrap().json().unwrap();
    assert_eq!((&read["members"], &read["displayName"]), (&Value::Null, &json!("g")));
    app.stop().await;
}

#[tokio::test]
async fn filters_find_by_index_and_without() {
    let app = start(options()).await;
    for number in 0..5 {
        let user = json!({"userName": format!("User{number}"), "externalId": format!("X{}", number % 2),
            "displayName": "Same", "emails": [{"type": "work", "value": format!("u{number}@x")}]});
        app.create("Users", user).await;
    }
    for (filter, expected) in [
        ("userName eq \"USER3\"", 1),
        ("userName eq \"User9\"", 0),
        ("externalId eq \"X0\"", 3),
        ("externalId eq \"x0\"", 0),
        ("displayName eq \"same\"", 5),
        ("urn:ietf:params:scim:schemas:core:2.0:User:userName eq \"user1\"", 1),
        ("displayName eq \"same\" and externalId eq \"X1\"", 2),
        ("externalId eq \"X1\" and emails[type eq \"work\" and value eq \"u3@x\"]", 1),
        ("emails[type eq \"work\"].value eq \"U4@x\"", 1),
        ("userName eq \"user1\" or userName eq \"user2\"", 2),
        ("not (userName sw \"user\")", 0),
        ("userName eq 3", 0),
    ] {
        assert_eq!(app.list("Users", filter).await.total_results, expected, "{filter}");
    }
    let broken = Query { filter: Some("userName eq"), ..Query::default() };
    let response = app.scim.query("Users", &broken).await.unwrap();
    assert_eq!(refusal(&response), (400, "invalidFilter".into()));
    app.stop().await;
}

#[tokio::test]
async fn pages_follow_the_order_of_creation() {
    let app = start(options()).await;
    for number in 0..7 {
        app.create("Users", json!({"userName": format!("u{number}"), "title": "t"})).await;
    }
    let page = async |start_index, count, filter| {
        let query = Query { filter, start_index, count, attributes: Some("userName"), ..Query::default() };
        let page: ListResponse = app.scim.query("Users", &query).await.unwrap().json().unwrap();
        let names: Vec<String> =
            page.resources.iter().map(|user| user["userName"].as_str().unwrap().to_owned()).collect();
        (page.total_results, page.start_index, names.join(" "))
    };
    assert_eq!(page(None, None, None).await, (7, 1, "u0 u1 u2 u3 u4 u5 u6".into()));
    assert_eq!(page(Some(3), Some(2), None).await, (7, 3, "u2 u3".into()));
    assert_eq!(page(Some(3), Some(2), Some("title eq \"t\"")).await, (7, 3, "u2 u3".into()));
    assert_eq!(page(Some(8), Some(5), None).await, (7, 8, String::new()));
    assert_eq!(page(Some(0), Some(0), None).await, (7, 1, String::new()));
    app.stop().await;
}

#[tokio::test]
async fn the_application_describes_itself() {
    let app = start(options()).await;
    let get = async |path: &str| app.scim.get(path).await.unwrap();
    insta::assert_snapshot!(get("ServiceProviderConfig").await.json::<Value>().unwrap(), @r#"{"authenticationSchemes":[{"description":"A fixed token in the Authorization header (RFC 6750)","name":"Bearer token","type":"oauthbearertoken"}],"bulk":{"maxOperations":0,"maxPayloadSize":0,"supported":false},"changePassword":{"supported":false},"etag":{"supported":true},"filter":{"maxResults":1000,"supported":true},"patch":{"supported":true},"schemas":["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],"sort":{"supported":false}}"#);
    let schemas: ListResponse<provisor_scim::discovery::SchemaDefinition> =
        get("Schemas").await.json().unwrap();
    assert_eq!(schemas.total_results, 3);
    let manager = schemas.resources[2].attribute("manager").unwrap();
    assert!(manager.sub_attribute("value").is_some());
    let user: Value = get(&format!("Schemas/{USER_SCHEMA}")).await.json().unwrap();
    assert_eq!(user["attributes"][0]["uniqueness"], "server");
    let kinds: ListResponse<provisor_scim::discovery::ResourceType> =
        get("ResourceTypes").await.json().unwrap();
    assert_eq!(kinds.resources[1].endpoint, "/Groups");
    assert_eq!(get("ResourceTypes/User").await.status, 200);
    for (path, status) in [
        ("Schemas/urn:x", 404),
        ("ResourceTypes/Device", 404),
        ("Me", 501),
        ("Nothing", 404),
        ("Users/1/2", 404),
    ] {
        assert_eq!(refusal(&get(path).await).0, status, "{path}");
    }
    for path in ["Schemas", "ResourceTypes", "ResourceTypes/User", "ServiceProviderConfig"] {
        let get = async |query: &str| {
            exchange(&app, &format!("GET /{path}?{query} HTTP/1.1\r\nconnection: close"), 0).await
        };
        assert!(get("filter=id%20pr").await.starts_with("HTTP/1.1 403"), "{path}");
        assert!(get("startIndex=2&filter=").await.starts_with("HTTP/1.1 200"), "{path}");
    }
    assert_eq!(refusal(&app.scim.create("Bulk", bytes(&json!({}))).await.unwrap()).0, 501);
    assert_eq!(refusal(&app.scim.create("Schemas", bytes(&json!({}))).await.unwrap()).0, 405);
    assert_eq!(app.scim.delete("Users", "", None).await.unwrap().status, 405);
    app.stop().await;
}

#[tokio::test]
async fn without_the_token_nothing_is_told() {
    let app = start(Options { token: Some("right".into()), ..options() }).await;
    app.create("Users", json!({"userName": "ada"})).await;
    for token in [None, Some("wrong"), Some("righ"), Some("right "), Some("right!")] {
        let response = client(&app.scim.base_url(), token).get("Users").await.unwrap();
        // The client trims blanks around a token.
        if token == Some("right ") {
            assert_eq!(response.status, 200);
            continue;
        }
        assert_eq!(refusal(&response).0, 401, "{token:?}");
        assert_eq!(response.headers["www-authenticate"], "Bearer realm=\"scim\"");
    }
    assert!(!format!("{:?}", Options { token: Some("right".into()), ..options() }).contains("right"));
    app.stop().await;
}

#[tokio::test]
async fn http_is_respected() {
    let app = start(options()).await;
    let user = app.create("Users", json!({"userName": "ada"})).await;
    let http = HttpClient::new(HttpOptions { system_roots: false, ..HttpOptions::default() }).unwrap();
    let base = app.scim.base_url();
    let send = async |method: &str, url: String, header: (&str, &str), body: Vec<u8>| {
        let request = ::http::Request::builder().method(method).uri(url).header(header.0, header.1);
        http.send(request.body(body.into()).unwrap()).await.unwrap()
    };
    let one = format!("{base}/Users/{}", id(&user));
    let known = send("GET", one.clone(), ("if-none-match", "W/\"1\""), vec![]).await;
    assert_eq!((known.status.as_u16(), known.body.len(), known.etag()), (304, 0, Some("W/\"1\"")));
    assert_eq!(send("GET", one.clone(), ("if-none-match", "W/\"2\""), vec![]).await.status, 200);
    assert_eq!(send("DELETE", one.clone(), ("if-match", "\"3\", W/\"2\""), vec![]).await.status, 412);
    let users = || format!("{base}/Users");
    let text = send("POST", users(), ("content-type", "text/plain"), b"{}".to_vec()).await;
    assert_eq!(refusal(&text).0, 415);
    let json = ("content-type", "application/json; charset=utf-8");
    assert_eq!(refusal(&send("POST", users(), json, b"{".to_vec()).await), (400, "invalidSyntax".into()));
    let large = send("POST", users(), json, vec![b' '; 1024 * 1024 + 1]).await;
    assert_eq!(refusal(&large).0, 413);
    let bare = base.strip_suffix("/scim/v2").unwrap();
    assert_eq!(send("GET", format!("{bare}/Users"), ("x", "y"), vec![]).await.status, 200);
    let refused = send("OPTIONS", one, ("x", "y"), vec![]).await;
    assert_eq!(
        (refusal(&refused).0, &refused.headers["allow"]),
        (405, &"GET, HEAD, PUT, PATCH, DELETE".parse().unwrap())
    );
    let search = br#"{"filter":"userName eq \"ADA\"","attributes":["userName"]}"#.to_vec();
    let found: ListResponse =
        send("POST", format!("{base}/Users/.search"), json, search).await.json().unwrap();
    assert_eq!(found.resources[0]["meta"], Value::Null);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_changes_of_one_group_are_all_kept() {
    let app = start(options()).await;
    let group = app.create("Groups", json!({"displayName": "g"})).await;
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..40 {
        let (scim, id) = (app.scim.clone(), id(&group).to_owned());
        tasks.spawn(async move {
            let member = json!({"Operations": [{"op": "add", "path": "members", "value": [{"value": number.to_string()}]}]});
            scim.patch("Groups", &id, bytes(&member), None).await.unwrap().status.as_u16()
        });
    }
    assert!(tasks.join_all().await.into_iter().all(|status| status == 204));
    let read: Value = app.scim.fetch("Groups", id(&group), &Query::default()).await.unwrap().json().unwrap();
    assert_eq!(read["members"].as_array().unwrap().len(), 40);
    assert_eq!(read["meta"]["version"], "W/\"41\"");
    app.stop().await;
}

#[tokio::test]
async fn data_in_a_folder_survives() {
    let folder = tempfile::tempdir().unwrap();
    let stored = || Options { data_dir: Some(folder.path().join("data")), ..options() };
    let app = start(stored()).await;
    let ada = app.create("Users", json!({"userName": "ada"})).await;
    let mut kept = app.create("Users", json!({"userName": "bob", "externalId": "b"})).await;
    app.create("Groups", json!({"displayName": "g"})).await;
    app.patch("Users", &ada, json!([{"op": "add", "path": "title", "value": "Countess"}])).await;
    let gone = app.create("Users", json!({"userName": "eve"})).await;
    app.scim.delete("Users", id(&gone), None).await.unwrap();
    let second = SampleApp::new(TcpListener::bind("127.0.0.1:0").await.unwrap(), stored());
    assert!(matches!(second, Err(OpenError::InUse { .. })));
    app.stop().await;

    let journal = folder.path().join("data/users.jsonl");
    let mut text = std::fs::read_to_string(&journal).unwrap();
    let whole = text.len();
    assert_eq!(text.lines().count(), 5);
    text.push_str("{\"id\":\"torn");
    std::fs::write(&journal, &text).unwrap();
    let app = start(Options { ids: Arc::new(|| Uuid::from_u128(u128::MAX)), ..stored() }).await;
    assert_eq!(std::fs::metadata(&journal).unwrap().len(), whole as u64, "the torn line is cut off");
    let users: ListResponse = app.scim.query("Users", &Query::default()).await.unwrap().json().unwrap();
    let names: Vec<&Value> = users.resources.iter().map(|user| &user["userName"]).collect();
    assert_eq!(names, ["ada", "bob"], "the order of creation stays");
    assert_eq!(users.resources[0]["title"], "Countess");
    kept["meta"]["location"] = format!("{}/Users/{}", app.scim.base_url(), id(&kept)).into();
    assert_eq!(users.resources[1], kept, "the same but for the place");
    assert_eq!(app.list("Users", "externalId eq \"b\"").await.total_results, 1);
    let next = app.patch("Users", &ada, json!([{"op": "remove", "path": "title"}])).await;
    assert_eq!(next.etag(), Some("W/\"3\""));
    app.stop().await;

    let damaged = std::fs::read_to_string(&journal).unwrap().replacen("{\"id\"", "{\"", 1);
    std::fs::write(&journal, damaged).unwrap();
    let refused = SampleApp::new(TcpListener::bind("127.0.0.1:0").await.unwrap(), stored()).unwrap_err();
    assert!(matches!(refused, OpenError::Damaged { line: 1, .. }), "{refused}");
}

#[tokio::test]
async fn a_journal_of_history_is_rewritten() {
    let folder = tempfile::tempdir().unwrap();
    let stored = || Options { data_dir: Some(folder.path().to_owned()), ..options() };
    let app = start(stored()).await;
    let user = app.create("Users", json!({"userName": "ada"})).await;
    let journal = folder.path().join("users.jsonl");
    let mut longest = 0;
    for round in 0..12 {
        let title = format!("{round}{}", "x".repeat(200_000));
        let response =
            app.patch("Users", &user, json!([{"op": "replace", "path": "title", "value": title}])).await;
        assert_eq!(response.status, 200);
        longest = longest.max(std::fs::metadata(&journal).unwrap().len());
    }
    assert!(longest < 1_500_000, "{longest}: twelve versions would be 2.4 MB");
    app.stop().await;
    let app = start(stored()).await;
    let read: Value = app.scim.fetch("Users", id(&user), &Query::default()).await.unwrap().json().unwrap();
    assert!(read["title"].as_str().unwrap().starts_with("11x"));
    app.stop().await;
}
