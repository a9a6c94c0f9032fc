//! `…/schema/directories` and `discover`.

use provisor_engine::ports::{ConnectorError, ErrorClass};
use provisor_engine::schema::definition::{AttributeDefinition, ObjectDefinition};
use serde_json::{Value as Json, json};

use crate::testing::{Application, TestApp, text};

const BUILT_IN: &str = "66e4a8cc-1b7b-435e-95f8-f06cea133828";
const TARGET: &str = "8ffa6169-f354-4751-9b77-9c00765be92d";

async fn job_schema(app: &TestApp) -> (Application, String) {
    let application = app.application().await;
    let job = app.job(&application).await;
    let path = format!("servicePrincipals/{}/synchronization/jobs/{job}/schema", application.sp);
    (application, path)
}

fn names(directory: &Json, object: usize) -> Vec<String> {
    let attributes = directory["objects"][object]["attributes"].as_array().unwrap();
    attributes.iter().map(|attribute| text(&attribute["name"])).collect()
}

#[tokio::test]
async fn directories_are_read_changed_and_deleted_one_by_one() {
    let app = TestApp::new().await;
    let (_, path) = job_schema(&app).await;
    let list = app.read(&format!("{path}/directories?$select=id,name")).await;
    assert_eq!(
        list["value"],
        json!([
        {"id": BUILT_IN, "name": "Microsoft Entra ID"}, {"id": TARGET, "name": "customappsso"}])
    );
    assert_eq!(app.get(&format!("{path}/directories/$count")).await.text, "2");
    let one = format!("{path}/directories/{}", TARGET.to_uppercase());
    let before = app.read(&one).await;
    assert!(text(&before["@odata.context"]).ends_with("/schema/directories/$entity"));
    app.runtime.take_calls();
    app.write("PATCH", &one, json!({"readOnly": true, "id": "ignored"}), 204).await;
    assert!(app.runtime.take_calls()[0].ends_with("watermark=true"));
    let after = app.read(&one).await;
    assert_eq!(
        (&after["readOnly"], &after["id"], &after["objects"]),
        (&json!(true), &json!(TARGET), &before["objects"])
    );
    // What a rule needs stays: the whole schema is checked.
    let refused = app.write("PATCH", &one, json!({"objects": []}), 400).await;
    let target = "synchronizationRules[0].objectMappings[0].targetObjectName";
    assert_eq!(refused["error"]["details"][0]["target"], target);
    assert_eq!(app.call("DELETE", &one, None).await.error().0, "BadRequest");
    let made = app.write("POST", &format!("{path}/directories"), json!({"name": "spare"}), 201).await;
    let spare = format!("{path}/directories/{}", text(&made["id"]));
    assert_eq!(app.read(&spare).await["name"], "spare");
    app.write("POST", &format!("{path}/directories"), json!({"name": "spare"}), 400).await;
    assert_eq!(app.call("DELETE", &spare, None).await.status, 204);
    let (code, message) = app.call("GET", &spare, None).await.error();
    assert_eq!(code, "ResourceNotFound");
    assert!(message.contains(TARGET), "{message}");
}

#[tokio::test]
async fn the_built_in_directory_knows_its_extension_attributes() {
    let app = TestApp::new().await;
    let (_, path) = job_schema(&app).await;
    let user = app.user("ida").await;
    let extension = "extension_0123456789abcdef0123456789abcdef_badge";
    app.write("PATCH", &format!("users/{user}"), json!({extension: "7"}), 204).await;
    app.runtime.take_calls();
    let found = app.write("POST", &format!("{path}/directories/{BUILT_IN}/discover"), json!({}), 200).await;
    assert!(names(&found, 0).contains(&extension.to_owned()), "{found}");
    assert_eq!(found["discoveryDateTime"], "2026-03-04T09:12:44.123456Z");
    assert_eq!(
        found["discoverabilities"],
        "AttributeNames,AttributeDataTypes,AttributeReadOnly,ReferenceAttributes"
    );
    assert_eq!(app.runtime.take_calls(), Vec::<String>::new(), "jobs go on where they are");
    let mut kept = app.read(&format!("{path}/directories/{BUILT_IN}")).await;
    kept["@odata.context"] = found["@odata.context"].clone();
    assert_eq!(kept, found);
}

#[tokio::test]
async fn a_target_is_asked_for_what_it_has() {
    let app = TestApp::new().await;
    let (application, path) = job_schema(&app).await;
    let secrets = json!({"value": [{"key": "BaseAddress", "value": "https://x.example"}]});
    app.write("PUT", &format!("servicePrincipals/{}/synchronization/secrets", application.sp), secrets, 204)
        .await;
    let attribute = |name: &str| AttributeDefinition { name: name.into(), ..AttributeDefinition::default() };
    let user = ObjectDefinition {
        name: "urn:ietf:params:scim:schemas:core:2.0:User".into(),
        attributes: vec![attribute("userName"), attribute("shoeSize")],
        ..ObjectDefinition::default()
    };
    *app.runtime.discovered.lock().unwrap() = vec![user];
    app.runtime.take_calls();
    let discover = format!("{path}/directories/{TARGET}/discover");
    let before = app.read(&format!("{path}/directories/{TARGET}")).await;
    let found = app.write("POST", &discover, json!({}), 200).await;
    assert_eq!(app.runtime.take_calls(), ["discover BaseAddress"]);
    assert_eq!(names(&found, 0), [names(&before, 0), vec!["shoeSize".to_owned()]].concat());
    assert_ne!(found["version"], before["version"]);
    let refusal = ConnectorError::new(ErrorClass::Unauthorized, "read /Schemas", "the target answered 401");
    *app.runtime.refusal.lock().unwrap() = Some(refusal);
    let (code, _) = app.call("POST", &discover, None).await.error();
    assert_eq!(code, "SystemForCrossDomainIdentityManagementInvalidCredentials");
    app.write("PATCH", &format!("{path}/directories/{TARGET}"), json!({"discoverabilities": "None"}), 204)
        .await;
    let (_, message) = app.call("POST", &discover, None).await.error();
    assert!(message.contains("discoverabilities are None"), "{message}");
}
