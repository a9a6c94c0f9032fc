//! What clients and people write otherwise than the documentation, and what must not be taken silently for
//! something else.

use serde_json::{Value as Json, json};

use crate::testing::{TestApp, text};

#[tokio::test]
async fn a_reference_is_taken_away_by_either_name_of_its_id() {
    let app = TestApp::new().await;
    let (group, ida) = (app.group("crew").await, app.user("ida").await);
    let url = format!("https://graph.example/v1.0/directoryObjects/{ida}");
    for name in ["$id", "@id", "%40id"] {
        app.write("POST", &format!("groups/{group}/members/$ref"), json!({"@odata.id": url}), 204).await;
        let answer = app.call("DELETE", &format!("groups/{group}/members/$ref?{name}={url}"), None).await;
        assert_eq!(answer.status, 204, "{name}: {}", answer.text);
    }
}

#[tokio::test]
async fn an_option_without_its_dollar_is_not_ignored() {
    let app = TestApp::new().await;
    app.user("ida").await;
    app.user("per").await;
    let found = app.read("users?filter=displayName eq 'per'&select=displayName").await;
    assert_eq!(found["value"], json!([{"displayName": "per"}]));
    let page = app.read("users?top=1").await;
    assert_eq!(page["value"].as_array().unwrap().len(), 1);
    let next = text(&page["@odata.nextLink"]).replace("https://graph.example/v1.0/", "");
    let page = app.read(&next).await;
    assert_eq!((page["value"].as_array().unwrap().len(), page.get("@odata.nextLink")), (1, None));
}

#[tokio::test]
async fn a_page_token_is_good_for_its_listing_alone() {
    let app = TestApp::new().await;
    for name in ["ana", "bo", "cy"] {
        app.user(name).await;
        app.group(name).await;
    }
    let page = app.read("users?$top=1&$orderby=displayName").await;
    let next = text(&page["@odata.nextLink"]);
    let token = next.split("$skiptoken=").nth(1).unwrap();
    for other in
        ["groups?", "users?", "users?$orderby=userPrincipalName&", "users?$filter=displayName eq 'cy'&"]
    {
        let answer = app.get(&format!("{other}$skiptoken={token}")).await;
        assert_eq!((answer.status, answer.error().0), (400, "Directory_ExpiredPageToken".into()), "{other}");
    }
    let same = app.read(&format!("users?$top=2&$orderby=displayName&$skiptoken={token}")).await;
    let names: Vec<&Json> =
        same["value"].as_array().unwrap().iter().map(|user| &user["displayName"]).collect();
    assert_eq!(names, ["bo", "cy"]);
}

#[tokio::test]
async fn a_restart_forgets_what_it_is_told_to_or_says_why_not() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let job = app.job(&application).await;
    let path = format!("servicePrincipals/{}/synchronization/jobs/{job}/restart", application.sp);
    for (body, status) in [
        (json!({"resetScope": "Full"}), 204),
        (json!({"criteria": {"resetScope": "Full"}}), 204),
        (json!({"resetScope": "Nonsense"}), 400),
        (json!({"resetScope": ""}), 204),
        (json!({"resetScope": "Full", "criteria": {"resetScope": "Escrows"}}), 400),
        (json!({"scope": "Full"}), 400),
        (json!({"criteria": {"resetscopes": "Full"}}), 400),
        (json!({}), 204),
    ] {
        app.write("POST", &path, body, status).await;
    }
}

#[tokio::test]
async fn filters_by_what_no_enumeration_has_name_its_members() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let jobs = format!("servicePrincipals/{}/synchronization/jobs", application.sp);
    for (path, member) in [
        ("auditLogs/provisioning?$filter=provisioningStatusInfo/status eq 'failed'", "failure"),
        ("auditLogs/provisioning?$filter=provisioningAction in ('create','bogus')", "stagedDelete"),
        (&*format!("{jobs}?$filter=status/code eq 'Bogus'"), "Quarantine"),
    ] {
        let answer = app.get(path).await;
        assert_eq!(answer.status, 400, "{path}");
        assert!(answer.error().1.contains(member), "{}", answer.text);
    }
    for right in
        ["statusInfo/status eq 'Failure'", "provisioningAction ne 'create'", "startswith(action, 'cre')"]
    {
        assert_eq!(app.get(&format!("auditLogs/provisioning?$filter={right}")).await.status, 200, "{right}");
    }
}

#[tokio::test]
async fn requests_of_a_batch_may_be_numbered() {
    let app = TestApp::new().await;
    let requests = json!({"requests": [
        {"id": 1, "method": "GET", "url": "/users/nobody@contoso.example"},
        {"id": 2, "method": "GET", "url": "/users", "dependsOn": [1]},
    ]});
    let answer = app.write("POST", "$batch", requests, 200).await;
    assert_eq!(
        (&answer["responses"][0]["id"], &answer["responses"][0]["status"]),
        (&json!("1"), &json!(404))
    );
    let refused = &answer["responses"][1];
    assert_eq!(refused["status"], 424);
    assert_eq!(refused["headers"]["request-id"], refused["body"]["error"]["innerError"]["request-id"]);
}

#[tokio::test]
async fn whatever_is_listed_can_be_counted() {
    let app = TestApp::new().await;
    let (group, ida, application) = (app.group("crew").await, app.user("ida").await, app.application().await);
    let member = json!({"@odata.id": format!("https://graph.example/v1.0/directoryObjects/{ida}")});
    app.write("POST", &format!("groups/{group}/members/$ref"), member, 204).await;
    for (path, number) in [
        (format!("users/{ida}/memberOf/microsoft.graph.group/$count"), "1"),
        (format!("users/{ida}/directReports/microsoft.graph.user/$count"), "0"),
        (format!("groups/{group}/members/microsoft.graph.user/$count"), "1"),
        (format!("groups/{group}/members/microsoft.graph.servicePrincipal/$count"), "0"),
        (format!("groups/{group}/transitiveMemberOf/microsoft.graph.group/$count"), "0"),
        (format!("servicePrincipals/{}/appRoleAssignedTo/$count", application.sp), "0"),
        (format!("users/{ida}/appRoleAssignments/$count"), "0"),
        ("domains/$count".to_owned(), "1"),
        ("organization/$count".to_owned(), "1"),
    ] {
        let answer = app.call_with("GET", &path, None, ("consistencylevel", "eventual")).await;
        assert_eq!((answer.status, answer.text.as_str()), (200, number), "{path}");
    }
    let found = app.write("POST", "users/getByIds", json!({"ids": [ida], "types": ["user"]}), 200).await;
    assert_eq!(found["value"][0]["id"], ida.as_str());
}
