//! Members, owners, managers, assignments.

use serde_json::json;

use crate::testing::{TestApp, text};

fn reference(id: &str) -> serde_json::Value {
    // Clients hard-code Microsoft's host, whatever the server's.
    json!({"@odata.id": format!("https://graph.microsoft.com/v1.0/directoryObjects/{id}")})
}

#[tokio::test]
async fn members_come_and_go() {
    let app = TestApp::new().await;
    let (group, inner) = (app.group("staff").await, app.group("inner").await);
    let (ida, per) = (app.user("ida").await, app.user("per").await);
    for member in [&ida, &per, &inner] {
        app.write("POST", &format!("groups/{group}/members/$ref"), reference(member), 204).await;
    }
    let members = app.read(&format!("groups/{group}/members?$select=id,displayName")).await;
    assert_eq!(
        members["value"],
        json!([
            {"@odata.type": "#microsoft.graph.user", "id": ida, "displayName": "ida"},
            {"@odata.type": "#microsoft.graph.user", "id": per, "displayName": "per"},
            {"@odata.type": "#microsoft.graph.group", "id": inner, "displayName": "inner"},
        ])
    );
    let cast = app.read(&format!("groups/{group}/members/microsoft.graph.group?$select=id")).await;
    assert_eq!(cast["value"], json!([{"id": inner}]));
    let urls = app.read(&format!("groups/{group}/members/$ref?$top=1")).await;
    assert_eq!(urls["value"], json!([{"@odata.id": format!("https://graph.example/v1.0/users/{ida}")}]));
    assert!(urls.get("@odata.nextLink").is_some());
    assert_eq!(app.read(&format!("groups/{group}/members/{per}")).await["id"], json!(per));
    assert_eq!(app.read(&format!("users/{ida}/memberOf")).await["value"][0]["id"], json!(group));
    assert_eq!(app.call("DELETE", &format!("groups/{group}/members/{per}/$ref"), None).await.status, 204);
    let url = format!("https://graph.example/v1.0/groups('{inner}')");
    let by_query = format!("groups/{group}/members/$ref?$id={url}");
    assert_eq!(app.call("DELETE", &by_query, None).await.status, 204);
    let left = app.read(&format!("groups/{group}/members?$select=id")).await;
    assert_eq!(left["value"], json!([{"@odata.type": "#microsoft.graph.user", "id": ida}]));
    // A deleted member is not listed, and comes back with its restore.
    app.call("DELETE", &format!("users/{ida}"), None).await;
    assert_eq!(app.read(&format!("groups/{group}/members")).await["value"], json!([]));
    app.write("POST", &format!("directory/deletedItems/{ida}/restore"), json!(null), 200).await;
    assert_eq!(app.read(&format!("groups/{group}/members")).await["value"][0]["id"], json!(ida));
}

#[tokio::test]
async fn references_are_bound_with_the_object() {
    let app = TestApp::new().await;
    let (boss, ida) = (app.user("boss").await, app.user("ida").await);
    let bind =
        json!({"manager@odata.bind": format!("https://graph.example/v1.0/users/{boss}"), "jobTitle": "x"});
    app.write("PATCH", &format!("users/{ida}"), bind, 204).await;
    assert_eq!(app.read(&format!("users/{ida}/manager")).await["id"], json!(boss));
    assert_eq!(app.read(&format!("users/{boss}/directReports")).await["value"][0]["id"], json!(ida));
    let group = json!({"displayName": "g", "mailEnabled": false, "mailNickname": "g", "securityEnabled": true,
        "members@odata.bind": [format!("users/{ida}"), format!("https://x.example/v1.0/users('{boss}')")],
        "owners@odata.bind": [format!("https://graph.microsoft.com/v1.0/users/{boss}")]});
    let group = text(&app.write("POST", "groups", group, 201).await["id"]);
    assert_eq!(app.read(&format!("groups/{group}/members")).await["value"].as_array().unwrap().len(), 2);
    assert_eq!(app.read(&format!("groups/{group}/owners")).await["value"][0]["id"], json!(boss));
    // A new manager replaces the old one.
    let per = app.user("per").await;
    app.write("PUT", &format!("users/{ida}/manager/$ref"), reference(&per), 204).await;
    assert_eq!(app.read(&format!("users/{ida}/manager")).await["id"], json!(per));
    assert_eq!(app.call("DELETE", &format!("users/{ida}/manager/$ref"), None).await.status, 204);
    assert_eq!(app.get(&format!("users/{ida}/manager")).await.status, 404);
}

#[tokio::test]
async fn assignments_have_both_sides() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let (ida, staff) = (app.user("ida").await, app.group("staff").await);
    let role = "18d14569-c3bd-439b-9a66-3a2aee01d14f";
    let to =
        |principal: &str| json!({"principalId": principal, "resourceId": application.sp, "appRoleId": role});
    let assigned_to = format!("servicePrincipals/{}/appRoleAssignedTo", application.sp);
    let made = app.write("POST", &assigned_to, to(&ida), 201).await;
    assert_eq!(text(&made["id"]).len(), 43);
    assert_eq!(
        (&made["principalType"], &made["principalDisplayName"], &made["resourceDisplayName"]),
        (&json!("User"), &json!("ida"), &json!("People Directory"))
    );
    let mine = format!("groups/{staff}/appRoleAssignments");
    let made = app.write("POST", &mine, to(&staff), 201).await;
    let list = app.read(&format!("{assigned_to}?$top=1")).await;
    let next = text(&list["@odata.nextLink"]);
    let rest = app.read(next.trim_start_matches("https://graph.example/")).await;
    assert_eq!((rest["value"].as_array().unwrap().len(), rest.get("@odata.nextLink")), (1, None));
    let filtered = app.read(&format!("{assigned_to}?$filter=principalId eq {staff}")).await;
    assert_eq!(filtered["value"][0]["id"], made["id"]);
    assert_eq!(app.read(&mine).await["value"].as_array().unwrap().len(), 1);
    let one = format!("{mine}/{}", text(&made["id"]));
    assert_eq!(app.read(&one).await["principalId"], json!(staff));
    assert_eq!(app.call("DELETE", &one, None).await.status, 204);
    assert_eq!(app.call("DELETE", &one, None).await.status, 404);
    assert_eq!(app.read(&assigned_to).await["value"].as_array().unwrap().len(), 1);
}
