//! PowerShell, `az rest`, vendors' guides, schema editors, monitors.

use serde_json::{Value as Json, json};

use super::Client;
use crate::testing::text;

const POWERSHELL: &str = "User-Agent: Mozilla/5.0 (Windows NT 10.0; Microsoft Windows 10.0.22631; en-US) PowerShell/7.4.6\r\n\
     Accept-Encoding: gzip, deflate, br\r\nContent-Type: application/json\r\n";
const CURL: &str = "User-Agent: curl/8.5.0\r\nAccept: */*\r\nContent-Type: application/json\r\n";

#[tokio::test]
async fn a_vendors_guide_is_followed() {
    let (client, application) = Client::with_application(CURL).await;
    let root = format!("/beta/servicePrincipals/{}/synchronization", application.sp);
    let templates = client.bare(&format!("GET {root}/templates/"), 200).await.json();
    let template = text(&templates["value"][0]["id"]);
    assert_eq!(templates["value"][0]["default"], true, "scripts take the first");
    let job = client
        .full(&format!("POST {root}/jobs"), &format!("{{ \"templateId\": \"{template}\" }}"), 201)
        .await;
    let id = text(&job.json()["id"]);
    let secrets = r#"{ "value": [ { "key": "BaseAddress", "value": "https://people.example/scim" }, { "key": "SecretToken", "value": "s3cr3t" } ] }"#;
    client.full(&format!("PUT {root}/secrets"), secrets, 204).await;
    let validate = format!(
        r#"{{ "templateId": "{template}", "useSavedCredentials": "false", "credentials": [ {{ "key": "BaseAddress", "value": "https://people.example/scim" }}, {{ "key": "SecretToken", "value": "*" }} ] }}"#
    );
    client.app.runtime.take_calls();
    client.full(&format!("POST {root}/jobs/validateCredentials"), &validate, 204).await;
    let tried = "validate SecretToken=s3cr3t BaseAddress=https://people.example/scim";
    assert_eq!(client.app.runtime.take_calls(), [tried]);
    client.full(&format!("POST {root}/jobs/{id}/start"), "", 204).await;
    let jobs = client.bare(&format!("GET {root}/jobs"), 200).await.json();
    let status = &jobs["value"][0]["status"];
    assert_eq!((&status["code"], &status["quarantine"]), (&json!("NotRun"), &Json::Null));
    assert_eq!(status["lastExecution"]["state"], "Failed");
    client.server.stop().await;
}

#[tokio::test]
async fn a_token_is_rotated() {
    let (client, application) = Client::with_application(POWERSHELL).await;
    client.app.job(&application).await;
    let root = format!("/v1.0/servicePrincipals/{}/synchronization", application.sp);
    let both = r#"{"value":[{"key":"BaseAddress","value":"https://people.example/scim"},{"key":"SecretToken","value":"old"}]}"#;
    client.full(&format!("PUT {root}/secrets"), both, 204).await;
    client
        .full(&format!("PUT {root}/secrets"), r#"{"value":[{"key":"SecretToken","value":"n3w"}]}"#, 204)
        .await;
    let jobs = client.bare(&format!("GET {root}/jobs"), 200).await.json();
    let job = format!("{root}/jobs/{}", text(&jobs["value"][0]["id"]));
    client.app.runtime.take_calls();
    client.full(&format!("POST {job}/validateCredentials"), r#"{"useSavedCredentials":true}"#, 204).await;
    client.full(&format!("POST {job}/validateCredentials"), r#"{"useSavedCredentials":"true"}"#, 204).await;
    let tried = "validate BaseAddress=https://people.example/scim SecretToken=n3w";
    assert_eq!(client.app.runtime.take_calls(), [tried, tried]);
    // As the cmdlets send it, and as `az rest` does.
    for body in ["", "\"\"", "{}", r#"{"criteria":{"resetScope":"Watermark, Escrows, QuarantineState"}}"#] {
        let answer = client.send(&format!("POST {job}/restart"), "", Some(body.as_bytes())).await;
        assert_eq!(answer.status, 204, "{body}: {}", answer.text);
    }
    client.full(&format!("POST {job}/pause"), "\"\"", 204).await;
    client.server.stop().await;
}

#[tokio::test]
async fn a_schema_is_edited_and_sent_back_whole() {
    let (client, application) = Client::with_application(POWERSHELL).await;
    let id = client.app.job(&application).await;
    let path = format!("/v1.0/serviceprincipals/{}/synchronization/jobs/{id}/schema", application.sp);
    let mut schema = client.bare(&format!("GET {path}"), 200).await.json();
    assert!(schema["@odata.context"].is_string());
    schema["synchronizationRules"][0]["objectMappings"][0]["name"] = json!("Provision people");
    client.full(&format!("PUT {path}"), &schema.to_string(), 204).await;
    let read = client.bare(&format!("GET {path}"), 200).await.json();
    assert_eq!(read["synchronizationRules"][0]["objectMappings"][0]["name"], "Provision people");
    assert_ne!(read["version"], schema["version"]);
    client.server.stop().await;
}
