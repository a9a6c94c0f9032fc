use std::net::IpAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::*;

mod closing;
mod tls;

/// A server that answers each request on a connection with the next of `answers`, then says what
/// it was sent.
async fn server(answers: Vec<Vec<u8>>) -> (String, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (seen, requests) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut answers = answers.into_iter();
        while let Ok((mut stream, peer)) = listener.accept().await {
            let mut buffer = vec![0; 64 * 1024];
            while let Ok(length @ 1..) = stream.read(&mut buffer).await {
                let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
                seen.send(format!("{}\n{text}", peer.port())).unwrap();
                match answers.next() {
                    Some(answer) if !answer.is_empty() => stream.write_all(&answer).await.unwrap(),
                    Some(_) => break,
                    // Silence, until the client has enough.
                    None => {}
                }
            }
        }
    });
    (url, requests)
}

fn answer(status: &str, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

fn http() -> HttpClient {
    let options = HttpOptions { system_roots: false, max_body: 1_000, ..HttpOptions::default() };
    HttpClient::new(options).unwrap()
}

fn client(url: &str) -> ScimClient {
    ScimClient::new(http(), url, Some(&SecretString::from("s3cret"))).unwrap()
}

fn scrubbed(request: &str, url: &str) -> String {
    let (_, request) = request.split_once('\n').unwrap();
    request.replace(url.trim_start_matches("http://"), "HOST").replace('\r', "")
}

#[tokio::test]
async fn a_create_is_sent_in_full() {
    let created = answer("201 Created", "ETag: W/\"1\"\r\nLocation: /Users/7\r\n", "{\"id\":\"7\"}");
    let (url, mut requests) = server(vec![created]).await;
    let client = client(&format!("{url}/scim/?aadOptscim062020"));
    let response = client.create("Users", Bytes::from_static(b"{\"userName\":\"ada\"}")).await.unwrap();
    assert_eq!((response.status.as_u16(), response.etag()), (201, Some("W/\"1\"")));
    assert_eq!(response.location(), Some("/Users/7"));
    assert_eq!(response.json::<serde_json::Value>().unwrap()["id"], "7");
    insta::assert_snapshot!(scrubbed(&requests.recv().await.unwrap(), &url), @r#"
    POST /scim/Users HTTP/1.1
    accept: application/scim+json
    authorization: Bearer s3cret
    content-type: application/scim+json
    user-agent: provisor/0.1.0
    host: HOST
    content-length: 18

    {"userName":"ada"}
    "#);
}

#[tokio::test]
async fn paths_and_queries_are_encoded() {
    let ok = || answer("200 OK", "", "{}");
    let (url, mut requests) = server((0..5).map(|_| ok()).collect()).await;
    let client = client(&format!("{url}/"));
    let mut line = async |response: Result<Response, ClientError>| {
        response.unwrap();
        let request = requests.recv().await.unwrap();
        request.lines().nth(1).unwrap().to_owned()
    };
    let query = Query {
        filter: Some(r#"userName eq "a+b&c=d é#1""#),
        start_index: Some(1),
        count: Some(20),
        attributes: Some("id,userName"),
        excluded_attributes: None,
    };
    insta::assert_snapshot!(line(client.query("Users", &query).await).await, @"GET /Users?filter=userName%20eq%20%22a%2Bb%26c%3Dd%20%C3%A9%231%22&startIndex=1&count=20&attributes=id%2CuserName HTTP/1.1");
    let query = Query { excluded_attributes: Some("members"), ..Query::default() };
    insta::assert_snapshot!(line(client.fetch("Groups", "a/b c?d", &query).await).await, @"GET /Groups/a%2Fb%20c%3Fd?excludedAttributes=members HTTP/1.1");
    insta::assert_snapshot!(line(client.fetch("Users", "..", &Query::default()).await).await, @"GET /Users/%2E%2E HTTP/1.1");
    insta::assert_snapshot!(line(client.get("/Schemas/urn:x:2.0:User").await).await, @"GET /Schemas/urn:x:2.0:User HTTP/1.1");
    insta::assert_snapshot!(line(client.delete("Users", "7", Some("W/\"1\"")).await).await, @"DELETE /Users/7 HTTP/1.1");
}

#[tokio::test]
async fn connections_are_kept_after_errors_too() {
    let busy = answer("429 Too Many Requests", "Retry-After: 7\r\n", "{\"detail\":\"slow down\"}");
    let (url, mut requests) = server(vec![busy, answer("204 No Content", "", "")]).await;
    let client = client(&url);
    let response = client.patch("Users", "1", Bytes::from_static(b"{}"), Some("W/\"2\"")).await.unwrap();
    assert_eq!(response.error().unwrap().detail, "slow down");
    assert_eq!(response.retry_after(jiff::Timestamp::UNIX_EPOCH), Some(Duration::from_secs(7)));
    assert_eq!(client.delete("Users", "1", None).await.unwrap().status.as_u16(), 204);
    let (first, second) = (requests.recv().await.unwrap(), requests.recv().await.unwrap());
    assert!(first.contains("if-match: W/\"2\"\r\n"), "{first}");
    assert_eq!(first.lines().next(), second.lines().next(), "both came over one connection");
}

#[tokio::test]
async fn large_bodies_are_refused_and_large_errors_cut() {
    let long = "x".repeat(20_000);
    let chunked = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4e20\r\n{long}\r\n0\r\n\r\n");
    let answers = vec![answer("200 OK", "", &long), chunked.into_bytes(), answer("500 Oops", "", &long)];
    let (url, _requests) = server(answers).await;
    let client = client(&url);
    for _ in 0..2 {
        let error = client.get("Users").await.unwrap_err();
        assert!(matches!(error, ClientError::BodyTooLarge { limit: 1_000, .. }), "{error}");
    }
    assert_eq!(client.get("Users").await.unwrap().body.len(), 8 * 1024);
}

#[tokio::test]
async fn redirects_are_named_and_not_followed() {
    let moved = answer("307 Temporary Redirect", "Location: https://other/Users?code=secret\r\n", "");
    let (url, _requests) = server(vec![moved, answer("304 Not Modified", "", "")]).await;
    let client = client(&url);
    let error = client.create("Users", Bytes::new()).await.unwrap_err();
    assert!(!error.maybe_applied());
    let text = error.to_string().replace(&url, "URL");
    insta::assert_snapshot!(text, @"URL redirects to https://other/Users (307); use that address if it is trusted");
    assert_eq!(client.get("Users").await.unwrap().status.as_u16(), 304);
}

#[tokio::test]
async fn a_lost_answer_may_have_been_applied() {
    let (url, _requests) = server(vec![Vec::new()]).await;
    let error = client(&url).create("Users", Bytes::from_static(b"{}")).await.unwrap_err();
    assert!(matches!(error, ClientError::Protocol { .. }), "{error:?}");
    assert!(error.maybe_applied());
}

#[tokio::test]
async fn a_refused_connection_was_not_applied() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = client(&url).create("Users", Bytes::new()).await.unwrap_err();
    assert!(matches!(error, ClientError::Connect { .. }), "{error:?}");
    assert!(!error.maybe_applied());
}

#[tokio::test]
async fn a_server_that_does_not_speak_tls_is_a_tls_error() {
    let (url, _requests) = server(vec![b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()]).await;
    let error = client(&url.replace("http:", "https:")).get("Users").await.unwrap_err();
    assert!(matches!(error, ClientError::Tls { .. }), "{error:?}");
}

#[tokio::test]
async fn silence_ends_at_the_time_limit() {
    let (url, _requests) = server(Vec::new()).await;
    let limits = HttpOptions {
        system_roots: false,
        connect_timeout: Duration::from_secs(20),
        first_byte_timeout: Duration::from_millis(20),
        ..HttpOptions::default()
    };
    let http = HttpClient::new(limits.clone()).unwrap();
    let plain = ScimClient::new(http, &url, None).unwrap();
    let error = plain.create("Users", Bytes::new()).await.unwrap_err();
    assert!(matches!(error, ClientError::Timeout { phase: Phase::FirstByte, .. }), "{error:?}");
    assert!(error.maybe_applied());

    let swapped = HttpOptions {
        connect_timeout: limits.first_byte_timeout,
        first_byte_timeout: limits.connect_timeout,
        ..limits
    };
    let http = HttpClient::new(swapped).unwrap();
    let tls = ScimClient::new(http, &url.replace("http:", "https:"), None).unwrap();
    let error = tls.create("Users", Bytes::new()).await.unwrap_err();
    assert!(matches!(error, ClientError::Timeout { phase: Phase::Connect, .. }), "{error:?}");
    assert!(!error.maybe_applied());
}

#[tokio::test]
async fn forbidden_addresses_are_not_connected_to() {
    let (url, mut requests) = server(Vec::new()).await;
    let options = HttpOptions {
        system_roots: false,
        addresses: Some(AddressFilter::new(|address: IpAddr| !address.is_loopback())),
        ..HttpOptions::default()
    };
    let http = HttpClient::new(options).unwrap();
    let port = url.rsplit(':').next().unwrap();
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"] {
        let client = ScimClient::new(http.clone(), &format!("http://{host}:{port}"), None).unwrap();
        let error = client.get("Users").await.unwrap_err();
        assert!(matches!(error, ClientError::Forbidden { .. }), "{host}: {error:?}");
    }
    assert!(requests.try_recv().is_err());
}

#[test]
fn the_base_url_is_checked_and_its_flags_are_kept() {
    let scim = client("https://example.com/scim/v2/?aadOptscim062020&x=1");
    assert_eq!(scim.base_url(), "https://example.com/scim/v2");
    assert_eq!(scim.flags(), ["aadOptscim062020", "x=1"]);
    assert!(scim.has_flag("AADoptscim062020") && scim.has_flag("x") && !scim.has_flag("y"));
    for url in ["", "example.com", "ftp://example.com", "https://user:pw@example.com", "/scim"] {
        let error = ScimClient::new(http(), url, None).unwrap_err();
        assert!(matches!(error, ClientError::InvalidUrl { .. }), "{url}: {error:?}");
        assert!(!error.to_string().contains("pw"));
    }
}

#[test]
fn no_debug_output_holds_the_token() {
    let client = client("https://example.com");
    let other = client.with_token(&SecretString::from("n3w")).unwrap();
    let value = other.target.authorization.clone();
    let text = format!("{client:?} {other:?} {value:?}");
    assert!(!text.contains("s3cret") && !text.contains("n3w"), "{text}");
    let broken = ScimClient::new(http(), "https://example.com", Some(&SecretString::from("a\nb")));
    assert!(matches!(broken, Err(ClientError::InvalidToken)));
}

#[test]
fn extra_roots_have_to_be_certificates() {
    let options =
        HttpOptions { system_roots: false, extra_roots: vec![b"hello".to_vec()], ..HttpOptions::default() };
    assert!(matches!(HttpClient::new(options), Err(ClientError::TlsSetup(_))));
}
