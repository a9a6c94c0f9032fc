//! What hangs together in an object of the directory, and what stands for what was never set.

use serde_json::{Value as Json, json};

use crate::testing::{TestApp, text};

fn person(name: &str) -> Json {
    json!({"accountEnabled": true, "displayName": name, "mailNickname": name,
        "userPrincipalName": format!("{name}@contoso.example"), "passwordProfile": {"password": "not-kept"}})
}

fn with(mut body: Json, member: &str, value: Json) -> Json {
    body[member] = value;
    body
}

async fn names(app: &TestApp, query: &str) -> Vec<String> {
    let found = app.read(query).await;
    found["value"].as_array().unwrap().iter().map(|item| text(&item["displayName"])).collect()
}

#[tokio::test]
async fn who_has_no_type_is_a_member() {
    let app = TestApp::new().await;
    let ida = text(&app.write("POST", "users", person("ida"), 201).await["id"]);
    app.write("POST", "users", with(person("gus"), "userType", "Guest".into()), 201).await;
    let selected = app.read(&format!("users/{ida}?$select=userType")).await;
    assert_eq!(selected["userType"], "Member");
    assert_eq!(names(&app, "users?$filter=userType eq 'Member'").await, ["ida"]);
    assert_eq!(names(&app, "users?$filter=userType eq 'Guest'").await, ["gus"]);
    assert_eq!(names(&app, "users?$filter=userType ne 'Guest'&$count=true").await, ["ida"]);
    app.write("PATCH", &format!("users/{ida}"), json!({"userType": "Robot"}), 400).await;
}

#[tokio::test]
async fn addresses_follow_the_mail() {
    let app = TestApp::new().await;
    let body = with(person("ida"), "mail", "Ida@contoso.example".into());
    let path = format!("users/{}", text(&app.write("POST", "users", body, 201).await["id"]));
    let addresses =
        async || app.read(&format!("{path}?$select=proxyAddresses")).await["proxyAddresses"].clone();
    assert_eq!(addresses().await, json!(["SMTP:Ida@contoso.example"]));
    let filter = "users?$filter=proxyAddresses/any(p:p eq 'smtp:ida@contoso.example')";
    assert_eq!(names(&app, filter).await, ["ida"]);
    app.write("PATCH", &path, json!({"mail": "holm@contoso.example"}), 204).await;
    assert_eq!(addresses().await, json!(["SMTP:holm@contoso.example"]));
    assert_eq!(names(&app, filter).await, Vec::<String>::new());
    app.write("PATCH", &path, json!({"mail": null}), 204).await;
    assert_eq!(addresses().await, json!([]));
}

#[tokio::test]
async fn a_manager_is_unbound_by_null() {
    let app = TestApp::new().await;
    let (ida, per) = (app.user("ida").await, app.user("per").await);
    let bind = json!({"manager@odata.bind": format!("https://graph.example/v1.0/users/{per}")});
    app.write("PATCH", &format!("users/{ida}"), bind, 204).await;
    assert_eq!(app.read(&format!("users/{ida}/manager")).await["id"], per.as_str());
    app.write("PATCH", &format!("users/{ida}"), json!({"manager@odata.bind": null}), 204).await;
    assert_eq!(app.get(&format!("users/{ida}/manager")).await.status, 404);
}

#[tokio::test]
async fn groups_are_for_something_and_follow_no_rule() {
    let app = TestApp::new().await;
    let group = app.group("crew").await;
    let path = format!("groups/{group}");
    app.write("PATCH", &path, json!({"securityEnabled": false}), 400).await;
    app.write("PATCH", &path, json!({"securityEnabled": false, "mailEnabled": true}), 204).await;
    let new =
        json!({"displayName": "all", "mailEnabled": false, "mailNickname": "all", "securityEnabled": true});
    let dynamic = with(new.clone(), "groupTypes", json!(["DynamicMembership"]));
    let refused = app.call("POST", "groups", Some(dynamic)).await;
    assert_eq!(refused.status, 400);
    assert!(refused.error().1.contains("dynamic membership"), "{}", refused.text);
    app.write("PATCH", &path, json!({"membershipRule": "user.city -eq \"Oslo\""}), 400).await;
    app.write("POST", "groups", with(new, "visibility", "Secret".into()), 400).await;
}

