//! The body of a request: read within bounds, or thrown away so that the answer arrives.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, EXPECT, HeaderMap};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};
use provisor_scim::resource::MEDIA_TYPE;
use provisor_scim::{ScimError, ScimType};
use serde_json::Value;

use crate::PATIENCE;

/// How much of a refused request's body is thrown away before the answer, in bytes.
const DISCARDED: usize = 16 * 1024 * 1024;

/// How long a refused request's body is waited for.
const DISCARD_PATIENCE: Duration = Duration::from_secs(2);

/// A body that is still on its way.
pub(super) struct RequestBody {
    incoming: Incoming,
    media_type: Option<String>,
    declared: Option<u64>,
    /// The client sends the body once it is asked to (RFC 9110, 10.1.1), and nobody has asked yet.
    held_back: bool,
}

impl RequestBody {
    pub(super) fn new(headers: &HeaderMap, incoming: Incoming) -> Self {
        let media_type = headers.get(CONTENT_TYPE);
        Self {
            incoming,
            media_type: media_type.map(|value| value.to_str().unwrap_or_default().to_owned()),
            declared: headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok()),
            held_back: headers.contains_key(EXPECT),
        }
    }

    /// Reads a body of JSON of at most `limit` bytes.
    pub(super) async fn read(&mut self, limit: usize) -> Result<Bytes, ScimError> {
        if let Some(text) = &self.media_type {
            let essence = text.split(';').next().unwrap_or_default().trim();
            if ![MEDIA_TYPE, "application/json"].iter().any(|known| essence.eq_ignore_ascii_case(known)) {
                return Err(ScimError::new(415, format!("{essence:?} is not understood; send {MEDIA_TYPE}")));
            }
        }
        let too_large = || ScimError::new(413, format!("a body may have at most {limit} bytes; send less"));
        if self.declared.is_some_and(|length| length > limit as u64) {
            return Err(too_large());
        }
        self.held_back = false;
        #[expect(clippy::disallowed_methods, reason = "the body is bounded by Limited and by time")]
        let reading = Limited::new(&mut self.incoming, limit).collect();
        let read = tokio::time::timeout(PATIENCE, reading).await.map_err(|_| {
            ScimError::new(408, format!("the body took longer than {} s", PATIENCE.as_secs()))
        })?;
        match read {
            Ok(body) => Ok(body.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => Err(too_large()),
            Err(error) => Err(ScimError::new(400, format!("the body broke off: {error}"))),
        }
    }

    /// Throws away what is left of the body, and says whether that was all of it. Most clients read
    /// the answer only when they have sent their body; to one that still sends, a closed socket is a
    /// broken pipe.
    pub(super) async fn discard(&mut self) -> bool {
        if self.incoming.is_end_stream() {
            return true;
        }
        if self.held_back {
            return false;
        }
        let discarding = async {
            let mut discarded = 0;
            while discarded < DISCARDED {
                match self.incoming.frame().await {
                    None => return true,
                    Some(Err(_)) => return false,
                    Some(Ok(frame)) => discarded += frame.data_ref().map_or(0, Bytes::len),
                }
            }
            false
        };
        tokio::time::timeout(DISCARD_PATIENCE, discarding).await.unwrap_or(false)
    }
}

pub(super) fn parse_json(body: &[u8]) -> Result<Value, ScimError> {
    serde_json::from_slice(body).map_err(|error| {
        ScimError::bad_request(ScimType::InvalidSyntax, format!("the body is not JSON: {error}"))
    })
}
