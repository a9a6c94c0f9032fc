//! What callers may: roles, ownership, and that nothing happens for those who may not.

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use serde_json::{Value as Json, json};

use crate::api::{router, routes};
use crate::testing::{Answer, Application, CUSTOM, TestApp, text};

impl TestApp {
    /// A request with a token of its own.
    pub(crate) async fn by(&self, token: &str, method: &str, path: &str, body: Option<&Json>) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/v1.0/{path}").replace(' ', "%20").replace('"', "%22"))
            .header("authorization", format!("Bearer {token}"));
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let bytes = body.map_or_else(Bytes::new, |json| json.to_string().into());
        self.send(request.body(Full::new(bytes)).unwrap()).await
    }

    /// A client with these permissions, and its token.
    pub(crate) async fn client(&self, roles: &[&str]) -> (Application, String) {
        let client = self.application().await;
        self.permit(&client, roles).await;
        let token = self.token(&client).await;
        (client, token)
    }
}

/// A path of the table with ids of things that are there.
fn filled(path: &str, application: &Application, user: &str, group: &str, job: &str) -> String {
    let template = if path.starts_with("applicationTemplates") { CUSTOM } else { "scim" };
    [
        ("{app}", application.id.as_str()),
        ("{sp}", &application.sp),
        ("{user}", user),
        ("{group}", group),
        ("{object}", user),
        ("{job}", job),
        ("{template}", template),
        ("{directory}", "66e4a8cc-1b7b-435e-95f8-f06cea133828"),
        ("{organization}", "6f0b2c7a-9d3e-4f51-8c2a-0b1d2e3f4a5b"),
    ]
    .iter()
    .fold(path.to_owned(), |path, (key, value)| path.replace(key, value))
}

