//! Many requests in one, and answers in gzip.

use std::io::Read as _;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use flate2::read::GzDecoder;
use http::Request;
use http_body_util::Full;
use serde_json::{Value as Json, json};

use crate::http::body::{Upload, read};
use crate::http::forwarded::Peer;
use crate::testing::{TOKEN, TestApp};

fn statuses(answer: &Json) -> Vec<(String, u64)> {
    let responses = answer["responses"].as_array().unwrap().iter();
    responses.map(|one| (one["id"].as_str().unwrap().to_owned(), one["status"].as_u64().unwrap())).collect()
}

fn pair(id: &str, status: u64) -> (String, u64) {
    (id.to_owned(), status)
}

#[tokio::test]
async fn a_batch_answers_each_of_its_requests() {
    let app = TestApp::new().await;
    let json = json!({"Content-Type": "application/json"});
    let group = json!({"displayName": "Staff", "mailEnabled": false, "mailNickname": "staff",
        "securityEnabled": true});
    let batch = json!({"requests": [
        {"id": "read", "method": "GET", "url": "/groups?$filter=displayName eq 'Staff'", "dependsOn": ["make"]},
        {"id": "make", "method": "POST", "url": "groups", "headers": json, "body": group},
        {"id": "count", "method": "GET", "url": "groups/$count", "headers": {"ConsistencyLevel": "eventual"},
            "dependsOn": ["make"]},
        {"id": "missing", "method": "GET", "url": "/groups/00000000-0000-0000-0000-000000000001"},
        {"id": "never", "method": "DELETE", "url": "/groups/x", "dependsOn": ["missing"]},
        {"id": "nested", "method": "POST", "url": "/$batch", "headers": json, "body": {"requests": []}},
        {"id": "untyped", "method": "POST", "url": "/groups", "body": group},
    ]});
    let answer = app.write("POST", "$batch", batch, 200).await;
    assert_eq!(
        statuses(&answer),
        [
            pair("read", 200),
            pair("make", 201),
            pair("count", 200),
            pair("missing", 404),
            pair("never", 424),
            pair("nested", 400),
            pair("untyped", 400),
        ]
    );
    let responses = &answer["responses"];
    assert_eq!(responses[0]["body"]["value"][0]["displayName"], "Staff");
    let location = responses[1]["headers"]["Location"].as_str().unwrap();
    assert!(location.starts_with("https://graph.example/v1.0/groups/"), "{location}");
    assert_eq!(responses[2]["body"], STANDARD.encode("1"));
    assert_eq!(responses[4]["body"]["error"]["code"], "FailedDependency");
}

#[tokio::test]
async fn a_batch_says_nothing_of_what_its_caller_may_not_see() {
    let app = TestApp::new().await;
    let batch = json!({"requests": [{"id": "1", "method": "GET", "url": "/users",
        "headers": {"Authorization": format!("Bearer {TOKEN}")}}]});
    let request = Request::post("/v1.0/$batch").header("content-type", "application/json");
    let answer = app.send(request.body(Full::new(Bytes::from(batch.to_string()))).unwrap()).await;
    assert_eq!(answer.status, 401);
}

#[tokio::test]
async fn large_answers_are_compressed_for_those_who_take_it() {
    let app = TestApp::new().await;
    let plain = app.get("servicePrincipals/x/synchronization").await;
    assert_eq!(plain.header("vary"), "Accept-Encoding");
    let application = app.application().await;
    let job = app.job(&application).await;
    let path = format!("/v1.0/servicePrincipals/{}/synchronization/jobs/{job}/schema", application.sp);
    let request = Request::get(&path)
        .header("authorization", format!("Bearer {TOKEN}"))
        .header("accept-encoding", "br, gzip");
    let response =
        crate::http::handle(app.state.clone(), request.body(Full::new(Bytes::new())).unwrap()).await;
    let (head, body) = response.into_parts();
    let bytes = read(&http::HeaderMap::new(), &mut Upload::new(body), 1 << 20).await.unwrap();
    assert_eq!(head.headers["content-encoding"], "gzip");
    assert_eq!(head.headers["content-length"], bytes.len().to_string());
    let mut text = String::new();
    GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
    assert_eq!(text, app.get(&path).await.text);
    assert!(bytes.len() * 4 < text.len());
}

#[tokio::test]
async fn a_batch_holds_no_batch_however_that_is_spelled() {
    let app = TestApp::new().await;
    let headers = json!({"Content-Type": "application/json"});
    for url in ["/$batch", "/%24batch", "/$Batch/", "/microsoft.graph.$batch"] {
        let inner = json!({"requests": [{"id": "1", "method": "GET", "url": "/organization"}]});
        let requests = json!({"requests": [{"id": "1", "method": "POST", "url": url, "headers": headers, "body": inner}]});
        let answer = app.write("POST", "$batch", requests, 200).await;
        assert_eq!(answer["responses"][0]["status"], 400, "{url}");
    }
}

#[tokio::test]
async fn requests_of_a_batch_are_to_the_server_that_the_batch_is_to() {
    let mut app = TestApp::new().await;
    let state = Arc::get_mut(&mut app.state).unwrap();
    state.public_url = None;
    state.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
    app.user("ann").await;
    let forwarded = json!({"Forwarded": "host=evil.example;proto=https", "X-Forwarded-Host": "evil.example"});
    let requests =
        json!({"requests": [{"id": "1", "method": "GET", "url": "/users?$top=1", "headers": forwarded}]});
    // HTTP/2 names the server in the URI and has no Host.
    let request = Request::post("https://own.example:8443/v1.0/$batch")
        .header("authorization", format!("Bearer {TOKEN}"))
        .header("content-type", "application/json")
        .extension(Peer("10.0.0.7:4711".parse().unwrap()))
        .body(Full::new(Bytes::from(requests.to_string())))
        .unwrap();
    let answer = app.send(request).await.json();
    let context = answer["responses"][0]["body"]["@odata.context"].as_str().unwrap();
    assert!(context.contains("://own.example:8443/"), "{context}");
}
