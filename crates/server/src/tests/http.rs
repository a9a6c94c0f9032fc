//! Headers, versions, verbs, probes.

use std::io::Write as _;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::Request;
use http_body_util::Full;
use serde_json::json;

use crate::http::request::Version;
use crate::testing::{TOKEN, TestApp};

fn request(method: &str, uri: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Request<Full<Bytes>> {
    let mut request =
        Request::builder().method(method).uri(uri).header("authorization", format!("Bearer {TOKEN}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Full::new(body.into())).unwrap()
}

#[tokio::test]
async fn errors_have_graphs_shape_and_the_requests_ids() {
    let app = TestApp::new().await;
    let headers = [("client-request-id", "4f1c0000-0000-0000-0000-000000000001")];
    let answer = app.send(request("GET", "/v1.0/userz", &headers, Vec::new())).await;
    let id = answer.header("request-id");
    assert_eq!(id.len(), 36);
    assert_eq!(answer.header("client-request-id"), headers[0].1);
    assert_eq!(
        answer.json(),
        json!({"error": {
            "code": "BadRequest",
            "message": "Resource not found for the segment 'userz'.",
            "innerError": {
                "date": "2026-03-04T09:12:44", "request-id": id, "client-request-id": headers[0].1,
            },
        }})
    );
}

#[tokio::test]
async fn answers_carry_graphs_headers() {
    let app = TestApp::new().await;
    let answer = app.get("organization").await;
    assert_eq!(
        answer.header("content-type"),
        "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
    );
    assert_eq!(answer.header("odata-version"), "4.0");
    assert_eq!(answer.header("cache-control"), "no-cache");
    assert_eq!(answer.header("client-request-id"), answer.header("request-id"));
    assert_eq!(answer.header("content-length"), answer.text.len().to_string());
    let head = app.call("HEAD", "organization", None).await;
    assert_eq!((head.status, head.text.as_str()), (200, ""));
    assert_eq!(head.header("content-length"), answer.header("content-length"));
    let headers = [("accept", "application/json; odata.metadata=none")];
    let bare = app.send(request("GET", "/v1.0/organization", &headers, Vec::new())).await;
    assert_eq!(bare.json().get("@odata.context"), None);
    assert!(bare.header("content-type").contains("odata.metadata=none"));
}

#[tokio::test]
async fn a_wrong_verb_is_told_the_right_ones() {
    let app = TestApp::new().await;
    let put = app.call("PUT", "organization", Some(json!({}))).await;
    assert_eq!((put.status, put.header("allow")), (405, "GET, HEAD, OPTIONS"));
    let options = app.call("OPTIONS", "users/17/manager/$ref", None).await;
    assert_eq!((options.status, options.header("allow")), (204, "DELETE, GET, HEAD, OPTIONS, PUT"));
}

#[tokio::test]
async fn a_challenge_comes_with_401() {
    let app = TestApp::new().await;
    let request = Request::builder().uri("/v1.0/users").body(Full::new(Bytes::new())).unwrap();
    let answer = app.send(request).await;
    assert_eq!(answer.status, 401);
    let challenge = "Bearer realm=\"\", authorization_uri=\"https://graph.example/common/oauth2/authorize\", \
                     client_id=\"00000003-0000-0000-c000-000000000000\"";
    assert_eq!(answer.header("www-authenticate"), challenge);
}

#[tokio::test]
async fn bodies_may_be_gzip() {
    let app = TestApp::new().await;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(br#"{"displayName":"Packed"}"#).unwrap();
    let headers = [("content-encoding", "gzip"), ("content-type", "application/json; charset=utf-8")];
    let body = encoder.finish().unwrap();
    let answer = app.send(request("POST", "/v1.0/applications", &headers, body)).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert_eq!(answer.json()["displayName"], "Packed");
    let unsaid = br#"{"displayName":"No content type"}"#.to_vec();
    assert_eq!(app.send(request("POST", "/v1.0/applications", &[], unsaid)).await.status, 201);
    let long = vec![b' '; (4 << 20) + 1];
    let headers = [("content-type", "application/json")];
    assert_eq!(app.send(request("POST", "/v1.0/applications", &headers, long)).await.status, 413);
}

#[tokio::test]
async fn probes_need_no_token() {
    let app = TestApp::new().await;
    for path in ["/healthz", "/readyz"] {
        let answer = app.send(Request::builder().uri(path).body(Full::new(Bytes::new())).unwrap()).await;
        assert_eq!(answer.status, 200, "{path}");
    }
}

#[tokio::test]
async fn the_listener_serves_and_stops() {
    let app = TestApp::new().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let shutdown = tokio_util::sync::CancellationToken::new();
    let server = tokio::spawn(crate::http::listener::serve(listener, app.state.clone(), shutdown.clone()));
    let stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!(
        "GET /v1.0/organization HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {TOKEN}\r\n\r\n"
    );
    stream.writable().await.unwrap();
    assert_eq!(stream.try_write(head.as_bytes()).unwrap(), head.len());
    stream.readable().await.unwrap();
    let mut answer = vec![0; 17];
    assert_eq!(stream.try_read(&mut answer).unwrap(), answer.len());
    assert_eq!(answer, b"HTTP/1.1 200 OK\r\n");
    shutdown.cancel();
    // The connection is idle, so it is closed and the server ends without waiting for its time-out.
    server.await.unwrap();
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn every_route_of_the_table_is_reached() {
    for route in crate::api::routes::all() {
        let path = route.pattern.replace("{S}", "applications/17/synchronization");
        let path = path.replace("{type}", "microsoft.graph.user");
        let segments = provisor_graph::odata::path::parse(&path).unwrap();
        let method = route.verb.as_str().parse().unwrap();
        let found = crate::api::router::find(Version::Beta, &method, &segments).unwrap();
        assert_eq!(format!("{:?}", found.route), format!("{route:?}"));
    }
}

#[tokio::test]
async fn what_graph_has_and_we_have_not_is_501() {
    let app = TestApp::new().await;
    for (method, path) in [("POST", "applications/17/addKey"), ("POST", "servicePrincipals/17/removeKey")] {
        let answer = app.call(method, path, None).await;
        assert_eq!((answer.status, answer.error().0.as_str()), (501, "NotImplemented"), "{path}");
    }
}

/// Sends a whole request before it reads, as simple clients do; gives the head of the answer.
async fn sent_whole(token: &str, head: &str, length: usize) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let app = TestApp::new().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let shutdown = tokio_util::sync::CancellationToken::new();
    let server = tokio::spawn(crate::http::listener::serve(listener, app.state.clone(), shutdown.clone()));
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /v1.0/users HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n{head}\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&vec![b' '; length]).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    shutdown.cancel();
    server.await.unwrap();
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn a_refusal_reaches_a_client_that_sends_before_it_reads() {
    let length = 24 << 20;
    let announced = format!("content-length: {length}\r\n");
    for (token, status) in [(TOKEN, "413 "), ("wrong", "401 ")] {
        let answer = sent_whole(token, &announced, length).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
        assert!(answer.contains("connection: close"), "{answer}");
        assert!(answer.contains("\"innerError\""), "{answer}");
    }
    // A client that asks first is told not to send.
    let answer = sent_whole(TOKEN, &format!("{announced}expect: 100-continue\r\n"), 0).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
}
