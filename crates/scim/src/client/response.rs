//! An answer as it came.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ETAG, HeaderName, LOCATION, RETRY_AFTER};
use http::{HeaderMap, StatusCode, Version};
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use serde::de::DeserializeOwned;

use crate::error::ScimError;

/// An answer, of whatever status.
#[derive(Debug, Clone)]
pub struct Response {
    /// The HTTP status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; of an error status at most the first 8 KiB.
    pub body: Bytes,
    /// The version of HTTP that the server answered with.
    pub version: Version,
}

impl Response {
    /// The entity tag, as `If-Match` takes it.
    #[must_use]
    pub fn etag(&self) -> Option<&str> {
        self.header(&ETAG)
    }

    /// The URL of what was created.
    #[must_use]
    pub fn location(&self) -> Option<&str> {
        self.header(&LOCATION)
    }

    /// How long the server asks to wait (RFC 9110, 10.2.3). `now` turns its date form into a span;
    /// a date in the past is no wait, a header that cannot be read is none.
    #[must_use]
    pub fn retry_after(&self, now: Timestamp) -> Option<Duration> {
        let text = self.header(&RETRY_AFTER)?.trim();
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().ok().map(Duration::from_secs);
        }
        let date = rfc2822::DateTimeParser::new().parse_timestamp(text).ok()?;
        Some(Duration::try_from(date.duration_since(now)).unwrap_or(Duration::ZERO))
    }

    /// The error that an error status carries.
    #[must_use]
    pub fn error(&self) -> Option<ScimError> {
        let failed = self.status.is_client_error() || self.status.is_server_error();
        failed.then(|| ScimError::from_response(self.status.as_u16(), &self.body))
    }

    /// Reads the body.
    ///
    /// # Errors
    /// Those of `serde_json`, when the body is not JSON of this shape.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }

    fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(retry_after: &'static str) -> Response {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, http::HeaderValue::from_static(retry_after));
        let version = Version::HTTP_11;
        Response { status: StatusCode::TOO_MANY_REQUESTS, headers, body: Bytes::new(), version }
    }

    #[test]
    fn retry_after_is_a_number_of_seconds_or_a_date() {
        let now: Timestamp = "2026-11-24T10:00:00Z".parse().unwrap();
        let after = |text| response(text).retry_after(now);
        assert_eq!(after("120"), Some(Duration::from_secs(120)));
        assert_eq!(after(" 0 "), Some(Duration::ZERO));
        assert_eq!(after("Tue, 24 Nov 2026 10:00:30 GMT"), Some(Duration::from_secs(30)));
        assert_eq!(after("Tue, 24 Nov 2026 09:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(after("soon"), None);
        assert_eq!(after("99999999999999999999999"), None);
        assert_eq!(after(""), None);
    }

    #[test]
    fn only_error_statuses_are_errors() {
        let mut answer = response("1");
        assert_eq!(answer.error().unwrap().status, 429);
        answer.status = StatusCode::NOT_MODIFIED;
        assert_eq!(answer.error(), None);
    }
}
