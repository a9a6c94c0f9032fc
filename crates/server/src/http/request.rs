//! A request as handlers see it.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HOST};
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderMap, Method, Uri};
use jiff::Timestamp;
use provisor_graph::error::GraphError;
use provisor_graph::odata::options::QueryOptions;
use provisor_graph::odata::path::Key;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::forwarded::Peer;
use crate::api::route::Route;
use crate::identity::Caller;
use crate::state::ApiState;

/// The ids that a request is known by, in headers, errors and our log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Ours.
    pub request_id: String,
    /// The client's (`client-request-id`), or ours when it sent none that is fit to echo.
    pub client_request_id: String,
}

impl Identity {
    /// A new id of ours, and the client's when it is at most 128 visible ASCII characters.
    #[must_use]
    pub fn new(id: Uuid, headers: &HeaderMap) -> Self {
        let request_id = id.to_string();
        let client_request_id = headers
            .get("client-request-id")
            .and_then(|value| value.to_str().ok())
            .filter(|text| (1..=128).contains(&text.len()))
            .map_or_else(|| request_id.clone(), str::to_owned);
        Self { request_id, client_request_id }
    }
}

/// The version of the API that is addressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// `/v1.0`
    V1,
    /// `/beta`
    Beta,
}

impl Version {
    /// The version of a path's first segment.
    #[must_use]
    pub fn parse(segment: &str) -> Option<Self> {
        match segment {
            _ if segment.eq_ignore_ascii_case("v1.0") => Some(Self::V1),
            _ if segment.eq_ignore_ascii_case("beta") => Some(Self::Beta),
            _ => None,
        }
    }

    /// Its segment.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "v1.0",
            Self::Beta => "beta",
        }
    }
}

/// A request that found its handler.
#[derive(Debug)]
pub struct Call {
    /// What all requests share.
    pub state: Arc<ApiState>,
    /// Who sent it.
    pub caller: Caller,
    /// The version addressed.
    pub version: Version,
    /// `scheme://authority`, as the client called us or as configured.
    pub base: String,
    /// What came before the body.
    pub head: Arc<Parts>,
    /// The row of the table that the path leads to. What hangs on the path is asked of its pattern: the path as sent
    /// has other spellings.
    pub route: &'static Route,
    /// The first segment of the path as the route table spells it: `users`, `servicePrincipals`.
    pub set: &'static str,
    /// The keys of the path, by their name in the route's pattern.
    pub keys: Vec<(&'static str, Key)>,
    /// The parsed query.
    pub options: QueryOptions,
    /// The body, decompressed.
    pub body: Bytes,
    /// Whether the client asked for `odata.metadata=none`.
    pub no_metadata: bool,
}

impl Call {
    /// The path below the version, as sent, without a slash at either end.
    #[must_use]
    pub fn path(&self) -> &str {
        let path = self.head.uri.path().trim_matches('/');
        path.split_once('/').map_or("", |(_version, rest)| rest)
    }

    /// The query as sent.
    #[must_use]
    pub fn query(&self) -> &str {
        self.head.uri.query().unwrap_or("")
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.head.headers
    }

    /// Where it came from.
    #[must_use]
    pub fn peer(&self) -> Option<Peer> {
        self.head.extensions.get().copied()
    }

    /// The current instant, in the microseconds that are stored: what a write answers is what reads answer.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let now = self.state.clock.now();
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }

    /// The key of this name in the path.
    ///
    /// # Errors
    /// 500: only for a handler that asks for a key that its pattern does not have.
    pub fn key(&self, name: &str) -> Result<&Key, GraphError> {
        self.keys.iter().find(|(key, _)| *key == name).map(|(_, value)| value).ok_or_else(|| {
            tracing::error!(
                name,
                path = self.path(),
                "a handler asks for a key that its route does not have"
            );
            GraphError::internal()
        })
    }

    /// Whether the path has a key of this name.
    #[must_use]
    pub fn names(&self, name: &str) -> bool {
        self.keys.iter().any(|(key, _)| *key == name)
    }

