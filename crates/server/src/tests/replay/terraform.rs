//! The `azuread` provider of Terraform (go-azure-sdk).

use serde_json::json;

use super::Client;
use crate::testing::{CUSTOM, text};
use crate::tests::on_demand::entry;
use provisor_engine::log::Status;

/// On every request, also on those without a body.
const HEADERS: &str = "User-Agent: HashiCorp Terraform/1.9.8 (+https://www.terraform.io) terraform-provider-azuread/3.0.2\r\n\
     Accept: application/json; charset=utf-8; IEEE754Compatible=false\r\n\
     Content-Type: application/json; charset=utf-8; IEEE754Compatible=false\r\n\
     OData-MaxVersion: 4.0\r\nOData-Version: 4.0\r\n\
     X-Ms-Correlation-Request-Id: 7d3c5a10-55aa-4a0e-9d2f-2c61f0a7b901\r\n\
     Accept-Encoding: gzip\r\n";

#[tokio::test]
async fn a_synchronization_job_lives_and_dies() {
    let (client, application) = Client::with_application(HEADERS).await;
    let principal = format!("/v1.0/servicePrincipals/{}", application.sp);
    let jobs = format!("{principal}/synchronization/jobs");
    client.bare(&format!("GET {principal}"), 200).await;
    let body = r##"{"@odata.type":"#microsoft.graph.synchronizationJob","templateId":"customappsso"}"##;
    let created = client.full(&format!("POST {jobs}"), body, 201).await.json();
    let job = format!("{jobs}/{}", text(&created["id"]));
    assert!(!text(&created["id"]).contains('/'));
    for _ in 0..5 {
        client.bare(&format!("GET {job}"), 200).await;
    }
    let started = client.send(&format!("POST {job}/start"), "", Some(b"")).await;
    assert_eq!((started.status, started.text.as_str()), (204, ""));
    let read = client.bare(&format!("GET {job}"), 200).await.json();
    assert_eq!(read["templateId"], "customappsso");
    assert_eq!(read["schedule"], json!({"expiration": null, "interval": "PT40M", "state": "Active"}));
    for (action, state) in [("pause", "Paused"), ("start", "Active")] {
        client.send(&format!("POST {job}/{action}"), "", Some(b"")).await;
        let read = client.bare(&format!("GET {job}"), 200).await.json();
        assert_eq!(read["schedule"]["state"], state);
    }
    client.bare(&format!("DELETE {job}"), 204).await;
    for _ in 0..5 {
        client.bare(&format!("GET {job}"), 404).await;
    }
    client.server.stop().await;
}

#[tokio::test]
async fn secrets_are_polled_until_their_number_is_right() {
    let (client, application) = Client::with_application(HEADERS).await;
    let principal = format!("/v1.0/servicePrincipals/{}", application.sp);
    let secrets = format!("{principal}/synchronization/secrets");
    client.bare(&format!("GET {principal}"), 200).await;
    let sent = r#"{"value":[{"key":"SecretToken","value":"s3cr3t"},{"key":"BaseAddress","value":"https://people.example/scim"},{"key":"SyncNotificationSettings","value":"{\"Enabled\":false}"}]}"#;
    client.full(&format!("PUT {secrets}"), sent, 204).await;
    for _ in 0..5 {
        let read = client.bare(&format!("GET {secrets}"), 200).await;
        assert!(read.header("content-type").starts_with("application/json"));
        assert_eq!(
            read.json()["value"],
            json!([
                {"key": "SecretToken", "value": "*"},
                {"key": "BaseAddress", "value": "https://people.example/scim"},
                {"key": "SyncNotificationSettings", "value": "{\"Enabled\":false}"},
            ])
        );
    }
    let gone = r#"{"value":[{"key":"SecretToken","value":""},{"key":"BaseAddress","value":""},{"key":"SyncNotificationSettings","value":""}]}"#;
    client.full(&format!("PUT {secrets}"), gone, 204).await;
    assert_eq!(client.bare(&format!("GET {secrets}"), 200).await.json()["value"], json!([]));
    client.server.stop().await;
}

