//! Servers that serve one connection at a time and close it after one answer, with few places to wait in.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::net::{TcpSocket, TcpStream};

use super::*;

/// As many as find a place: five that wait, and the one that is served.
const TOGETHER: usize = 6;
const ROUNDS: usize = 5;

/// Serves so many connections, each once and to its end; gives how many requests they brought.
async fn serve(listener: TcpListener, connections: usize, answer: &'static [u8]) -> usize {
    let mut requests = 0;
    for _ in 0..connections {
        let (stream, _) = listener.accept().await.unwrap();
        requests += serve_one(stream, answer).await;
    }
    requests
}

async fn serve_one(mut stream: TcpStream, answer: &[u8]) -> usize {
    let mut request = Vec::new();
    let complete = |request: &[u8]| request.ends_with(b"{\"userName\":\"ada\"}");
    while !complete(&request) {
        if stream.read_buf(&mut request).await.unwrap() == 0 {
            return 0;
        }
    }
    stream.write_all(answer).await.unwrap();
    stream.shutdown().await.unwrap();
    // Nobody else is served while the client keeps the connection.
    let rest = stream.read_to_end(&mut request).await.unwrap_or_default();
    assert_eq!(rest, 0, "another request on a connection that was said to be closed");
    1
}

async fn meet(answer: &'static [u8]) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(5).unwrap();
    let client = client(&format!("http://{}", listener.local_addr().unwrap()));
    let serving = tokio::spawn(serve(listener, TOGETHER * ROUNDS, answer));
    for _ in 0..ROUNDS {
        let requests: Vec<_> = (0..TOGETHER)
            .map(|_| {
                let client = client.clone();
                tokio::spawn(async move {
                    client.create("Users", Bytes::from_static(b"{\"userName\":\"ada\"}")).await
                })
            })
            .collect();
        for request in requests {
            let response = request.await.unwrap().unwrap();
            assert_eq!((response.status.as_u16(), &*response.body), (201, &b"{\"id\":\"7\"}"[..]));
        }
    }
    assert_eq!(serving.await.unwrap(), TOGETHER * ROUNDS, "no connection is opened for nothing");
}

#[tokio::test]
async fn http_1_0_without_a_length() {
    meet(b"HTTP/1.0 201 Created\r\nContent-Type: application/scim+json\r\n\r\n{\"id\":\"7\"}").await;
}

#[tokio::test]
async fn http_1_0_with_a_length() {
    meet(b"HTTP/1.0 201 Created\r\nContent-Length: 10\r\n\r\n{\"id\":\"7\"}").await;
}

#[tokio::test]
async fn connection_close() {
    meet(b"HTTP/1.1 201 Created\r\nConnection: close\r\nContent-Length: 10\r\n\r\n{\"id\":\"7\"}").await;
}

#[tokio::test]
async fn connection_close_without_a_length() {
    meet(b"HTTP/1.1 201 Created\r\nConnection: close\r\n\r\n{\"id\":\"7\"}").await;
}

/// Takes every connection at once and counts how many are open; each waits while others may come.
async fn count(listener: TcpListener, most: Arc<AtomicUsize>, answer: &'static [u8]) {
    let open = Arc::new(AtomicUsize::new(0));
    while let Ok((stream, _)) = listener.accept().await {
        most.fetch_max(open.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
        let open = Arc::clone(&open);
        tokio::spawn(async move {
            for _ in 0..500 {
                tokio::task::yield_now().await;
            }
            open.fetch_sub(1, Ordering::Relaxed);
            serve_one(stream, answer).await;
        });
    }
}

/// The most connections that many requests have open at once, after one that the server is known by.
async fn most_at_once(answer: &'static [u8]) -> usize {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = client(&format!("http://{}", listener.local_addr().unwrap()));
    let most = Arc::new(AtomicUsize::new(0));
    tokio::spawn(count(listener, Arc::clone(&most), answer));
    let create = |client: ScimClient| async move {
        client.create("Users", Bytes::from_static(b"{\"userName\":\"ada\"}")).await.unwrap();
    };
    create(client.clone()).await;
    let requests: Vec<_> = (0..40).map(|_| tokio::spawn(create(client.clone()))).collect();
    for request in requests {
        request.await.unwrap();
    }
    most.load(Ordering::Relaxed)
}

#[tokio::test]
async fn an_http_1_0_server_has_no_more_connections_than_it_lets_wait() {
    let old = most_at_once(b"HTTP/1.0 201 Created\r\nContent-Length: 10\r\n\r\n{\"id\":\"7\"}").await;
    assert!(old <= AT_ONCE, "{old}");
    let new = most_at_once(
        b"HTTP/1.1 201 Created\r\nConnection: close\r\nContent-Length: 10\r\n\r\n{\"id\":\"7\"}",
    )
    .await;
    assert!(new > AT_ONCE, "a new one that closes is not held back: {new}");
}
