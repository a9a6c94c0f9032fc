//! `acquireAccessToken`: the end of an OAuth 2.0 authorization code flow (RFC 6749 section 4.1.3).

use std::fmt::Write as _;

use bytes::Bytes;
use http::Uri;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use provisor_graph::edm;
use provisor_graph::error::GraphError;
use provisor_graph::resources::synchronization::secret::SecretKey;
use provisor_store::secrets::Secret;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value as Json;

use super::host::Host;
use super::secrets::{self, Pair};
use crate::http::error::Answer;
use crate::http::request::Call;
use crate::http::response::Reply;
use crate::runtime::TokenAnswer;

/// How much of an error description is repeated.
const DESCRIPTION: usize = 300;

/// `POST …/acquireAccessToken`: stores the credentials given; when they, with what is stored, hold a code that
/// was not exchanged yet and the address of a token endpoint, exchanges it and stores the token.
///
/// # Errors
/// 404 without a service principal, 400 for credentials that are none, and with what the token endpoint says.
pub async fn acquire(call: Call) -> Answer {
    let host = Host::resolve(&call).await?;
    let owner = host.service_principal()?.id;
    let given = match call.optional_json()?.as_ref().and_then(|body| body.get("credentials")) {
        None | Some(Json::Null) => Vec::new(),
        Some(list) => secrets::pairs(list, "credentials")?,
    };
    let brings_code =
        given.iter().any(|pair| pair.key == SecretKey::Oauth2AuthorizationCode && pair.value.is_some());
    secrets::store(&call, &host, given).await?;
    let stored = Stored(call.state.store.secrets(owner).await?);
    // A code serves once: one that was exchanged before is not sent again.
    let spent = !brings_code && stored.value(SecretKey::Oauth2AccessToken).is_some();
    let code = stored.value(SecretKey::Oauth2AuthorizationCode).filter(|_| !spent);
    let (Some(code), Some(endpoint)) = (code, stored.value(SecretKey::Oauth2TokenExchangeUri)) else {
        return Ok(Reply::no_content());
    };
    let uri = endpoint_uri(endpoint)?;
    let origin = origin(&uri);
    let answer = call.state.runtime.exchange(uri, stored.form(code)).await.map_err(|error| {
        GraphError::bad_request(format!(
            "The authorization code could not be exchanged: {error}. Check Oauth2TokenExchangeUri and send the \
             request again."
        ))
    })?;
    let token = Token::read(&answer).map_err(|why| stored.refused(&origin, answer.status, &why))?;
    secrets::store(&call, &host, token.pairs(&edm::print(call.now()))).await?;
    Ok(Reply::no_content())
}

fn endpoint_uri(text: &str) -> Result<Uri, GraphError> {
    let uri = text.trim().parse::<Uri>().ok().filter(|uri| {
        matches!(uri.scheme_str(), Some("https" | "http"))
            && uri.authority().is_some_and(|authority| !authority.as_str().contains('@'))
    });
    uri.ok_or_else(|| {
        GraphError::bad_request(
            "'Oauth2TokenExchangeUri' must be an absolute https or http URL without credentials in it.",
        )
    })
}

/// The part of a URL that holds no secret.
fn origin(uri: &Uri) -> String {
    let scheme = uri.scheme_str().unwrap_or_default();
    format!("{scheme}://{}", uri.authority().map_or("", |authority| authority.as_str()))
}

/// What is stored for a service principal.
struct Stored(Vec<Secret>);

impl Stored {
    fn value(&self, key: SecretKey) -> Option<&str> {
        self.0.iter().find(|secret| secret.key == key.name()).map(|secret| secret.value.expose_secret())
    }

    /// The parameters of the request to the token endpoint.
    fn form(&self, code: &str) -> SecretString {
        let either = |first, second| self.value(first).or_else(|| self.value(second));
        let client = either(SecretKey::Oauth2ClientId, SecretKey::ClientIdentifier);
        let secret = either(SecretKey::Oauth2ClientSecret, SecretKey::ClientSecret);
        let mut form = "grant_type=authorization_code".to_owned();
        for (name, value) in [
            ("code", Some(code)),
            ("redirect_uri", self.value(SecretKey::Oauth2RedirectUri)),
            ("client_id", client),
            ("client_secret", secret),
        ] {
            if let Some(value) = value {
                // Writing to a text cannot fail.
                let _ = write!(form, "&{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC));
            }
        }
        form.into()
    }

    /// The error that tells what the endpoint says, without any of the values that were sent to it.
    fn refused(&self, origin: &str, status: u16, why: &str) -> GraphError {
        let mut why = why.to_owned();
        for secret in &self.0 {
            let confidential = SecretKey::parse(&secret.key).is_none_or(SecretKey::is_confidential);
            let value = secret.value.expose_secret();
            if confidential && !value.is_empty() {
                let encoded = utf8_percent_encode(value, NON_ALPHANUMERIC).to_string();
                why = why.replace(value, "[redacted]").replace(&encoded, "[redacted]");
            }
        }
        let why: String =
            why.chars().map(|char| if char.is_control() { ' ' } else { char }).take(DESCRIPTION).collect();
        GraphError::bad_request(format!(
            "The token endpoint {origin} did not exchange the authorization code: it answered {status} with \
             '{why}'. A code serves once and not for long: sign in again for a new one."
        ))
    }
}

/// What a token endpoint grants (RFC 6749 section 5.1).
struct Token {
    access: SecretString,
    refresh: Option<SecretString>,
    /// How long it is valid, in seconds.
    lifetime: Option<String>,
}

impl Token {
    /// Reads an answer; the error is what the endpoint says (section 5.2).
    fn read(answer: &TokenAnswer) -> Result<Self, String> {
        let json: Json = parse(&answer.body)?;
        let text = |name: &str| json.get(name).and_then(Json::as_str).filter(|text| !text.is_empty());
        if let (200..=299, Some(access)) = (answer.status, text("access_token")) {
            let lifetime = match json.get("expires_in") {
                Some(Json::Number(seconds)) => Some(seconds.to_string()),
                Some(Json::String(seconds)) => Some(seconds.clone()),
                _ => None,
            };
            return Ok(Self {
                access: access.into(),
                refresh: text("refresh_token").map(Into::into),
                lifetime,
            });
        }
        let code = text("error").unwrap_or("no access_token");
        Err(match text("error_description") {
            Some(description) => format!("{code}: {description}"),
            None => code.to_owned(),
        })
    }

    /// The token as secrets to store.
    fn pairs(self, now: &str) -> Vec<Pair> {
        let mut pairs = vec![
            Pair { key: SecretKey::Oauth2AccessToken, value: Some(self.access) },
            Pair { key: SecretKey::Oauth2AccessTokenCreationTime, value: Some(now.into()) },
        ];
        let refresh =
            self.refresh.map(|value| Pair { key: SecretKey::Oauth2RefreshToken, value: Some(value) });
        let lifetime =
            self.lifetime.map(|value| Pair { key: SecretKey::TokenExpiration, value: Some(value.into()) });
        pairs.extend(refresh.into_iter().chain(lifetime));
        pairs
    }
}

fn parse(body: &Bytes) -> Result<Json, String> {
    serde_json::from_slice(body).map_err(|_| "a body that is no JSON".to_owned())
}
