//! What stands before the API: proxies that are believed, limits per client, refusals in Graph's own way.

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use provisor_engine::clock::Clock;
use serde_json::json;

use crate::http::forwarded::Peer;
use crate::http::throttle::{Limits, Throttle};
use crate::state::ApiState;
use crate::testing::{TOKEN, TestApp};

/// The application with its state changed before anybody uses it.
async fn with(change: impl FnOnce(&mut ApiState)) -> TestApp {
    let mut app = TestApp::new().await;
    change(Arc::get_mut(&mut app.state).expect("nobody else has it yet"));
    app
}

fn from(peer: &str, headers: &[(&str, &str)]) -> Request<Full<Bytes>> {
    let mut request = Request::get("/v1.0/organization").header("authorization", format!("Bearer {TOKEN}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(Full::new(Bytes::new())).unwrap();
    request.extensions_mut().insert(Peer(peer.parse().unwrap()));
    request
}

#[tokio::test]
async fn links_follow_what_a_trusted_proxy_says() {
    let app = with(|state| {
        state.public_url = None;
        state.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
    })
    .await;
    let forwarded =
        [("host", "inner.example"), ("forwarded", "for=192.0.2.7;proto=https;host=graph.contoso.example")];
    for (peer, wanted) in [
        ("10.1.2.3:1234", "https://graph.contoso.example/v1.0/"),
        ("192.0.2.1:1234", "http://inner.example/v1.0/"),
    ] {
        let context = app.send(from(peer, &forwarded)).await.json()["@odata.context"].to_string();
        assert!(context.contains(wanted), "{peer}: {context}");
    }
    let odd = [("host", "inner.example"), ("x-forwarded-host", "a b"), ("x-forwarded-proto", "https")];
    assert_eq!(app.send(from("10.1.2.3:1234", &odd)).await.status, 400);
}

#[tokio::test]
async fn whoever_calls_too_often_is_told_when_to_come_again() {
    let app = with(|state| {
        let limits: Limits = "auditLogs=2/10s".parse().unwrap();
        state.throttle = Throttle::new(&limits.0, &state.clock);
    })
    .await;
    for _ in 0..2 {
        assert_eq!(app.get("auditLogs/provisioning").await.status, 200);
    }
    let refused = app.get("auditLogs/provisioning").await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "5"));
    assert_eq!(refused.error().0, "TooManyRequests");
    assert_eq!(app.get("organization").await.status, 200);
    app.clock.advance(std::time::Duration::from_secs(5));
    assert_eq!(app.get("auditLogs/provisioning").await.status, 200);
    assert!(app.clock.elapsed() >= std::time::Duration::from_secs(5));
}

#[tokio::test]
async fn each_request_of_a_batch_counts() {
    let app = with(|state| {
        let limits: Limits = "auditLogs=1/10s".parse().unwrap();
        state.throttle = Throttle::new(&limits.0, &state.clock);
    })
    .await;
    let request = |id: &str| json!({"id": id, "method": "GET", "url": "/auditLogs/provisioning"});
    let batch = json!({"requests": [request("1"), request("2")]});
    let answer = app.write("POST", "$batch", batch, 200).await;
    let mut statuses: Vec<u64> =
        answer["responses"].as_array().unwrap().iter().map(|one| one["status"].as_u64().unwrap()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 429]);
}

#[tokio::test]
async fn the_service_document_lists_the_sets() {
    let app = TestApp::new().await;
    for path in ["", "beta/"] {
        let document = app.read(path).await;
        let sets = document["value"].as_array().unwrap();
        let find = |name: &str| sets.iter().any(|set| set["name"] == name && set["url"] == name);
        assert!(find("users") && find("applicationTemplates") && !find("auditLogs/provisioning"), "{path}");
    }
}
