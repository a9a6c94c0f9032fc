//! The listener over TLS, with the certificate that it makes for itself.

use std::path::Path;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use provisor_scim::{ClientError, HttpClient, HttpOptions, Response};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::testing::TOKEN;
use crate::tls::Tls;

fn now() -> Timestamp {
    // Handshakes look at the machine's clock.
    provisor_engine::clock::Clock::now(&provisor_engine::clock::SystemClock::new())
}

fn client(roots: Vec<Vec<u8>>) -> HttpClient {
    HttpClient::new(HttpOptions { system_roots: false, extra_roots: roots, ..HttpOptions::default() })
        .unwrap()
}

async fn get(client: &HttpClient, url: &str) -> Result<Response, ClientError> {
    let request = Request::get(url).header("authorization", format!("Bearer {TOKEN}"));
    client.send(request.body(Bytes::new()).unwrap()).await
}

/// Serves with what the folder has; gives the port.
async fn serve(folder: &Path, tls: &Tls) -> (u16, CancellationToken) {
    let app = TestApp::over_tls(tls.acceptor(folder, Some("p.example"), now()).unwrap()).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let shutdown = CancellationToken::new();
    let stop = shutdown.clone();
    tokio::spawn(async move {
        crate::http::listener::serve(listener, app.state.clone(), stop).await;
        drop(app);
    });
    (port, shutdown)
}

#[tokio::test]
async fn a_client_that_trusts_the_certificate_is_served_over_http_2() {
    let folder = tempfile::tempdir().unwrap();
    let (port, shutdown) = serve(folder.path(), &Tls::SelfSigned).await;
    let certificate = std::fs::read(folder.path().join("tls-certificate.pem")).unwrap();
    let trusting = client(vec![certificate]);
    for host in ["localhost", "127.0.0.1"] {
        let response = get(&trusting, &format!("https://{host}:{port}/v1.0/organization")).await.unwrap();
        assert_eq!((response.status.as_u16(), response.version), (200, http::Version::HTTP_2));
        let json: Json = serde_json::from_slice(&response.body).unwrap();
        assert_eq!(json["@odata.context"], format!("https://{host}:{port}/v1.0/$metadata#organization"));
    }
    let distrusting = get(&client(Vec::new()), &format!("https://localhost:{port}/v1.0/organization")).await;
    assert!(distrusting.is_err());
    // Plain HTTP gets no answer on this port, and takes nothing down.
    assert!(get(&trusting, &format!("http://localhost:{port}/healthz")).await.is_err());
    assert!(get(&trusting, &format!("https://localhost:{port}/healthz")).await.is_ok());
    shutdown.cancel();
}

#[test]
fn the_certificate_is_kept_while_it_is_of_use() {
    let folder = tempfile::tempdir().unwrap();
    let make = |host: Option<&str>, now| {
        Tls::SelfSigned.acceptor(folder.path(), host, now).unwrap();
        std::fs::read(folder.path().join("tls-certificate.pem")).unwrap()
    };
    let start = now();
    let first = make(Some("p.example"), start);
    assert_eq!(make(Some("P.example"), start), first);
    assert_eq!(make(None, start), first);
    let named = make(Some("q.example"), start);
    assert_ne!(named, first, "another name needs another certificate");
    assert_ne!(make(Some("q.example"), start + SignedDuration::from_hours(701 * 24)), named, "it ends soon");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode =
            |file: &str| std::fs::metadata(folder.path().join(file)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode("tls-key.pem"), 0o600);
    }
}

#[tokio::test]
async fn given_files_are_served_and_checked() {
    let folder = tempfile::tempdir().unwrap();
    Tls::SelfSigned.acceptor(folder.path(), None, now()).unwrap();
    let file = |name: &str| folder.path().join(name);
    let files = |certificate: &str, key: &str| Tls::Files { certificate: file(certificate), key: file(key) };
    let (port, shutdown) = serve(folder.path(), &files("tls-certificate.pem", "tls-key.pem")).await;
    let trusting = client(vec![std::fs::read(file("tls-certificate.pem")).unwrap()]);
    assert!(get(&trusting, &format!("https://localhost:{port}/healthz")).await.is_ok());
    shutdown.cancel();
    std::fs::write(file("empty.pem"), "").unwrap();
    std::fs::write(file("other.pem"), rcgen::KeyPair::generate().unwrap().serialize_pem()).unwrap();
    let mut lines = Vec::new();
    for (certificate, key) in [
        ("none.pem", "tls-key.pem"),
        ("empty.pem", "tls-key.pem"),
        ("tls-certificate.pem", "empty.pem"),
        ("tls-certificate.pem", "other.pem"),
    ] {
        let error = files(certificate, key).acceptor(folder.path(), None, now()).unwrap_err().to_string();
        lines.push(error.replace(&folder.path().display().to_string(), "DIR"));
    }
    insta::assert_snapshot!(lines.join("\n"), @r#"
    the TLS file DIR/none.pem cannot be used: No such file or directory (os error 2)
    the TLS file DIR/empty.pem cannot be used: it holds no certificate in PEM
    the TLS file DIR/empty.pem cannot be used: it holds no private key in PEM
    the TLS certificate cannot be served: keys may not be consistent: KeyMismatch; give a certificate and the private key that belongs to it
    "#);
}