#[tokio::test]
async fn without_a_permission_no_path_does_anything() {
    let app = TestApp::new().await;
    let (_, token) = app.client(&[]).await;
    let application = app.application().await;
    let (user, group, job) = (app.user("ann").await, app.group("staff").await, app.job(&application).await);
    let before = app.dump().await;
    for route in routes::all() {
        for path in router::paths(route.pattern) {
            let path = filled(&path, &application, &user, &group, &job);
            let verb = route.verb.as_str();
            assert_eq!(app.by("", verb, &path, None).await.status, 401, "{verb} {path}");
            let answer = app.by(&token, verb, &path, Some(&json!({}))).await;
            if !route.permission.any_of.is_empty() {
                let wanted = (403, "Authorization_RequestDenied".to_owned());
                let beta_only = route.beta && answer.status == 400;
                assert!(beta_only || (answer.status, answer.error().0) == wanted, "{verb} {path}");
            }
        }
    }
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn each_role_opens_its_paths_and_no_others() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let (user, group, job) = (app.user("ann").await, app.group("staff").await, app.job(&application).await);
    let jobs = format!("servicePrincipals/{}/synchronization/jobs", application.sp);
    let paths = [
        ("GET", jobs.clone()),
        ("POST", format!("{jobs}/{job}/pause")),
        ("GET", "auditLogs/provisioning".to_owned()),
        ("GET", "applications".to_owned()),
        ("PATCH", format!("applications/{}", application.id)),
        ("GET", "users".to_owned()),
        ("PATCH", format!("users/{user}")),
        ("PATCH", format!("groups/{group}")),
        ("GET", format!("directoryObjects/{user}")),
        ("GET", format!("directoryObjects/{group}")),
        ("POST", format!("servicePrincipals/{}/appRoleAssignedTo", application.sp)),
    ];
    let mut table = String::new();
    for role in [
        "Synchronization.Read.All",
        "Synchronization.ReadWrite.All",
        "ProvisioningLog.Read.All",
        "Application.ReadWrite.All",
        "Application.ReadWrite.OwnedBy",
        "User.Read.All",
        "Group.ReadWrite.All",
        "Directory.Read.All",
        "Directory.ReadWrite.All",
        "AppRoleAssignment.ReadWrite.All",
    ] {
        let (_, token) = app.client(&[role]).await;
        let mut marks = String::new();
        for (verb, path) in &paths {
            let status = app.by(&token, verb, path, Some(&json!({}))).await.status;
            marks.push(if status == 403 { '-' } else { '+' });
        }
        table.push_str(&format!("{marks} {role}\n"));
    }
    insta::assert_snapshot!(table, @r"
    +---------- Synchronization.Read.All
    ++--------- Synchronization.ReadWrite.All
    --+-------- ProvisioningLog.Read.All
    ++-++------ Application.ReadWrite.All
    ---+------- Application.ReadWrite.OwnedBy
    -----+--+-- User.Read.All
    -------+-+- Group.ReadWrite.All
    +--+-+--++- Directory.Read.All
    ++-+++++++- Directory.ReadWrite.All
    ----------+ AppRoleAssignment.ReadWrite.All
    ");
}

#[tokio::test]
async fn an_owner_may_change_what_it_made_and_nothing_else() {
    let app = TestApp::new().await;
    let foreign = app.application().await;
    let (client, token) = app.client(&["Application.ReadWrite.OwnedBy"]).await;
    let path = format!("applicationTemplates/{CUSTOM}/instantiate");
    let made = app.by(&token, "POST", &path, Some(&json!({"displayName": "Mine"}))).await.json();
    let (own, own_sp) = (text(&made["application"]["id"]), text(&made["servicePrincipal"]["id"]));
    for owned in [format!("applications/{own}/owners"), format!("servicePrincipals/{own_sp}/owners")] {
        assert_eq!(app.read(&owned).await["value"][0]["id"], client.sp.as_str(), "{owned}");
    }
    let job = json!({"templateId": "scim"});
    for (verb, path, body, wanted) in [
        ("POST", format!("servicePrincipals/{own_sp}/synchronization/jobs"), &job, 201),
        ("GET", format!("applications/{own}/synchronization/jobs"), &Json::Null, 200),
        ("POST", format!("servicePrincipals/{}/synchronization/jobs", foreign.sp), &job, 403),
        ("GET", format!("applications/{}/synchronization/secrets", foreign.id), &Json::Null, 403),
        ("PATCH", format!("applications/{own}"), &json!({"notes": "mine"}), 204),
        ("PATCH", format!("applications/{}", foreign.id), &json!({"notes": "mine"}), 403),
        ("POST", format!("applications/{}/addPassword", foreign.id), &json!({}), 403),
        ("DELETE", format!("servicePrincipals/{}", foreign.sp), &Json::Null, 403),
        ("GET", "servicePrincipals/00000000-0000-0000-0000-000000000001/synchronization".into(), &job, 404),
    ] {
        let body = Some(body).filter(|body| !body.is_null());
        let answer = app.by(&token, verb, &path, body).await;
        assert_eq!(answer.status, wanted, "{verb} {path}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_spelling_of_the_path_opens_nothing() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let (client, token) = app.client(&["Application.ReadWrite.OwnedBy"]).await;
    let owner = json!({"@odata.id": format!("https://graph.example/v1.0/directoryObjects/{}", client.sp)});
    app.write("POST", &format!("applications/{}/owners/$ref", application.id), owner, 204).await;
    // Jobs and secrets belong to the service principal, which the client does not own.
    for spelled in ["synchronization", "Synchronization", "%73ynchronization", "synchroni%7Aation"] {
        let path = format!("applications/{}/{spelled}/secrets", application.id);
        assert_eq!(app.by(&token, "GET", &path, None).await.status, 403, "{spelled}");
        let path = format!("applications/{}/{spelled}", application.id);
        assert_eq!(app.by(&token, "DELETE", &path, None).await.status, 403, "{spelled}");
    }
}

#[tokio::test]
async fn assignments_are_expanded_for_those_who_may_read_them() {
    let app = TestApp::new().await;
    let user = app.user("ann").await;
    let path = format!("users/{user}?$expand=appRoleAssignments");
    let (_, token) = app.client(&["User.Read.All"]).await;
    assert_eq!(app.by(&token, "GET", &path, None).await.status, 403);
    let (_, token) = app.client(&["Directory.Read.All"]).await;
    assert_eq!(app.by(&token, "GET", &path, None).await.status, 200);
}

#[tokio::test]
async fn a_service_principal_can_be_made_only_for_an_application_of_ones_own() {
    let app = TestApp::new().await;
    let foreign = app.write("POST", "applications", json!({"displayName": "Theirs"}), 201).await;
    let (_, token) = app.client(&["Application.ReadWrite.OwnedBy"]).await;
    let body = json!({"appId": foreign["appId"]});
    assert_eq!(app.by(&token, "POST", "servicePrincipals", Some(&body)).await.status, 403);
    let own = app.by(&token, "POST", "applications", Some(&json!({"displayName": "Mine"}))).await.json();
    let body = json!({"appId": own["appId"]});
    assert_eq!(app.by(&token, "POST", "servicePrincipals", Some(&body)).await.status, 201);
}

#[tokio::test]
async fn objects_by_id_are_told_by_kind() {
    let app = TestApp::new().await;
    let (user, group) = (app.user("ann").await, app.group("staff").await);
    let (_, token) = app.client(&["User.Read.All"]).await;
    let ids = json!({"ids": [user, group]});
    let found = app.by(&token, "POST", "directoryObjects/getByIds", Some(&ids)).await.json();
    let found: Vec<&str> =
        found["value"].as_array().unwrap().iter().map(|object| object["id"].as_str().unwrap()).collect();
    assert_eq!(found, [user.as_str()]);
}

#[tokio::test]
async fn what_belongs_to_the_installation_cannot_be_changed() {
    let app = TestApp::new().await;
    app.client(&["Application.Read.All"]).await;
    let graph = app.read("servicePrincipals(appId='00000003-0000-0000-c000-000000000000')").await;
    let path = format!("servicePrincipals/{}", text(&graph["id"]));
    app.write("PATCH", &path, json!({"accountEnabled": false}), 403).await;
    app.write("DELETE", &path, json!({}), 403).await;
    app.write("POST", &format!("{path}/addPassword"), json!({}), 403).await;
    let owner = json!({"@odata.id": format!("https://graph.example/v1.0/users/{}", app.user("ann").await)});
    app.write("POST", &format!("{path}/owners/$ref"), owner, 403).await;
}

#[tokio::test]
async fn a_refusal_names_the_roles_that_would_do() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let (_, token) = app.client(&["User.Read.All"]).await;
    let path = format!("applications/{}/synchronization/jobs", application.id);
    let (_, message) = app.by(&token, "POST", &path, Some(&json!({}))).await.error();
    insta::assert_snapshot!(message, @"Insufficient privileges to complete the operation. It takes one of: Synchronization.ReadWrite.All, Application.ReadWrite.All, Directory.ReadWrite.All, or Application.ReadWrite.OwnedBy of what it owns.");
}
