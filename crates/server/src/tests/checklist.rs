//! What clients rely on, a test a line.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::Request;
use http_body_util::Full;
use provisor_graph::odata::paging;
use serde_json::{Value as Json, json};

use crate::testing::{Application, TOKEN, TestApp, text};

/// An application with a job, and the job's path.
async fn with_job(app: &TestApp) -> (Application, String) {
    let application = app.application().await;
    let id = app.job(&application).await;
    let path = format!("servicePrincipals/{}/synchronization/jobs/{id}", application.sp);
    (application, path)
}

#[tokio::test]
async fn line_01_what_was_created_is_read_at_once() {
    let app = TestApp::new().await;
    let (_, job) = with_job(&app).await;
    app.read(&job).await;
    let user = app.user("ida").await;
    app.read(&format!("users/{user}")).await;
}

#[tokio::test]
async fn line_02_no_content_has_no_body() {
    let app = TestApp::new().await;
    let (_, job) = with_job(&app).await;
    for (method, path, body) in [
        ("POST", format!("{job}/start"), None),
        ("PATCH", job.clone(), Some(json!({}))),
        ("POST", format!("{job}/pause"), None),
        ("DELETE", job.clone(), None),
    ] {
        let answer = app.call(method, &path, body).await;
        assert_eq!((answer.status, answer.text.as_str()), (204, ""), "{method} {path}");
        assert_eq!(answer.header("content-type"), "", "{method} {path}");
        assert!(matches!(answer.header("content-length"), "" | "0"), "{method} {path}");
    }
}

#[tokio::test]
async fn line_03_actions_tolerate_any_empty_body() {
    let app = TestApp::new().await;
    let (_, job) = with_job(&app).await;
    for action in ["start", "pause", "restart", "validateCredentials"] {
        for (content_type, body) in [
            (None, ""),
            (Some("application/json"), ""),
            (Some("application/json"), "{}"),
            (Some("application/json"), "null"),
            (Some("application/x-www-form-urlencoded"), ""),
        ] {
            let mut request = Request::builder()
                .method("POST")
                .uri(format!("/v1.0/{job}/{action}"))
                .header("authorization", format!("Bearer {TOKEN}"));
            if let Some(content_type) = content_type {
                request = request.header("content-type", content_type);
            }
            let answer = app.send(request.body(Full::new(Bytes::from(body))).unwrap()).await;
            assert_eq!(answer.status, 204, "{action} {content_type:?} {body}: {}", answer.text);
        }
    }
}

#[tokio::test]
async fn line_04_bodies_may_be_gzip() {
    let app = TestApp::new().await;
    let (application, _) = with_job(&app).await;
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(br#"{"value":[{"key":"Url","value":"https://x.example"}]}"#).unwrap();
    let request = Request::builder()
        .method("PUT")
        .uri(format!("/v1.0/servicePrincipals/{}/synchronization/secrets", application.sp))
        .header("authorization", format!("Bearer {TOKEN}"))
        .header("content-type", "application/json")
        .header("content-encoding", "gzip")
        .body(Full::new(Bytes::from(packed.finish().unwrap())))
        .unwrap();
    assert_eq!(app.send(request).await.status, 204);
}

/// Every key, in the order of storing, with its number; confidential values as `*`.
#[tokio::test]
async fn line_05_secrets_come_back_in_order_and_number() {
    use provisor_graph::resources::synchronization::secret::SecretKey;
    let app = TestApp::new().await;
    let application = app.application().await;
    let path = format!("servicePrincipals/{}/synchronization/secrets", application.sp);
    let keys: Vec<SecretKey> =
        SecretKey::ALL.iter().rev().copied().filter(|key| *key != SecretKey::None).collect();
    // A value that the key can have.
    let value = |key: &SecretKey| match key {
        SecretKey::BaseAddress => "https://people.example/scim",
        SecretKey::SyncNotificationSettings => r#"{"Enabled":true}"#,
        SecretKey::SyncAll
        | SecretKey::SkipOutOfScopeDeletions
        | SecretKey::Sandbox
        | SecretKey::EnforceDomain
        | SecretKey::PerformInboundEntitlementGrants
        | SecretKey::HardDeletesEnabled => "True",
        _ => "v",
    };
    let pairs = |value: &dyn Fn(&SecretKey) -> &'static str| -> Vec<Json> {
        keys.iter().map(|key| json!({"key": key.name(), "value": value(key)})).collect()
    };
    app.write("PUT", &path, json!({"value": pairs(&value)}), 204).await;
    let printed: Vec<Json> = keys
        .iter()
        .map(|key| json!({"key": key.name(), "value": if key.is_confidential() { "*" } else { value(key) }}))
        .collect();
    assert_eq!(app.read(&path).await["value"], json!(printed));
    assert_eq!(app.get(&format!("{path}/$count")).await.text, keys.len().to_string());
    // What is read can be written back, and one key alone can be renewed: nothing moves.
    app.write("PUT", &path, json!({"value": printed}), 204).await;
    app.write("PUT", &path, json!({"value": [{"key": "password", "value": "n3w"}]}), 204).await;
    assert_eq!(app.read(&path).await["value"], json!(printed));
    assert!(app.dump().await.contains("\"Password\": \"n3w\""));
    for body in
        [json!({"value": [{"key": "None", "value": "x"}]}), json!({"value": [{"key": "No", "value": "x"}]})]
    {
        app.write("PUT", &path, body, 400).await;
    }
    for method in ["POST", "PATCH", "DELETE"] {
        assert_eq!(app.call(method, &path, Some(json!({"value": []}))).await.status, 405, "{method}");
    }
    app.write("PUT", &path, json!({"value": pairs(&|_| "")}), 204).await;
    assert_eq!(app.read(&path).await["value"], json!([]));
}

