//! The SCIM error response (RFC 7644, 3.12).

use std::fmt;

use serde_json::{Value, json};

/// URN of the error message.
pub const ERROR_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// The longest `detail` that is kept of a foreign error body, in characters.
const MAX_DETAIL: usize = 1_000;

/// The `scimType` of an error: RFC 7644, table 9, or whatever else a server writes there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScimType {
    /// The filter could not be read, or compares what cannot be compared.
    InvalidFilter,
    /// More results than the server is willing to return.
    TooMany,
    /// The value is taken by another resource.
    Uniqueness,
    /// The attribute may not be changed.
    Mutability,
    /// The request is not a well-formed message of its kind.
    InvalidSyntax,
    /// The PATCH path could not be read.
    InvalidPath,
    /// The PATCH path selects nothing.
    NoTarget,
    /// A required value is missing, or a value has the wrong type.
    InvalidValue,
    /// The server does not speak the protocol version of the request.
    InvalidVers,
    /// The request puts something confidential in its URL.
    Sensitive,
    /// A word outside the table.
    Other(String),
}

impl ScimType {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
            Self::InvalidVers => "invalidVers",
            Self::Sensitive => "sensitive",
            Self::Other(word) => word,
        }
    }

    /// Reads the word on the wire, ignoring letter case.
    #[must_use]
    pub fn from_wire(word: &str) -> Self {
        const KNOWN: [ScimType; 10] = [
            ScimType::InvalidFilter,
            ScimType::TooMany,
            ScimType::Uniqueness,
            ScimType::Mutability,
            ScimType::InvalidSyntax,
            ScimType::InvalidPath,
            ScimType::NoTarget,
            ScimType::InvalidValue,
            ScimType::InvalidVers,
            ScimType::Sensitive,
        ];
        KNOWN
            .into_iter()
            .find(|known| known.as_str().eq_ignore_ascii_case(word))
            .unwrap_or_else(|| Self::Other(word.to_owned()))
    }
}

impl fmt::Display for ScimType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An error response: what a server answers with, and what a client reads from one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{status}{}: {detail}", .scim_type.as_ref().map(|t| format!(" {t}")).unwrap_or_default())]
pub struct ScimError {
    /// The HTTP status.
    pub status: u16,
    /// The detail keyword; RFC 7644 defines it for 400 and 409 only.
    pub scim_type: Option<ScimType>,
    /// What happened, for a person.
    pub detail: String,
}

impl ScimError {
    /// An error without a keyword.
    #[must_use]
    pub fn new(status: u16, detail: impl Into<String>) -> Self {
        Self { status, scim_type: None, detail: detail.into() }
    }

    /// A 400 with a keyword.
    #[must_use]
    pub fn bad_request(scim_type: ScimType, detail: impl Into<String>) -> Self {
        Self { status: 400, scim_type: Some(scim_type), detail: detail.into() }
    }

    /// The 409 of RFC 7644 (3.3.1) for a value that another resource holds.
    #[must_use]
    pub fn uniqueness(detail: impl Into<String>) -> Self {
        Self { status: 409, scim_type: Some(ScimType::Uniqueness), detail: detail.into() }
    }

    /// The body on the wire; `status` is a string there.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut body = json!({
            "schemas": [ERROR_SCHEMA],
            "status": self.status.to_string(),
            "detail": self.detail,
        });
        if let (Some(kind), Value::Object(members)) = (&self.scim_type, &mut body) {
            members.insert("scimType".into(), kind.as_str().into());
        }
        body
    }

    /// Reads the body of an error response. It never fails: servers answer with HTML, with bare
    /// strings, with SCIM 1.1's `Errors` list, or with nothing, and the HTTP status alone is an
    /// answer. A foreign body is shortened to 1,000 characters.
    #[must_use]
    pub fn from_response(status: u16, body: &[u8]) -> Self {
        match serde_json::from_slice::<Value>(body) {
            Ok(Value::Object(members)) => {
                let text = |name: &str| crate::json::get(&members, name).and_then(Value::as_str);
                let listed = crate::json::get(&members, "Errors")
                    .and_then(|list| list.get(0))
                    .and_then(|first| first.get("description"))
                    .and_then(Value::as_str);
                let detail = text("detail")
                    .or(listed)
                    .or_else(|| text("message"))
                    .or_else(|| text("title"))
                    .or_else(|| text("error_description"))
                    .map_or_else(|| shorten(&String::from_utf8_lossy(body)), shorten);
                Self { status, scim_type: text("scimType").map(ScimType::from_wire), detail }
            }
            Ok(Value::String(detail)) => Self::new(status, shorten(&detail)),
            _ => Self::new(status, shorten(String::from_utf8_lossy(body).trim())),
        }
    }
}

fn shorten(text: &str) -> String {
    text.chars().take(MAX_DETAIL).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_has_the_status_as_a_string() {
        let error = ScimError::uniqueness("userName \"ada\" is taken");
        insta::assert_snapshot!(error.to_value(), @r#"{"detail":"userName \"ada\" is taken","schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"scimType":"uniqueness","status":"409"}"#);
        insta::assert_snapshot!(error, @r#"409 uniqueness: userName "ada" is taken"#);
    }

    #[test]
    fn a_body_is_read_back() {
        let error = ScimError::bad_request(ScimType::NoTarget, "nothing at emails[type eq \"work\"]");
        assert_eq!(ScimError::from_response(400, error.to_value().to_string().as_bytes()), error);
    }

    #[test]
    fn any_body_is_survived() {
        assert_eq!(ScimError::from_response(502, b"<html>").detail, "<html>");
        assert_eq!(ScimError::from_response(500, b"").detail, "");
        assert_eq!(ScimError::from_response(500, b"\"no\"").detail, "no");
        assert_eq!(ScimError::from_response(500, &[0xff]).detail, "\u{fffd}");
        assert_eq!(ScimError::from_response(400, br#"{"Errors":[{"description":"old"}]}"#).detail, "old");
        assert_eq!(ScimError::from_response(500, "é".repeat(5_000).as_bytes()).detail.chars().count(), 1_000);
    }

    #[test]
    fn keywords_ignore_letter_case_and_keep_what_is_unknown() {
        assert_eq!(ScimType::from_wire("UNIQUENESS"), ScimType::Uniqueness);
        assert_eq!(ScimType::from_wire("odd"), ScimType::Other("odd".into()));
    }
}
