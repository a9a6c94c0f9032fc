//! The paths outside the API's versions: tokens, keys, and what clients read before.

use std::fmt::Display;

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, PRAGMA, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, Method, Response, StatusCode};
use http_body_util::Full;
use provisor_graph::error::GraphError;
use serde_json::Value as Json;

use super::authority::Authority;
use super::documents;
use super::form;
use super::grant::TokenRequest;
use super::refusal::Refusal;
use super::token::Generation;
use crate::http::body::{self, Upload};
use crate::http::request::{self, Identity};
use crate::http::response::Body;
use crate::state::ApiState;

/// The largest form that is read: an assertion with a chain of certificates has some ten thousand bytes.
const FORM_BODY: usize = 64 << 10;

/// What a path asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint<'a> {
    /// A token, of this tenant.
    Token(&'a str, Generation),
    /// The OpenID configuration of this tenant.
    Configuration(&'a str, Generation),
    /// The keys of this tenant.
    Keys(&'a str),
    /// A sign-in of a person, which there is none of here.
    SignIn,
    /// Instance discovery.
    Instance,
    /// The description of the cloud.
    Cloud,
}

impl<'a> Endpoint<'a> {
    /// The endpoint of a path, if it is one.
    #[must_use]
    pub fn of(path: &'a str) -> Option<Self> {
        let path = path.strip_prefix('/')?.trim_end_matches('/');
        let (tenant, rest) = path.split_once('/')?;
        match rest.to_ascii_lowercase().as_str() {
            "oauth2/v2.0/token" => Some(Self::Token(tenant, Generation::V2)),
            "oauth2/token" => Some(Self::Token(tenant, Generation::V1)),
            "v2.0/.well-known/openid-configuration" => Some(Self::Configuration(tenant, Generation::V2)),
            ".well-known/openid-configuration" => Some(Self::Configuration(tenant, Generation::V1)),
            "oauth2/v2.0/authorize"
            | "oauth2/authorize"
            | "oauth2/v2.0/devicecode"
            | "oauth2/devicecode"
            | "oauth2/v2.0/logout"
            | "oauth2/logout" => Some(Self::SignIn),
            "discovery/v2.0/keys" | "discovery/keys" => Some(Self::Keys(tenant)),
            "discovery/instance" if tenant.eq_ignore_ascii_case("common") => Some(Self::Instance),
            "endpoints" if tenant.eq_ignore_ascii_case("metadata") => Some(Self::Cloud),
            _ => None,
        }
    }

    /// The verbs that it takes.
    #[must_use]
    pub const fn verbs(self) -> &'static str {
        match self {
            Self::Token(..) => "POST, OPTIONS",
            Self::SignIn => "OPTIONS",
            _ => "GET, HEAD, OPTIONS",
        }
    }

    /// Answers a request.
    pub async fn answer<B>(
        self,
        state: &ApiState,
        head: &http::request::Parts,
        body: &mut Upload<B>,
        identity: &Identity,
    ) -> Response<Body>
    where
        B: hyper::body::Body<Data = Bytes>,
        B::Error: Display,
    {
        if head.method == Method::OPTIONS {
            return self.render(StatusCode::NO_CONTENT, None, head, identity);
        }
        let (status, json) = match self.json(state, head, body).await {
            Ok(json) => (StatusCode::OK, json),
            Err(refusal) => {
                let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::BAD_REQUEST);
                (status, refusal.body(state.clock.now(), identity))
            }
        };
        let mut response = self.render(status, Some(&json), head, identity);
        // Who tried HTTP Basic is told that it is Basic that failed (RFC 6749 section 5.2).
        if status == StatusCode::UNAUTHORIZED && form::basic(&head.headers).is_some() {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"\""));
        }
        response
    }

    async fn json<B>(
        self,
        state: &ApiState,
        head: &http::request::Parts,
        body: &mut Upload<B>,
    ) -> Result<Json, Refusal>
    where
        B: hyper::body::Body<Data = Bytes>,
        B::Error: Display,
    {
        let unreadable = |error: GraphError| Refusal::unreadable(&error);
        let base = state.base_url(head).map_err(unreadable)?;
        if let Self::Token(tenant, generation) = self {
            if head.method != Method::POST {
                return Err(Refusal::verb(head.method.as_str()));
            }
            let body = body::read(&head.headers, body, FORM_BODY).await.map_err(unreadable)?;
            let request =
                TokenRequest { generation, tenant, base: &base, headers: &head.headers, body: &body };
            return state.authority.grant(&request).await;
        }
        if self == Self::SignIn {
            return Err(Refusal::sign_in());
        }
        if !request::is_read(&head.method) {
            return Err(unreadable(GraphError::method_not_allowed()));
        }
        self.document(&state.authority, &base).await
    }

    async fn document(self, authority: &Authority, base: &str) -> Result<Json, Refusal> {
        if let Self::Configuration(tenant, _) | Self::Keys(tenant) = self
            && !authority.is_tenant(tenant)
        {
            return Err(Refusal::tenant(tenant));
        }
        match self {
            Self::Configuration(_, generation) => Ok(authority.openid_configuration(generation, base)),
            Self::Keys(_) => authority.key_set(base).await.map_err(|error| Refusal::fault(&error)),
            Self::Instance => Ok(authority.instance_discovery(base)),
            Self::Token(..) | Self::SignIn | Self::Cloud => Ok(documents::cloud(base)),
        }
    }

    fn render(
        self,
        status: StatusCode,
        json: Option<&Json>,
        head: &http::request::Parts,
        identity: &Identity,
    ) -> Response<Body> {
        let bytes = json.map(Json::to_string).unwrap_or_default();
        let length = bytes.len();
        let body = if head.method == Method::HEAD { Bytes::new() } else { bytes.into() };
        let mut response = Response::new(Full::new(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        if json.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
            headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        if json.is_none() || status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(ALLOW, HeaderValue::from_static(self.verbs()));
        }
        let cache = match self {
            Self::Token(..) => "no-store",
            _ if status == StatusCode::OK => "max-age=300, public",
            _ => "no-store",
        };
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache));
        if matches!(self, Self::Token(..)) {
            headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
        }
        let ids = [("request-id", &identity.request_id), ("client-request-id", &identity.client_request_id)];
        for (name, id) in ids {
            if let Ok(value) = HeaderValue::try_from(id) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_known_by_their_paths() {
        let token = |generation| Some(Endpoint::Token("common", generation));
        assert_eq!(Endpoint::of("/common/oauth2/v2.0/token"), token(Generation::V2));
        assert_eq!(Endpoint::of("/common/OAuth2/Token/"), token(Generation::V1));
        let v2 = Endpoint::of("/t.example/v2.0/.well-known/openid-configuration");
        assert_eq!(v2, Some(Endpoint::Configuration("t.example", Generation::V2)));
        assert_eq!(Endpoint::of("/common/discovery/instance"), Some(Endpoint::Instance));
        assert_eq!(Endpoint::of("/common/oauth2/v2.0/DeviceCode"), Some(Endpoint::SignIn));
        assert_eq!(Endpoint::of("/metadata/endpoints"), Some(Endpoint::Cloud));
        for other in ["/v1.0/users", "/oauth2/v2.0/token", "/t/discovery/instance", "/", "", "/beta"] {
            assert_eq!(Endpoint::of(other), None, "{other}");
        }
    }
}