#[tokio::test]
async fn line_06_a_schema_that_is_sent_back_is_the_same() {
    let app = TestApp::new().await;
    let (_, job) = with_job(&app).await;
    let mut before = app.read(&format!("{job}/schema")).await;
    app.write("PUT", &format!("{job}/schema"), before.clone(), 204).await;
    let mut after = app.read(&format!("{job}/schema")).await;
    assert_ne!(before["version"].take(), after["version"].take());
    assert_eq!(before, after);
}

#[tokio::test]
async fn line_07_mistakes_have_their_status_and_a_body() {
    let app = TestApp::new().await;
    let (application, job) = with_job(&app).await;
    let root = format!("servicePrincipals/{}/synchronization", application.sp);
    for (method, path, status) in [
        ("GET", format!("{root}/jobz"), 400),
        ("GET", format!("{job}/nothing"), 400),
        ("GET", format!("{root}/jobs/other"), 404),
        ("GET", format!("{root}/templates/other"), 404),
        ("GET", format!("{job}/schema/directories/other"), 404),
        ("GET", "servicePrincipals/00000000-0000-0000-0000-000000000001/synchronization/jobs".into(), 404),
        ("PUT", job.clone(), 405),
        ("GET", format!("{job}/start"), 405),
        ("POST", format!("{root}/templates"), 405),
        ("POST", format!("{root}/secrets"), 405),
    ] {
        let answer = app.call(method, &path, None).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text);
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.json()["error"]["innerError"]["request-id"], answer.header("request-id"));
    }
}

#[tokio::test]
async fn line_08_next_links_are_absolute_and_their_tokens_hold() {
    let app = TestApp::new().await;
    for name in ["ida", "ole"] {
        app.user(name).await;
    }
    let page = app.read("users?$top=1&$select=displayName").await;
    let link = text(&page["@odata.nextLink"]);
    assert!(link.starts_with("https://graph.example/v1.0/users?"), "{link}");
    assert!(link.contains("$top=1") && link.contains("$select=displayName"), "{link}");
    let (_, token) = link.split_once("$skiptoken=").unwrap();
    let token = token.split('&').next().unwrap();
    assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{token}");
    assert!(paging::decode::<Json>(token).is_some());
    let encoded: String = token.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let again = link
        .replace("https://graph.example/", "")
        .replace(token, &encoded)
        .replace("$skiptoken", "%24skipToken");
    assert_eq!(app.read(&again).await["value"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn line_09_schedule_and_status_are_never_null() {
    let app = TestApp::new().await;
    let (_, job) = with_job(&app).await;
    for action in ["", "start", "pause", "restart"] {
        if !action.is_empty() {
            app.call("POST", &format!("{job}/{action}"), None).await;
        }
        let read = app.read(&job).await;
        assert!(read["schedule"].is_object() && read["status"].is_object(), "after '{action}': {read}");
    }
}

/// Every answer of every test is checked against the metadata; here is that the check sees enumerations.
#[tokio::test]
async fn line_10_enumerations_print_members_of_the_metadata() {
    let app = TestApp::new().await;
    let (_, job) = with_job(&app).await;
    let read = app.read(&job).await;
    assert_eq!(
        (&read["schedule"]["state"], &read["status"]["code"]),
        (&json!("Disabled"), &json!("NotConfigured"))
    );
    let metadata = app.get("$metadata").await;
    assert_eq!((metadata.status, metadata.header("content-type")), (200, "application/xml"));
    assert!(metadata.text.contains("<Member Name=\"NotConfigured\" Value=\"0\"/>"));
    let schema = app.read(&format!("{job}/schema")).await;
    let flow = text(&schema["synchronizationRules"][0]["objectMappings"][0]["flowTypes"]);
    assert_eq!(flow, "Add,Update,Delete", "without spaces");
}

#[tokio::test]
async fn line_11_tokens_tell_the_object_and_the_cloud_is_described() {
    let app = TestApp::new().await;
    let (client, token) = app.client(&[]).await;
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    let claims: Json = serde_json::from_slice(&claims).unwrap();
    assert_eq!(claims["oid"], client.sp.as_str());
    let request = Request::get("/metadata/endpoints").header("host", "graph.example");
    let cloud = app.send(request.body(Full::new(Bytes::new())).unwrap()).await;
    assert_eq!(cloud.status, 200);
    assert!(cloud.text.contains("://graph.example"), "{}", cloud.text);
}

#[tokio::test]
async fn line_12_a_deleted_job_is_gone_at_once() {
    let app = TestApp::new().await;
    let (_, job) = with_job(&app).await;
    assert_eq!(app.call("DELETE", &job, None).await.status, 204);
    let gone = app.get(&job).await;
    assert_eq!((gone.status, gone.error().0.as_str()), (404, "ResourceNotFound"));
    assert_eq!(app.call("DELETE", &job, None).await.status, 404);
}
