//! Microsoft's Graph SDKs for Python, JavaScript and Go.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use super::Client;
use crate::testing::text;

const PYTHON: &str =
    "Accept: application/json\r\nAccept-Encoding: gzip, deflate\r\nUser-Agent: python-httpx/0.27.2\r\n";
const JAVASCRIPT: &str = "Accept: */*\r\nAccept-Encoding: gzip, deflate\r\nUser-Agent: node\r\n\
     SdkVersion: graph-js/3.0.7 (featureUsage=6)\r\nclient-request-id: 0fbb2cbd-94ff-4b53-9bd7-0a4e2f0e9d65\r\n";
const GO: &str = "User-Agent: Go-http-client/1.1\r\nAccept: application/json\r\nAccept-Encoding: gzip\r\n\
     SdkVersion: graph-go-core/1.2.1\r\nclient-request-id: 0fbb2cbd-94ff-4b53-9bd7-0a4e2f0e9d65\r\n";
const JSON: &str = "Content-Type: application/json\r\n";

#[tokio::test]
async fn python_sends_actions_without_a_body() {
    let (client, application) = Client::with_application(PYTHON).await;
    let jobs = format!("/v1.0/servicePrincipals/{}/synchronization/jobs", application.sp);
    let body = br##"{"templateId": "customappsso"}"##;
    let made = client.send(&format!("POST {jobs}"), JSON, Some(body)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    // Path parameters are percent-encoded.
    let job = format!("{jobs}/{}", text(&made.json()["id"]).replace('-', "%2D"));
    let started = client.bare(&format!("POST {job}/start"), 204).await;
    assert_eq!((started.text.as_str(), started.header("content-type")), ("", ""));
    for scope in ["Full", "Escrows,Watermark"] {
        let body = format!(r#"{{"criteria": {{"resetScope": "{scope}"}}}}"#);
        let answer = client.send(&format!("POST {job}/restart"), JSON, Some(body.as_bytes())).await;
        assert_eq!(answer.status, 204, "{}", answer.text);
    }
    let functions = client.bare(&format!("GET {job}/schema/functions()"), 200).await.json();
    assert_eq!(functions["value"][0]["id"], functions["value"][0]["name"]);
    let mut schema = client.bare(&format!("GET {job}/schema"), 200).await.json();
    schema.as_object_mut().unwrap().retain(|name, _| name == "synchronizationRules");
    let patched =
        client.send(&format!("PATCH {job}/schema"), JSON, Some(schema.to_string().as_bytes())).await;
    assert_eq!(patched.status, 204, "{}", patched.text);
    client.server.stop().await;
}

#[tokio::test]
async fn javascript_posts_null() {
    let (client, application) = Client::with_application(JAVASCRIPT).await;
    let id = client.app.job(&application).await;
    let job = format!("/v1.0/servicePrincipals/{}/synchronization/jobs/{id}", application.sp);
    for body in ["null", "{}"] {
        let answer = client.send(&format!("POST {job}/start"), JSON, Some(body.as_bytes())).await;
        assert_eq!(answer.status, 204, "{body}: {}", answer.text);
        assert_eq!(answer.header("client-request-id"), "0fbb2cbd-94ff-4b53-9bd7-0a4e2f0e9d65");
    }
    let secrets = format!("/v1.0/servicePrincipals/{}/synchronization/secrets", application.sp);
    let body = br#"{"value":[{"key":"BaseAddress","value":"https://people.example/scim"}]}"#;
    assert_eq!(client.send(&format!("PUT {secrets}"), JSON, Some(body)).await.status, 204);
    // Nothing is encoded, and the token goes only to known hosts: the refusal must be JSON.
    let head = format!("GET {job} HTTP/1.1\r\nHost: graph.example\r\n{JAVASCRIPT}\r\n");
    let refused = client.server.send(head.as_bytes()).await;
    assert_eq!((refused.status, refused.error().0.as_str()), (401, "InvalidAuthenticationToken"));
    client.server.stop().await;
}

#[tokio::test]
async fn go_compresses_what_it_sends() {
    let (client, application) = Client::with_application(GO).await;
    let id = client.app.job(&application).await;
    let job = format!("/v1.0/servicePrincipals/{}/synchronization/jobs/{id}", application.sp);
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(br#"{"criteria":{"resetScope":"Full"}}"#).unwrap();
    let headers = format!("{JSON}Content-Encoding: gzip\r\n");
    let answer = client.send(&format!("POST {job}/restart"), &headers, Some(&packed.finish().unwrap())).await;
    assert_eq!(answer.status, 204, "{}", answer.text);
    assert!(client.app.runtime.take_calls().last().unwrap().contains("links=true"));
    let read = client.bare(&format!("GET {job}"), 200).await.json();
    assert_eq!(read["status"]["countSuccessiveCompleteFailures"], json!(0), "a number, never a text");
    client.server.stop().await;
}
