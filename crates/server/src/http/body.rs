//! The one bounded reader of request bodies.

use std::fmt::Display;
use std::io::Read as _;
use std::pin::Pin;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use flate2::read::MultiGzDecoder;
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, EXPECT};
use http_body_util::BodyExt as _;
use hyper::body::Body;
use provisor_graph::error::GraphError;

/// How long a client may be silent in the middle of a body.
const SILENCE: Duration = Duration::from_secs(30);
/// How much of a body that nobody wants is taken in.
const DISCARDED: usize = 64 << 20;
/// For how long a body that nobody wants is taken in.
const DISCARDING: Duration = Duration::from_secs(10);

/// The body of a request on its way in.
pub struct Upload<B> {
    body: Pin<Box<B>>,
    begun: bool,
}

impl<B> std::fmt::Debug for Upload<B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Upload").field("begun", &self.begun).finish_non_exhaustive()
    }
}

impl<B> Upload<B>
where
    B: Body<Data = Bytes>,
    B::Error: Display,
{
    /// A body of which nothing was read.
    pub fn new(body: B) -> Self {
        Self { body: Box::pin(body), begun: false }
    }

    async fn frame(&mut self) -> Option<Result<hyper::body::Frame<Bytes>, B::Error>> {
        self.begun = true;
        self.body.frame().await
    }

    /// Whether the client is still sending, or about to: not one that waits to be told to go on
    /// (RFC 9110 section 10.1.1), because the answer tells it not to.
    #[must_use]
    pub fn is_coming(&self, headers: &HeaderMap) -> bool {
        !self.body.is_end_stream() && (self.begun || !headers.contains_key(EXPECT))
    }

    /// Takes in what the client still sends, up to a bound, and forgets it. A client that sends its whole
    /// request before it reads would otherwise find the connection reset, and never see the answer.
    pub async fn discard(mut self) {
        let mut left = DISCARDED;
        let all = async {
            while let Some(Ok(frame)) = self.frame().await {
                let length = frame.data_ref().map_or(0, Bytes::len);
                match left.checked_sub(length) {
                    Some(rest) => left = rest,
                    None => break,
                }
            }
        };
        if tokio::time::timeout(DISCARDING, all).await.is_err() {
            tracing::debug!("a request body that was refused did not end in time");
        }
    }
}

/// Reads a whole body of at most `limit` bytes, counted before and after decompression.
///
/// # Errors
/// 413 for more bytes than the limit, 415 for an encoding other than gzip, 408 for a client that falls silent,
/// 400 for a body that breaks off or is not the gzip that it claims to be.
pub async fn read<B>(headers: &HeaderMap, body: &mut Upload<B>, limit: usize) -> Result<Bytes, GraphError>
where
    B: Body<Data = Bytes>,
    B::Error: Display,
{
    let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(GraphError::payload_too_large(limit));
    }
    let gzip = is_gzip(headers)?;
    let mut bytes = BytesMut::new();
    loop {
        let frame = tokio::time::timeout(SILENCE, body.frame()).await.map_err(|_| {
            let message = format!("No more of the request body came within {} seconds.", SILENCE.as_secs());
            GraphError::new(408, "RequestTimeout", message)
        })?;
        let Some(frame) = frame else { break };
        let frame = frame
            .map_err(|error| GraphError::bad_request(format!("The request body breaks off: {error}.")))?;
        if let Ok(data) = frame.into_data() {
            if bytes.len() + data.len() > limit {
                return Err(GraphError::payload_too_large(limit));
            }
            bytes.extend_from_slice(&data);
        }
    }
    if gzip && !bytes.is_empty() { inflate(&bytes, limit) } else { Ok(bytes.freeze()) }
}

/// Whether the body is gzip (RFC 9110 section 8.4); an error for any other coding.
fn is_gzip(headers: &HeaderMap) -> Result<bool, GraphError> {
    let mut gzip = false;
    for value in headers.get_all(CONTENT_ENCODING) {
        let text = value.to_str().map_err(|_| GraphError::unsupported_media_type("Content-Encoding"))?;
        for coding in text.split(',').map(str::trim).filter(|coding| !coding.is_empty()) {
            if coding.eq_ignore_ascii_case("gzip") && !gzip {
                gzip = true;
            } else if !coding.eq_ignore_ascii_case("identity") {
                return Err(GraphError::unsupported_media_type(coding));
            }
        }
    }
    Ok(gzip)
}

fn inflate(bytes: &[u8], limit: usize) -> Result<Bytes, GraphError> {
    let mut plain = Vec::new();
    MultiGzDecoder::new(bytes)
        .take(limit as u64 + 1)
        .read_to_end(&mut plain)
        .map_err(|error| GraphError::bad_request(format!("The request body is not valid gzip: {error}.")))?;
    if plain.len() > limit {
        return Err(GraphError::payload_too_large(limit));
    }
    Ok(plain.into())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use http_body_util::Full;

    use super::*;

    async fn status(headers: &[(&str, &str)], body: Vec<u8>, limit: usize) -> Result<Bytes, u16> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(http::HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
        }
        let mut body = Upload::new(Full::new(Bytes::from(body)));
        read(&map, &mut body, limit).await.map_err(|error| error.status)
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[tokio::test]
    async fn gzip_is_decoded_and_bounded() {
        let headers = [("content-encoding", "GZIP")];
        assert_eq!(status(&headers, gzip(b"{}"), 100).await, Ok(Bytes::from_static(b"{}")));
        assert_eq!(status(&headers, Vec::new(), 100).await, Ok(Bytes::new()));
        let bomb = gzip(&vec![b' '; 1 << 20]);
        assert!(bomb.len() < 2000);
        assert_eq!(status(&headers, bomb, 2000).await, Err(413));
        assert_eq!(status(&headers, b"{}".to_vec(), 100).await, Err(400));
        let mut torn = gzip(b"{\"a\":1}");
        torn.truncate(torn.len() - 9);
        assert_eq!(status(&headers, torn, 100).await, Err(400));
    }

    #[tokio::test]
    async fn other_codings_and_long_bodies_are_refused() {
        assert_eq!(status(&[("content-encoding", "br")], b"x".to_vec(), 10).await, Err(415));
        assert_eq!(status(&[("content-encoding", "gzip, gzip")], gzip(b"{}"), 100).await, Err(415));
        assert_eq!(status(&[("content-encoding", "identity")], b"x".to_vec(), 10).await, Ok("x".into()));
        assert_eq!(status(&[("content-length", "11")], Vec::new(), 10).await, Err(413));
        assert_eq!(status(&[], vec![b'x'; 11], 10).await, Err(413));
        assert_eq!(status(&[], vec![b'x'; 10], 10).await.map(|bytes| bytes.len()), Ok(10));
    }
}
