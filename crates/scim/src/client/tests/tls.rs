//! Handshakes with a server whose certificate for `localhost` a root of our own has signed. The key
//! beside this file protects nothing.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::*;

const ROOT: &[u8] = include_bytes!("root.pem");

/// A server on a thread of its own that answers one request for each of `connections`.
fn tls_server(connections: usize) -> u16 {
    let certificate = CertificateDer::from_pem_slice(include_bytes!("localhost.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("localhost-key.pem")).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().take(connections) {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(connection, stream.unwrap());
            // A client that does not trust us hangs up here.
            if stream.read(&mut [0; 4096]).is_ok() {
                stream.write_all(&answer("200 OK", "", "{}")).unwrap();
            }
        }
    });
    port
}

fn trusting(roots: Vec<Vec<u8>>) -> HttpClient {
    let options = HttpOptions { system_roots: false, extra_roots: roots, ..HttpOptions::default() };
    HttpClient::new(options).unwrap()
}

async fn get(http: HttpClient, host: &str, port: u16) -> Result<Response, ClientError> {
    ScimClient::new(http, &format!("https://{host}:{port}"), None).unwrap().get("Users").await
}

#[tokio::test]
async fn a_root_that_is_trusted_opens_the_door_to_its_names_only() {
    let port = tls_server(3);
    assert_eq!(get(trusting(vec![ROOT.to_vec()]), "localhost", port).await.unwrap().status, 200);
    for (roots, host) in [(vec![ROOT.to_vec()], "127.0.0.1"), (Vec::new(), "localhost")] {
        let error = get(trusting(roots), host, port).await.unwrap_err();
        assert!(matches!(error, ClientError::Tls { .. }), "{host}: {error:?}");
        assert!(!error.maybe_applied());
    }
}