    /// `{base}/{version}`.
    #[must_use]
    pub fn version_url(&self) -> String {
        format!("{}/{}", self.base, self.version.as_str())
    }

    /// The absolute URL of a path below the version.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.version_url())
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// 400 for a content type other than JSON, an empty body, or malformed JSON.
    pub fn json(&self) -> Result<Json, GraphError> {
        self.check_content_type(false)?;
        provisor_graph::json::parse(&self.body)
    }

    /// The body of an action whose parameters are optional: no body, an empty one, `null` and an empty text are
    /// the same. Scripts of PowerShell and `az rest` send `""`.
    ///
    /// # Errors
    /// As [`Call::json`] for a body that is there.
    pub fn optional_json(&self) -> Result<Option<Json>, GraphError> {
        if self.body.trim_ascii().is_empty() {
            return Ok(None);
        }
        self.json().map(|json| Some(json).filter(|json| !json.is_null() && json.as_str() != Some("")))
    }

    /// The body as a wire type, whose name is for `@odata.type` and for bodies wrapped in it.
    ///
    /// # Errors
    /// As [`Call::json`], and 400 for members of a wrong type.
    pub fn typed<T: DeserializeOwned>(&self, type_name: &str) -> Result<T, GraphError> {
        self.check_content_type(false)?;
        provisor_graph::json::typed(&self.body, type_name)
    }

    /// The body as a wire type, of a request that must say that it sends JSON.
    ///
    /// # Errors
    /// As [`Call::typed`], and 400 without a `Content-Type`.
    pub fn declared<T: DeserializeOwned>(&self, type_name: &str) -> Result<T, GraphError> {
        self.check_content_type(true)?;
        provisor_graph::json::typed(&self.body, type_name)
    }

    /// The body of an action as a wire type; `None` for no body, an empty one, and `null`.
    ///
    /// # Errors
    /// As [`Call::typed`] for a body that is there.
    pub fn optional<T: DeserializeOwned>(&self, type_name: &str) -> Result<Option<T>, GraphError> {
        if self.optional_json()?.is_none() {
            return Ok(None);
        }
        self.typed(type_name).map(Some)
    }

    /// The body as the members of a directory entity, whose type is named.
    ///
    /// # Errors
    /// As [`Call::json`], and 400 for what is no such entity.
    pub fn entity(&self, type_name: &str) -> Result<Map<String, Json>, GraphError> {
        self.check_content_type(false)?;
        provisor_graph::json::entity(&self.body, type_name)
    }

    fn check_content_type(&self, required: bool) -> Result<(), GraphError> {
        let json = match self.headers().get(CONTENT_TYPE) {
            None => !required,
            Some(value) => value
                .to_str()
                .ok()
                .and_then(|text| text.split(';').next())
                .is_some_and(|media| media.trim().eq_ignore_ascii_case("application/json")),
        };
        if json { Ok(()) } else { Err(GraphError::unreadable_payload()) }
    }

    /// Whether the client admits eventual consistency, which Graph asks for before it counts.
    #[must_use]
    pub fn eventual(&self) -> bool {
        let header = self.headers().get("consistencylevel").and_then(|value| value.to_str().ok());
        header.is_some_and(|text| text.eq_ignore_ascii_case("eventual"))
            || self.query().split('&').any(|pair| pair.eq_ignore_ascii_case("ConsistencyLevel=eventual"))
    }

    /// Whether the client prefers this (RFC 7240 section 2): `create-if-missing`.
    #[must_use]
    pub fn prefers(&self, preference: &str) -> bool {
        let values = self.headers().get_all("prefer").iter().filter_map(|value| value.to_str().ok());
        values
            .flat_map(|text| text.split([',', ';']))
            .any(|part| part.trim().eq_ignore_ascii_case(preference))
    }

