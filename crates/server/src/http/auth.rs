//! Who may call: by a static bearer token, compared in constant time, or by an access token.

use std::fmt;

use aws_lc_rs::constant_time;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use provisor_graph::error::GraphError;
use secrecy::{ExposeSecret, SecretString};

use crate::identity::{Authority, Caller, TokenError};

/// How callers prove themselves.
#[derive(Clone)]
pub enum Auth {
    /// With this bearer token (RFC 6750 section 2.1), as the administrator, or with an access token.
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
    /// 401 `InvalidAuthenticationToken` with a message for each way in which a token can be wrong.
    pub async fn caller(
        &self,
        authority: &Authority,
        base: &str,
        headers: &HeaderMap,
    ) -> Result<Caller, GraphError> {
        let Self::Token(expected) = self else { return Ok(Caller::Administrator) };
        let given =
            bearer_token(headers).ok_or_else(|| GraphError::unauthenticated("Access token is empty."))?;
        if constant_time::verify_slices_are_equal(given, expected.expose_secret().as_bytes()).is_ok() {
            return Ok(Caller::Administrator);
        }
        let token = std::str::from_utf8(given).map_err(|_| TokenError::NotWellFormed)?;
        let claims = authority.validate(token, base).await?;
        Ok(if claims.is_app { Caller::Application(claims) } else { Caller::User(claims) })
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
    use crate::testing::TestApp;

    async fn check(header: Option<&str>) -> Result<Caller, String> {
        let app = TestApp::new().await;
        let mut headers = HeaderMap::new();
        if let Some(value) = header {
            headers.insert(AUTHORIZATION, value.parse().unwrap());
        }
        let caller = app.state.auth.caller(&app.state.authority, "https://graph.example", &headers).await;
        caller.map_err(|error| error.message)
    }

    #[tokio::test]
    async fn only_the_whole_token_opens() {
        for right in ["Bearer test-token", "bearer   test-token"] {
            assert_eq!(check(Some(right)).await, Ok(Caller::Administrator));
        }
        for missing in [None, Some("Bearer"), Some("Bearer "), Some("Basic test-token"), Some("test-token")] {
            assert_eq!(check(missing).await, Err("Access token is empty.".into()), "{missing:?}");
        }
        for wrong in ["Bearer test-toke", "Bearer test-token1", "Bearer Test-token", "Bearer test-token x"] {
            assert!(check(Some(wrong)).await.unwrap_err().starts_with("IDX14100"), "{wrong}");
        }
    }

    #[test]
    fn debug_hides_the_token() {
        assert_eq!(format!("{:?}", Auth::Token(SecretString::from("s3cr3t"))), "Token([redacted])");
    }
}
