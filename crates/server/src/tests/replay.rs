//! What real clients put on the wire, byte for byte, over a socket.

mod scripts;
mod sdks;
mod terraform;

use std::fmt::Write as _;

use crate::testing::socket::Server;
use crate::testing::{Answer, Application, TOKEN, TestApp};

/// The server that a client talks to, and the headers that it sends with every request.
struct Client {
    app: TestApp,
    server: Server,
    headers: &'static str,
}

impl Client {
    async fn new(headers: &'static str) -> Self {
        let app = TestApp::new().await;
        let server = Server::start(&app).await;
        Self { app, server, headers }
    }

    /// A client and the application that its requests are about.
    async fn with_application(headers: &'static str) -> (Self, Application) {
        let client = Self::new(headers).await;
        let application = client.app.application().await;
        (client, application)
    }

    /// Sends a request: its first line without the protocol, further headers, and a body.
    async fn send(&self, line: &str, more: &str, body: Option<&[u8]>) -> Answer {
        let mut head = format!("{line} HTTP/1.1\r\nHost: graph.example\r\n{}{more}", self.headers);
        write!(head, "Authorization: Bearer {TOKEN}\r\n").unwrap();
        if let Some(body) = body {
            write!(head, "Content-Length: {}\r\n", body.len()).unwrap();
        }
        head.push_str("\r\n");
        let request = [head.as_bytes(), body.unwrap_or_default()].concat();
        self.server.send(&request).await
    }

    /// A request without a body that must have this status.
    async fn bare(&self, line: &str, status: u16) -> Answer {
        let answer = self.send(line, "", None).await;
        assert_eq!(answer.status, status, "{line}: {}", answer.text);
        answer
    }

    /// A request with a body that must have this status.
    async fn full(&self, line: &str, body: &str, status: u16) -> Answer {
        let answer = self.send(line, "", Some(body.as_bytes())).await;
        assert_eq!(answer.status, status, "{line} {body}: {}", answer.text);
        answer
    }
}
