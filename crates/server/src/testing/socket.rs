//! The API over a real socket: requests are bytes, as a client puts them on the wire.

use std::io::Read as _;
use std::net::SocketAddr;

use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Answer, TestApp, conformance};

/// A listening server.
pub(crate) struct Server {
    address: SocketAddr,
    shutdown: CancellationToken,
    task: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start(app: &TestApp) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shutdown = CancellationToken::new();
        let serving = crate::http::listener::serve(listener, app.state.clone(), shutdown.clone());
        Self { address, shutdown, task: tokio::spawn(serving) }
    }

    /// Sends a request as it stands and reads the answer, on a connection of its own.
    pub(crate) async fn send(&self, request: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request).await.unwrap();
        let mut bytes = Vec::new();
        let head = loop {
            assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0, "the server closed the connection");
            if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                break end;
            }
        };
        let text = String::from_utf8(bytes[..head].to_vec()).unwrap();
        let (status, headers) = parse_head(&text);
        let mut body = bytes[head + 4..].to_vec();
        let length =
            headers.get("content-length").map_or(0, |value| value.to_str().unwrap().parse().unwrap());
        while body.len() < length {
            assert_ne!(stream.read_buf(&mut body).await.unwrap(), 0, "the answer breaks off");
        }
        assert_eq!(body.len(), length, "there is more than was announced");
        let answer = Answer { status, text: plain(&headers, body), headers };
        let target = request.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
        let target = std::str::from_utf8(target).unwrap();
        conformance::check(target.split('?').next().unwrap_or_default(), &answer);
        answer
    }

    pub(crate) async fn stop(self) {
        self.shutdown.cancel();
        self.task.await.unwrap();
    }
}

fn parse_head(text: &str) -> (u16, HeaderMap) {
    let mut lines = text.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines.map(|line| {
        let (name, value) = line.split_once(": ").unwrap();
        (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap())
    });
    (status, headers.collect())
}

/// A body without its content coding.
fn plain(headers: &HeaderMap, body: Vec<u8>) -> String {
    let body = match headers.get("content-encoding") {
        Some(coding) if coding == "gzip" => {
            let mut plain = Vec::new();
            flate2::read::GzDecoder::new(&*body).read_to_end(&mut plain).unwrap();
            plain
        }
        _ => body,
    };
    String::from_utf8(body).unwrap()
}
