//! Answers in gzip, for clients that take it (RFC 9110 section 12.5.3).

use std::io::Write as _;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap, HeaderValue, VARY};
use http::{Method, Response};
use http_body_util::Full;

use super::response::Body;

/// Below this many bytes compression costs more than it saves.
const WORTHWHILE: usize = 1024;

/// Whether a client takes gzip: by name, or by `*` when gzip is not named; not with a weight of zero.
#[must_use]
pub fn accepts_gzip(headers: &HeaderMap) -> bool {
    let mut any = false;
    let values = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    for coding in values.flat_map(|text| text.split(',')) {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let refused = weight
            .trim()
            .strip_prefix("q=")
            .and_then(|weight| weight.trim().parse::<f32>().ok())
            .is_some_and(|weight| weight <= 0.0);
        match name.trim() {
            name if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") => {
                return !refused;
            }
            "*" => any = !refused,
            _ => {}
        }
    }
    any
}

/// The response, in gzip when that is worth it. `HEAD` is answered as without: its length is that of the
/// plain body.
#[must_use]
pub fn compressed(
    accepted: bool,
    method: &Method,
    bytes: Vec<u8>,
    mut response: Response<()>,
) -> Response<Body> {
    let headers = response.headers_mut();
    if !bytes.is_empty() {
        headers.insert(VARY, HeaderValue::from_static("Accept-Encoding"));
    }
    let mut bytes = Bytes::from(bytes);
    if method == Method::HEAD {
        return response.map(|()| Full::new(Bytes::new()));
    }
    if accepted
        && bytes.len() >= WORTHWHILE
        && let Ok(smaller) = gzip(&bytes)
    {
        bytes = smaller;
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        headers.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    }
    response.map(|()| Full::new(bytes))
}

fn gzip(bytes: &[u8]) -> std::io::Result<Bytes> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::fast());
    encoder.write_all(bytes)?;
    encoder.finish().map(Bytes::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_for_those_who_take_it() {
        for (sent, wanted) in [
            ("gzip", true),
            ("deflate, GZIP;q=0.5", true),
            ("*", true),
            ("gzip;q=0, *", false),
            ("gzip;q=0.000", false),
            ("identity", false),
            ("br, *;q=0", false),
            ("", false),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, sent.parse().unwrap())]);
            assert_eq!(accepts_gzip(&headers), wanted, "{sent}");
        }
        assert!(!accepts_gzip(&HeaderMap::new()));
    }
}
