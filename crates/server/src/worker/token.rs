//! Asking a token endpoint (RFC 6749 section 4.1.3).

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{Request, Uri};
use provisor_scim::ClientError;
use secrecy::{ExposeSecret as _, SecretString};

use crate::runtime::TokenAnswer;
use crate::scheduler::Shared;

/// The largest answer that is read: tokens are small.
const MAX_BODY: usize = 64 * 1024;

/// Posts a form and gives what is answered, whatever its status.
pub(crate) async fn exchange(
    shared: &Shared,
    endpoint: Uri,
    form: &SecretString,
) -> Result<TokenAnswer, ClientError> {
    let mut request = Request::new(Bytes::copy_from_slice(form.expose_secret().as_bytes()));
    *request.method_mut() = http::Method::POST;
    *request.uri_mut() = endpoint;
    let headers = request.headers_mut();
    headers.insert(ACCEPT, http::HeaderValue::from_static("application/json"));
    headers.insert(CONTENT_TYPE, http::HeaderValue::from_static("application/x-www-form-urlencoded"));
    let response = shared.http.with_max_body(MAX_BODY).send(request).await?;
    Ok(TokenAnswer { status: response.status.as_u16(), body: response.body })
}

#[cfg(test)]
mod tests {
    use provisor_engine::clock::SystemClock;
    use provisor_engine::ids::SeededIds;
    use provisor_scim::{HttpClient, HttpOptions};
    use std::sync::Arc;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::runtime::Runtime as _;
    use crate::scheduler::Scheduler;
    use crate::testing::TestApp;

    /// The request that a token endpoint gets, and what is made of its answer.
    async fn exchanged(answer: &str) -> (String, Result<TokenAnswer, ClientError>) {
        let app = TestApp::new().await;
        let clock = Arc::new(SystemClock::new());
        let ids = Arc::new(SeededIds::from_seed(1, Arc::clone(&clock) as _));
        let http = HttpClient::new(HttpOptions::default()).unwrap();
        let store = Arc::clone(&app.state.store);
        let scheduler = Scheduler::new(store, clock, ids, http, "x.example".into(), CancellationToken::new());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let uri = format!("http://{}/token", listener.local_addr().unwrap()).parse().unwrap();
        let answer = answer.to_owned();
        let endpoint = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 4096];
            let mut length = 0;
            while !request[..length].ends_with(b"a=b") {
                length += stream.read(&mut request[length..]).await.unwrap();
            }
            stream.write_all(answer.as_bytes()).await.unwrap();
            String::from_utf8(request[..length].to_vec()).unwrap()
        });
        let result = scheduler.exchange(uri, "a=b".into()).await;
        (endpoint.await.unwrap().to_lowercase(), result)
    }

    #[tokio::test]
    async fn a_form_is_posted_and_any_answer_is_given() {
        let (request, answer) =
            exchanged("HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}").await;
        assert!(request.starts_with("post /token http/1.1\r\n"), "{request}");
        assert!(request.contains("content-type: application/x-www-form-urlencoded\r\n"), "{request}");
        assert!(request.contains("accept: application/json\r\n"), "{request}");
        let answer = answer.unwrap();
        assert_eq!((answer.status, &*answer.body), (400, &b"{}"[..]));
        assert_eq!(format!("{answer:?}"), "TokenAnswer { status: 400, .. }");
    }

    #[tokio::test]
    async fn an_answer_has_a_bound() {
        let body = " ".repeat(MAX_BODY + 1);
        let length = body.len();
        let (_, answer) =
            exchanged(&format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}")).await;
        assert!(matches!(answer, Err(ClientError::BodyTooLarge { .. })), "{answer:?}");
    }
}