#[tokio::test]
async fn roles_of_an_application_are_told_apart() {
    let app = TestApp::new().await;
    let role = |id: u8, value: &str, member: &str| {
        json!({"id": format!("00000000-0000-4000-8000-0000000000{id:02}"), "value": value, "displayName": value,
            "description": value, "isEnabled": true, "allowedMemberTypes": [member]})
    };
    let made = app.write("POST", "applications", json!({"displayName": "App"}), 201).await;
    let path = format!("applications/{}", text(&made["id"]));
    for (roles, target) in [
        (json!([role(1, "a", "User"), role(1, "b", "User")]), "appRoles/id"),
        (json!([role(1, "a", "User"), role(2, "a", "User")]), "appRoles/value"),
        (json!([role(1, "a", "Robot")]), "appRoles/allowedMemberTypes"),
    ] {
        let refused = app.call("PATCH", &path, Some(json!({"appRoles": roles}))).await;
        assert_eq!(refused.status, 400, "{target}");
        assert_eq!(refused.json()["error"]["details"][0]["target"], target);
    }
    let roles = json!([role(1, "a", "User"), role(2, "b", "Application")]);
    app.write("PATCH", &path, json!({"appRoles": roles}), 204).await;
}

#[tokio::test]
async fn what_an_application_is_registered_with_is_kept() {
    let app = TestApp::new().await;
    let web = json!({"redirectUris": ["https://app.example/back"], "implicitGrantSettings": {"enableIdTokenIssuance": true}});
    let body = json!({"displayName": "App", "web": web, "requiredResourceAccess": []});
    let made = app.write("POST", "applications", body, 201).await;
    let path = format!("applications/{}", text(&made["id"]));
    assert_eq!(made["web"], web);
    assert_eq!(app.read(&path).await["web"], web);
    assert!(app.read(&path).await.get("spa").is_none(), "what was never set is not told");
    assert_eq!(app.read(&format!("{path}?$select=spa,addIns")).await["spa"], Json::Null);
    app.write("PATCH", &path, json!({"web": {"redirectUris": []}, "spa": "no"}), 400).await;
    app.write("PATCH", &path, json!({"web": {"redirectUris": []}}), 204).await;
    assert_eq!(app.read(&path).await["web"], json!({"redirectUris": []}));
    app.write("PATCH", &path, json!({"signInAudience": "Everybody"}), 400).await;
    app.write("PATCH", &path, json!({"identifierUris": ["https://Graph.microsoft.com/"]}), 409).await;
    for select in
        ["users?$select=assignedLicenses,signInActivity", "groups?$select=resourceProvisioningOptions"]
    {
        assert_eq!(app.get(select).await.status, 200, "{select}");
    }
}

#[tokio::test]
async fn a_service_principal_is_made_by_its_app_id() {
    let app = TestApp::new().await;
    let made = app.write("POST", "applications", json!({"displayName": "App"}), 201).await;
    let app_id = text(&made["appId"]);
    let path = format!("servicePrincipals(appId='{app_id}')");
    let body = json!({"tags": ["mine"]});
    app.write("PATCH", &path, body.clone(), 404).await;
    let prefer = ("prefer", "create-if-missing");
    let answer = app.call_with("PATCH", &path, Some(body.clone()), prefer).await;
    assert_eq!((answer.status, &answer.json()["tags"]), (201, &json!(["mine"])));
    let answer = app.call_with("PATCH", &path, Some(json!({"tags": []})), prefer).await;
    assert_eq!(answer.status, 204);
    assert_eq!(app.read(&path).await["tags"], json!([]));
    assert_eq!(app.read(&path).await["signInAudience"], "AzureADMyOrg");
    let none = "servicePrincipals(appId='00000000-0000-4000-8000-000000000001')";
    assert_eq!(app.call_with("PATCH", none, Some(body), prefer).await.status, 400);
}
