//! An HTTP server that answers as a closure says, and remembers what it was asked.

use std::sync::{Arc, Mutex};

use serde_json::Value as Json;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// One request.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub(super) method: String,
    pub(super) path: String,
    raw_query: String,
    pub(super) body: Json,
}

impl Asked {
    /// The decoded value of a query parameter.
    pub(super) fn query(&self, name: &str) -> Option<String> {
        let pair = self.raw_query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
        Some(percent_encoding::percent_decode_str(pair).decode_utf8_lossy().into_owned())
    }
}

/// A server. An answer body with the member `retry-after` or `location` sends it as that header.
pub(super) struct Scripted {
    pub(super) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Scripted {
    pub(super) async fn start(answer: impl Fn(&Asked) -> (u16, Json) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (answer, record) = (Arc::new(answer), Arc::clone(&asked));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answer, record) = (Arc::clone(&answer), Arc::clone(&record));
                tokio::spawn(async move { serve(stream, answer.as_ref(), &record).await });
            }
        });
        Self { url, asked }
    }

    /// The requests of one method so far.
    pub(super) fn asked(&self, method: &str) -> Vec<Asked> {
        self.asked.lock().unwrap().iter().filter(|asked| asked.method == method).cloned().collect()
    }
}

async fn serve(
    stream: TcpStream,
    answer: &(impl Fn(&Asked) -> (u16, Json) + Send + Sync),
    record: &Mutex<Vec<Asked>>,
) -> Option<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok().filter(|read| *read > 0)?;
        let mut words = line.split(' ');
        let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
        let mut length = 0;
        loop {
            let mut header = String::new();
            stream.read_line(&mut header).await.ok()?;
            if header.trim().is_empty() {
                break;
            }
            if let Some(value) = header.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
        }
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.ok()?;
        let (path, raw_query) = target.split_once('?').unwrap_or((&target, ""));
        let body = serde_json::from_slice(&body).unwrap_or(Json::Null);
        let asked = Asked { method, path: path.to_owned(), raw_query: raw_query.to_owned(), body };
        let (status, body) = answer(&asked);
        record.lock().unwrap().push(asked);
        let header = |name: &str| {
            body.get(name)
                .and_then(Json::as_str)
                .map_or_else(String::new, |value| format!("{name}: {value}\r\n"))
        };
        let headers = header("retry-after") + &header("location");
        let body = if status == 204 { String::new() } else { body.to_string() };
        let head = format!(
            "HTTP/1.1 {status} x\r\ncontent-type: application/scim+json\r\n{}content-length: {}\r\n\r\n",
            headers,
            body.len()
        );
        stream.write_all(format!("{head}{body}").as_bytes()).await.ok()?;
    }
}