#[tokio::test]
async fn an_object_is_provisioned_on_demand() {
    let (client, application) = Client::with_application(HEADERS).await;
    let id = client.app.job(&application).await;
    let user = client.app.user("ida").await;
    let principal = format!("/v1.0/servicePrincipals/{}", application.sp);
    let job = format!("{principal}/synchronization/jobs/{id}");
    client.bare(&format!("GET {principal}"), 200).await;
    client.bare(&format!("GET {job}"), 200).await;
    let schema = client.app.read(&format!("{job}/schema")).await;
    let rule = text(&schema["synchronizationRules"][0]["id"]);
    *client.app.runtime.entry.lock().unwrap() = Some(entry("2026-03-04T09:30:00Z", Status::Skipped));
    let body = format!(
        r#"{{"parameters":[{{"ruleId":"{rule}","subjects":[{{"objectId":"{user}","objectTypeName":"User"}}]}}]}}"#
    );
    let answer = client.full(&format!("POST {job}/provisionOnDemand"), &body, 200).await.json();
    assert!(text(&answer["key"]).starts_with("{\"details\":") || text(&answer["key"]).contains("\"result\""));
    client.server.stop().await;
}

#[tokio::test]
async fn an_application_comes_from_a_template() {
    let client = Client::new(HEADERS).await;
    let gallery = client.app.read("applicationTemplates").await;
    let custom = gallery["value"].as_array().unwrap().iter().find(|entry| entry["id"] == CUSTOM).unwrap();
    let name = text(&custom["displayName"]).replace(' ', "%20");
    let found = client
        .bare(&format!("GET /v1.0/applicationTemplates?%24filter=displayName+eq+%27{name}%27"), 200)
        .await
        .json();
    assert_eq!(found["value"].as_array().unwrap().len(), 1);
    let path = format!("/v1.0/applicationTemplates/{CUSTOM}/instantiate");
    let made = client.full(&format!("POST {path}"), r#"{"displayName":"People"}"#, 201).await.json();
    let (application, principal) = (&made["application"], &made["servicePrincipal"]);
    let application_path = format!("/v1.0/applications/{}", text(&application["id"]));
    for _ in 0..5 {
        client.bare(&format!("GET {application_path}"), 200).await;
    }
    let principal_path = format!("servicePrincipals/{}", text(&principal["id"]));
    client.bare(&format!("GET /v1.0/{principal_path}"), 200).await;
    let by_app =
        format!("GET /v1.0/servicePrincipals?%24filter=appId+eq+%27{}%27", text(&application["appId"]));
    assert_eq!(client.bare(&by_app, 200).await.json()["value"][0]["id"], principal["id"]);
    let saml =
        client.bare(&format!("GET /beta/{principal_path}?%24select=samlMetadataUrl"), 200).await.json();
    assert_eq!(saml["samlMetadataUrl"], json!(null));
    client.bare(&format!("GET /v1.0/{principal_path}?%24select=samlMetadataUrl"), 400).await;
    client.bare(&format!("DELETE {application_path}"), 204).await;
    client.bare(&format!("GET {application_path}"), 404).await;
    client.server.stop().await;
}

#[tokio::test]
async fn an_app_role_is_assigned() {
    let (client, application) = Client::with_application(HEADERS).await;
    let user = client.app.user("ida").await;
    let principal = format!("/v1.0/servicePrincipals/{}", application.sp);
    let resource = client.bare(&format!("GET {principal}"), 200).await.json();
    let role = text(&resource["appRoles"][0]["id"]);
    let body =
        format!(r#"{{"appRoleId":"{role}","principalId":"{user}","resourceId":"{}"}}"#, application.sp);
    let made = client.full(&format!("POST {principal}/appRoleAssignedTo"), &body, 201).await.json();
    let assignment = format!("{principal}/appRoleAssignedTo/{}", text(&made["id"]));
    client.bare(&format!("GET {assignment}"), 200).await;
    client.bare(&format!("DELETE {assignment}"), 204).await;
    client.bare(&format!("GET {assignment}"), 404).await;
    client.server.stop().await;
}
