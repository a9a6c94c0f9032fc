//! Schemas and templates.

use serde_json::json;

use crate::testing::{CUSTOM, TestApp, text};

#[tokio::test]
async fn a_schema_goes_back_as_it_was_read() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let id = app.job(&application).await;
    let path = format!("servicePrincipals/{}/synchronization/jobs/{id}/schema", application.sp);
    let first = app.read(&path).await;
    assert_eq!(first["id"], json!(id));
    assert_eq!(first["directories"].as_array().unwrap().len(), 2);
    app.runtime.take_calls();
    app.write("PUT", &path, first.clone(), 204).await;
    let calls = app.runtime.take_calls();
    assert!(calls[0].ends_with("links=false escrows=false watermark=true"), "{calls:?}");
    let mut second = app.read(&path).await;
    let version = text(&second["version"]);
    assert!(version.starts_with("Date:2026-03-04T09:12:44.1234560Z, ActivityId:"), "{version}");
    second["version"] = first["version"].clone();
    assert_eq!(second, first);
    // Without directories, as SDKs send it, the stored ones stay.
    let mut rules = first.clone();
    rules.as_object_mut().unwrap().remove("directories");
    rules["synchronizationRules"][0]["name"] = json!("renamed");
    app.write("PATCH", &path, rules, 204).await;
    let third = app.read(&path).await;
    assert_eq!(third["synchronizationRules"][0]["name"], "renamed");
    assert_eq!(third["directories"], first["directories"]);
    // And back to the template's.
    assert_eq!(app.call("DELETE", &path, None).await.status, 204);
    assert_eq!(app.read(&path).await, first);
    let expanded = app.read(&format!("{}?$expand=schema", path.trim_end_matches("/schema"))).await;
    assert_eq!(expanded["schema"]["synchronizationRules"], first["synchronizationRules"]);
}

#[tokio::test]
async fn templates_come_with_the_application() {
    let app = TestApp::new().await;
    let application = app.application().await;
    for (container, version) in [("applications", "v1.0"), ("servicePrincipals", "beta")] {
        let id = if container == "applications" { &application.id } else { &application.sp };
        let path = format!("{version}/{container}/{id}/synchronization/templates");
        let list = app.read(&path).await;
        let ids: Vec<_> = list["value"].as_array().unwrap().iter().map(|item| item["id"].clone()).collect();
        assert_eq!(ids, [json!("customappsso"), json!("scim")], "{path}");
        assert_eq!(list["value"][0]["default"], json!(true));
        assert_eq!(list["value"][0].get("schema").is_some(), version == "beta", "{path}");
        assert_eq!(app.get(&format!("{path}/$count")).await.text, "2");
    }
    let path = format!("servicePrincipals/{}/synchronization/templates/SCIM", application.sp);
    let template = app.read(&path).await;
    assert_eq!((&template["id"], &template["applicationId"]), (&json!("scim"), &json!(CUSTOM)));
    let schema = app.read(&format!("{path}/schema")).await;
    assert_eq!(schema["id"], json!(format!("scim.{}", "0".repeat(32))));
}

#[tokio::test]
async fn an_own_template_makes_jobs() {
    let app = TestApp::new().await;
    let made = app.write("POST", "applications", json!({"displayName": "People"}), 201).await;
    let templates = format!("applications/{}/synchronization/templates", text(&made["id"]));
    assert_eq!(app.read(&templates).await["value"], json!([]));
    let body = json!({"id": "people", "applicationId": CUSTOM, "factoryTag": "scim", "default": true});
    let created = app.write("POST", &templates, body, 201).await;
    assert_eq!(created["id"], "people");
    app.write("POST", "servicePrincipals", json!({"appId": made["appId"]}), 201).await;
    let jobs = templates.replace("/templates", "/jobs");
    let job = app.write("POST", &jobs, json!({"templateId": "PEOPLE"}), 201).await;
    assert!(text(&job["id"]).starts_with("people."), "{job}");
    assert_eq!(job["templateId"], "people");
}
