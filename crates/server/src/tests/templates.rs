//! Templates: those that are shipped, and what can be done with one.

use serde_json::{Value as Json, json};

use crate::testing::{CUSTOM, TestApp, text};

#[test]
fn every_shipped_schema_passes_the_check() {
    for entry in provisor_graph::templates::application_templates() {
        for offer in &entry.synchronization {
            let schema = serde_json::from_str(&offer.schema).unwrap();
            assert_eq!(crate::schema::check(&schema), [], "{}", offer.id);
            crate::schema::compile_text(&offer.schema).unwrap();
        }
    }
}

/// The sources of a schema that lack one of their forms.
fn incomplete(schema: &Json) -> Vec<String> {
    let list = |json: &Json| json.as_array().unwrap().clone();
    let rules = list(&schema["synchronizationRules"]).into_iter();
    let mappings = rules.flat_map(|rule| list(&rule["objectMappings"]));
    let attributes = mappings.flat_map(|mapping| list(&mapping["attributeMappings"]));
    let lacks = |source: &Json| source["name"].is_null() || source["expression"].is_null();
    attributes
        .filter(|attribute| lacks(&attribute["source"]))
        .map(|attribute| attribute.to_string())
        .collect()
}

#[tokio::test]
async fn every_shipped_template_can_be_viewed_and_copied() {
    let app = TestApp::new().await;
    let custom = app.application().await;
    let copies = format!("applications/{}/synchronization/templates", custom.id);
    let gallery = app.read("applicationTemplates").await;
    for entry in gallery["value"].as_array().unwrap() {
        let instantiate = format!("applicationTemplates/{}/instantiate", text(&entry["id"]));
        let made = app.write("POST", &instantiate, json!({"displayName": "x"}), 201).await;
        let path = format!("applications/{}/synchronization/templates", text(&made["application"]["id"]));
        for template in app.read(&path).await["value"].as_array().unwrap() {
            let id = text(&template["id"]);
            let schema = app.read(&format!("{path}/{id}/schema")).await;
            assert_eq!(incomplete(&schema), Vec::<String>::new(), "{id}");
            let copy =
                json!({"id": format!("my-{id}"), "factoryTag": template["factoryTag"], "schema": schema});
            app.write("POST", &copies, copy, 201).await;
            let copied = app.read(&format!("{copies}/my-{id}/schema")).await;
            assert_eq!(copied["synchronizationRules"], schema["synchronizationRules"], "{id}");
        }
    }
    assert_eq!(app.get(&format!("{copies}/$count")).await.text, "7");
}

#[tokio::test]
async fn a_job_without_a_connector_does_not_start() {
    let app = TestApp::new().await;
    let gallery = app.read("applicationTemplates").await;
    let ldap =
        gallery["value"].as_array().unwrap().iter().find(|entry| entry["displayName"] == "LDAP directory");
    let instantiate = format!("applicationTemplates/{}/instantiate", text(&ldap.unwrap()["id"]));
    let made = app.write("POST", &instantiate, json!({"displayName": "x"}), 201).await;
    let jobs = format!("applications/{}/synchronization/jobs", text(&made["application"]["id"]));
    let job = app.write("POST", &jobs, json!({"templateId": "ldap"}), 201).await;
    let (_, message) = app.call("POST", &format!("{jobs}/{}/start", text(&job["id"])), None).await.error();
    assert!(message.starts_with("The template 'ldap' is for the connector 'ldap'"), "{message}");
    app.runtime.take_calls();
    let by_job = format!("{jobs}/{}/validateCredentials", text(&job["id"]));
    for path in [by_job, format!("{jobs}/validateCredentials")] {
        let refused = app.call("POST", &path, Some(json!({"templateId": "ldap"}))).await;
        assert_eq!(refused.status, 400, "{path}");
    }
    assert!(app.runtime.take_calls().is_empty(), "nothing is tried");
}

#[tokio::test]
async fn a_template_is_replaced_and_deleted() {
    let app = TestApp::new().await;
    let application = app.application().await;
    let templates = format!("applications/{}/synchronization/templates", application.id);
    let scim = format!("{templates}/scim");
    let before = app.read(&format!("{scim}/schema")).await;
    app.write("PUT", &scim, json!({"id": "other", "description": "ours", "factoryTag": "scim"}), 204).await;
    let after = app.read(&scim).await;
    assert_eq!((&after["id"], &after["description"]), (&json!("scim"), &json!("ours")));
    assert_eq!(
        (&after["default"], &after["metadata"]),
        (&json!(false), &json!([])),
        "what is not sent is erased"
    );
    assert_eq!(app.read(&format!("{scim}/schema")).await, before, "a schema that is not sent stays");
    let through_principal = format!("servicePrincipals/{}/synchronization/templates/scim", application.sp);
    app.write("PATCH", &through_principal, json!({}), 405).await;
    app.job(&application).await;
    let used = app.call("DELETE", &format!("{templates}/customappsso"), None).await;
    assert_eq!(used.status, 409, "{}", used.text);
    assert_eq!(app.call("DELETE", &through_principal, None).await.status, 204);
    assert_eq!(app.get(&scim).await.status, 404);
}

#[tokio::test]
async fn the_schema_of_a_template_is_changed_and_restored() {
    let app = TestApp::new().await;
    let application = app.application().await;
    app.job(&application).await;
    let path = format!("servicePrincipals/{}/synchronization/templates/customappsso/schema", application.sp);
    let before = app.read(&path).await;
    let mut changed = before.clone();
    changed["synchronizationRules"][0]["name"] = json!("renamed");
    app.runtime.take_calls();
    app.write("PUT", &path, changed, 204).await;
    assert_eq!(app.runtime.take_calls().len(), 1, "the job that follows the template begins anew");
    let after = app.read(&path).await;
    assert_eq!(after["synchronizationRules"][0]["name"], "renamed");
    assert_ne!(after["version"], before["version"]);
    assert_eq!(app.call("DELETE", &path, None).await.status, 204);
    assert_eq!(app.read(&path).await, before);
    let mut broken = before;
    broken["synchronizationRules"][0]["targetDirectoryName"] = json!("nowhere");
    let refused = app.write("PATCH", &path, broken, 400).await;
    assert_eq!(refused["error"]["details"][0]["code"], "UnknownDirectory");
    let unknown = format!("applicationTemplates/{}", CUSTOM.replace('8', "9"));
    assert_eq!(app.get(&unknown).await.status, 404);
}
