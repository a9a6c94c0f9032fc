//! Who may call: a static bearer token, compared in constant time.

use std::fmt;

use aws_lc_rs::constant_time;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use provisor_graph::error::GraphError;
use secrecy::{ExposeSecret, SecretString};

use crate::identity::Caller;

/// How callers prove themselves.
#[derive(Clone)]
pub enum Auth {
    /// With this bearer token (RFC 6750 section 2.1).
    Token(SecretString),
    /// Everyone may do everything. Only ever chosen explicitly, for a trusted loopback.
    Disabled,
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token(_) => "Token([redacted])",
            Self::Disabled => "Disabled",
        })
    }
}

impl Auth {
    /// Who sends a request, by its `Authorization` header.
    ///
    /// # Errors
    /// 401 `InvalidAuthenticationToken`: one message for a missing token, another for a wrong one.
    pub fn caller(&self, headers: &HeaderMap) -> Result<Caller, GraphError> {
        let Self::Token(expected) = self else { return Ok(Caller::Administrator) };
        let given =
            bearer_token(headers).ok_or_else(|| GraphError::unauthenticated("Access token is empty."))?;
        constant_time::verify_slices_are_equal(given, expected.expose_secret().as_bytes())
            .map(|()| Caller::Administrator)
            .map_err(|_| GraphError::unauthenticated("Access token validation failure."))
    }
}

/// The token of an `Authorization: Bearer` header; the scheme's case does not count (RFC 9110 section 11.1).
fn bearer_token(headers: &HeaderMap) -> Option<&[u8]> {
    let value = headers.get(AUTHORIZATION)?.as_bytes();
    let (scheme, token) = value.split_at(value.iter().position(|byte| *byte == b' ')?);
    let token = token.trim_ascii();
    (scheme.eq_ignore_ascii_case(b"bearer") && !token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(header: Option<&str>) -> Result<Caller, String> {
        let mut headers = HeaderMap::new();
        if let Some(value) = header {
            headers.insert(AUTHORIZATION, value.parse().unwrap());
        }
        Auth::Token(SecretString::from("s3cr3t")).caller(&headers).map_err(|error| error.message)
    }

    #[test]
    fn only_the_whole_token_opens() {
        assert_eq!(check(Some("Bearer s3cr3t")), Ok(Caller::Administrator));
        assert_eq!(check(Some("bearer   s3cr3t")), Ok(Caller::Administrator));
        for missing in [None, Some("Bearer"), Some("Bearer "), Some("Basic s3cr3t"), Some("s3cr3t")] {
            assert_eq!(check(missing), Err("Access token is empty.".into()), "{missing:?}");
        }
        for wrong in ["Bearer s3cr3", "Bearer s3cr3t1", "Bearer S3CR3T", "Bearer s3cr3t s3cr3t"] {
            assert_eq!(check(Some(wrong)), Err("Access token validation failure.".into()), "{wrong}");
        }
    }

    #[test]
    fn debug_hides_the_token() {
        assert_eq!(format!("{:?}", Auth::Token(SecretString::from("s3cr3t"))), "Token([redacted])");
    }
}