    /// The number of a preference such as `odata.maxpagesize=50` (RFC 7240 section 2).
    #[must_use]
    pub fn preferred_number(&self, name: &str) -> Option<usize> {
        let values = self.headers().get_all("prefer").iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|text| text.split([',', ';'])).find_map(|part| {
            let (key, value) = part.split_once('=')?;
            key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').parse().ok())?
        })
    }
}

/// Whether the client asks for answers without OData metadata.
#[must_use]
pub fn wants_no_metadata(headers: &HeaderMap) -> bool {
    headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|accept| accept.split([';', ',']))
        .filter_map(|part| part.split_once('='))
        .any(|(name, value)| {
            name.trim().eq_ignore_ascii_case("odata.metadata") && value.trim().eq_ignore_ascii_case("none")
        })
}

/// `scheme://authority` of a request: the host that a proxy names, else that of `Host` or `:authority`.
///
/// # Errors
/// 400 for a scheme that is none, or a host with characters that cannot stand in a URL's authority.
pub fn base_url(
    scheme: &str,
    forwarded: Option<&str>,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<String, GraphError> {
    let scheme = scheme.to_ascii_lowercase();
    if !["http", "https"].contains(&scheme.as_str()) {
        return Err(GraphError::bad_request("The proxy names a scheme that is neither http nor https."));
    }
    let host = match (forwarded, headers.get(HOST)) {
        (Some(host), _) => host,
        (None, Some(value)) => value.to_str().unwrap_or("?"),
        (None, None) => uri.authority().map_or("localhost", Authority::as_str),
    };
    if !is_host(host) {
        return Err(GraphError::bad_request("The Host header is not the name of a host."));
    }
    Ok(format!("{scheme}://{host}"))
}

/// Whether a text is a host, with or without a port (RFC 3986 section 3.2, without user information).
fn is_host(text: &str) -> bool {
    let fit = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]%".contains(&byte);
    let Ok(authority) = text.parse::<Authority>() else { return false };
    let port = text.strip_prefix(authority.host()).unwrap_or_default();
    let has_port = port.is_empty() || port == ":" || authority.port_u16().is_some();
    !authority.host().is_empty() && has_port && text.bytes().all(fit)
}

/// Whether a verb only reads.
#[must_use]
pub fn is_read(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_base_follows_the_proxy_and_the_host() {
        let uri = Uri::from_static("/v1.0/users");
        let mut headers = HeaderMap::new();
        assert_eq!(base_url("http", None, &uri, &headers).unwrap(), "http://localhost");
        headers.insert(HOST, "graph.example:8080".parse().unwrap());
        assert_eq!(base_url("http", None, &uri, &headers).unwrap(), "http://graph.example:8080");
        assert_eq!(base_url("HTTPS", Some("x.example"), &uri, &headers).unwrap(), "https://x.example");
        for host in ["a\"/<script>", "[::1", "x:99999", "x:y", ":80", "u@x", "x y", ""] {
            headers.insert(HOST, host.parse().unwrap());
            assert_eq!(base_url("http", None, &uri, &headers).unwrap_err().status, 400, "{host}");
        }
        for host in ["[::1]", "[::1]:8080", "x:", "x:65535", "a_b.example"] {
            headers.insert(HOST, host.parse().unwrap());
            assert_eq!(base_url("http", None, &uri, &headers).unwrap(), format!("http://{host}"));
        }
        assert_eq!(base_url("javascript", Some("x"), &uri, &headers).unwrap_err().status, 400);
    }

    #[test]
    fn a_client_request_id_is_echoed_when_fit() {
        let id = Uuid::from_u128(1);
        let mut headers = HeaderMap::new();
        assert_eq!(Identity::new(id, &headers).client_request_id, id.to_string());
        headers.insert("client-request-id", "mine".parse().unwrap());
        assert_eq!(Identity::new(id, &headers).client_request_id, "mine");
        headers.insert("client-request-id", "x".repeat(129).parse().unwrap());
        assert_eq!(Identity::new(id, &headers).client_request_id, id.to_string());
    }
}
