//! Tokens of other issuers: Entra, Keycloak, and whoever speaks OpenID Connect discovery.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Uri};
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Header};
use provisor_engine::clock::Clock;
use provisor_scim::HttpClient;
use serde::Deserialize;
use serde_json::Value as Json;
use tokio::sync::Mutex;
use uuid::Uuid;

use super::authority::TokenError;
use super::caller::Claims;
use super::jwt::{self, Lifetime};
use super::token::Received;

/// How long after an attempt an issuer is not asked again, whatever its tokens name.
const PAUSE: Duration = Duration::from_secs(60);
/// How old keys get before they are fetched again.
const AGE: Duration = Duration::from_secs(24 * 60 * 60);
/// The largest document that is read.
const DOCUMENT: usize = 1 << 20;

/// An issuer whose tokens are accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedIssuer {
    /// Its `iss`, to the letter; discovery starts there.
    pub issuer: String,
    /// Whom its tokens must be for (`aud`).
    pub audiences: Vec<String>,
}

/// Why an issuer cannot be trusted.
#[derive(Debug, thiserror::Error)]
pub enum IssuerError {
    /// Its keys would come over a connection that anybody can change.
    #[error("the issuer '{0}' must be an https URL; http is accepted on loopback only")]
    Insecure(String),
    /// Any token of it would be accepted, whomever it is for.
    #[error("the issuer '{0}' has no audience: name the value of 'aud' that its tokens for this server have")]
    Audience(String),
}

/// The issuers that are trusted besides ourselves.
#[derive(Debug, Default)]
pub struct OutsideIssuers(Vec<Issuer>);

#[derive(Debug)]
struct Issuer {
    trusted: TrustedIssuer,
    http: HttpClient,
    keys: RwLock<Arc<Keys>>,
    /// When the keys were last asked for. Held while they are.
    attempt: Mutex<Option<Duration>>,
}

#[derive(Debug, Default)]
struct Keys {
    keys: Vec<Jwk>,
    /// When they came.
    fetched: Option<Duration>,
}

impl OutsideIssuers {
    /// These issuers, whose keys are fetched when their first token comes.
    ///
    /// # Errors
    /// For an issuer without https or without an audience.
    pub fn new(issuers: Vec<TrustedIssuer>, http: &HttpClient) -> Result<Self, IssuerError> {
        let http = http.with_max_body(DOCUMENT);
        let issuer = |trusted: TrustedIssuer| {
            if !is_secure(&trusted.issuer) {
                return Err(IssuerError::Insecure(trusted.issuer));
            }
            if trusted.audiences.is_empty() {
                return Err(IssuerError::Audience(trusted.issuer));
            }
            Ok(Issuer { trusted, http: http.clone(), keys: RwLock::default(), attempt: Mutex::default() })
        };
        issuers.into_iter().map(issuer).collect::<Result<_, _>>().map(Self)
    }

    /// Who the bearer of a token is that claims to be from this issuer.
    ///
    /// # Errors
    /// Why it is refused.
    pub async fn validate(
        &self,
        token: &str,
        header: &Header,
        issuer: &str,
        clock: &dyn Clock,
    ) -> Result<Claims, TokenError> {
        let issuer =
            self.0.iter().find(|known| known.trusted.issuer == issuer).ok_or(TokenError::Untrusted)?;
        let kid = header.kid.as_deref().ok_or(TokenError::Signature)?;
        let key = issuer.key(kid, clock).await?.ok_or(TokenError::Signature)?;
        let decoding = DecodingKey::from_jwk(&key).map_err(|_| TokenError::Signature)?;
        let claims: Received =
            jwt::verify(token, &decoding, algorithms(&key)).map_err(|_| TokenError::Signature)?;
        match jwt::lifetime(claims.exp, claims.nbf, clock.now()) {
            Lifetime::Valid => {}
            Lifetime::NotYet => return Err(TokenError::NotYetValid),
            Lifetime::Expired => return Err(TokenError::Expired),
        }
        let audiences = &issuer.trusted.audiences;
        if !claims.aud.iter().any(|audience| audiences.iter().any(|accepted| accepted == audience)) {
            return Err(TokenError::Audience);
        }
        // Signed and read as a whole: the issuer is the one whose key it was.
        if claims.iss != issuer.trusted.issuer {
            return Err(TokenError::Untrusted);
        }
        bearer(claims, audiences).ok_or(TokenError::Untrusted)
    }
}

impl Issuer {
    /// The key of this name, fetched when it is not known or old.
    async fn key(&self, kid: &str, clock: &dyn Clock) -> Result<Option<Jwk>, TokenError> {
        let known = self.known();
        let find =
            |keys: &Keys| keys.keys.iter().find(|key| key.common.key_id.as_deref() == Some(kid)).cloned();
        let is_fresh = |keys: &Keys| keys.fetched.is_some_and(|at| clock.elapsed().saturating_sub(at) < AGE);
        if is_fresh(&known)
            && let Some(key) = find(&known)
        {
            return Ok(Some(key));
        }
        let mut attempt = self.attempt.lock().await;
        let is_due = attempt.is_none_or(|at| clock.elapsed().saturating_sub(at) >= PAUSE);
        if is_due {
            *attempt = Some(clock.elapsed());
            match self.fetch().await {
                Ok(keys) => {
                    let keys = Keys { keys, fetched: Some(clock.elapsed()) };
                    *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
                }
                Err(reason) => {
                    tracing::warn!(issuer = self.trusted.issuer, reason, "an issuer's keys cannot be had");
                }
            }
        }
        let known = self.known();
        if known.fetched.is_none() {
            return Err(TokenError::Unavailable(format!("{} gave none", self.trusted.issuer)));
        }
        Ok(find(&known))
    }

    fn known(&self) -> Arc<Keys> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    async fn fetch(&self) -> Result<Vec<Jwk>, String> {
        #[derive(Deserialize)]
        struct Configuration {
            issuer: String,
            jwks_uri: String,
        }
        #[derive(Deserialize)]
        struct Set {
            keys: Vec<Json>,
        }
        let issuer = &self.trusted.issuer;
        let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let configuration: Configuration = self.read(&url).await?;
        if configuration.issuer != *issuer {
            return Err(format!("{url} is the configuration of '{}'", configuration.issuer));
        }
        if !is_secure(&configuration.jwks_uri) {
            return Err(format!("its jwks_uri '{}' is not https", configuration.jwks_uri));
        }
        let set: Set = self.read(&configuration.jwks_uri).await?;
        // A key of a kind that nobody here knows is no reason to do without the others.
        Ok(set.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok()).collect())
    }

    async fn read<T: serde::de::DeserializeOwned>(&self, url: &str) -> Result<T, String> {
        let request = Request::get(url).body(Bytes::new()).map_err(|error| format!("{url}: {error}"))?;
        let response = self.http.send(request).await.map_err(|error| error.to_string())?;
        if !response.status.is_success() {
            return Err(format!("{url} answered {}", response.status));
        }
        serde_json::from_slice(&response.body).map_err(|error| format!("{url}: {error}"))
    }
}

/// What a key may have signed with: never what the token says alone.
fn algorithms(key: &Jwk) -> &'static [Algorithm] {
    if key.common.public_key_use.as_ref().is_some_and(|purpose| *purpose != PublicKeyUse::Signature) {
        return &[];
    }
    match (&key.algorithm, key.common.key_algorithm) {
        (AlgorithmParameters::RSA(_), Some(KeyAlgorithm::RS256)) => &[Algorithm::RS256],
        (AlgorithmParameters::RSA(_), Some(KeyAlgorithm::PS256)) => &[Algorithm::PS256],
        (AlgorithmParameters::RSA(_), None) => &[Algorithm::RS256, Algorithm::PS256],
        (AlgorithmParameters::EllipticCurve(curve), None | Some(KeyAlgorithm::ES256))
            if curve.curve == EllipticCurve::P256 =>
        {
            &[Algorithm::ES256]
        }
        _ => &[],
    }
}

/// The bearer of a token; `None` when it names no client.
fn bearer(claims: Received, audiences: &[String]) -> Option<Claims> {
    let is_app = is_application(&claims);
    let client_id = claims.azp.or(claims.appid).or(claims.client_id)?;
    let mut roles: HashSet<String> = claims.roles.into_iter().chain(claims.realm_access.roles).collect();
    for audience in audiences {
        roles.extend(
            claims.resource_access.get(audience).into_iter().flat_map(|list| list.roles.iter().cloned()),
        );
    }
    let mut roles: Vec<String> = roles.into_iter().collect();
    roles.sort_unstable();
    let scopes = if is_app { None } else { claims.scp.or(claims.scope) };
    Some(Claims {
        client_id,
        object_id: claims.oid.or_else(|| claims.sub.as_deref().and_then(|sub| Uuid::try_parse(sub).ok())),
        tenant: claims.tid,
        roles,
        scopes: scopes.iter().flat_map(|text| text.split_whitespace()).map(str::to_owned).collect(),
        wids: claims.wids,
        is_app,
        issuer: claims.iss,
    })
}

/// Whether a token is an application's own. Entra says so in `idtyp`, or by a subject that is the object and no
/// delegated permissions; Keycloak names the account of a client after it, and tells which client that is. The name
/// alone proves nothing, and nothing at all of who has signed in: a person may have chosen it.
fn is_application(claims: &Received) -> bool {
    if let Some(kind) = &claims.idtyp {
        return kind == "app";
    }
    let subject = claims.sub.as_deref().and_then(|sub| Uuid::try_parse(sub).ok());
    let own = claims.scp.is_none() && claims.oid.is_some() && claims.oid == subject;
    let told = claims.client_id.as_ref().or(claims.former_client_id.as_ref());
    let client = told.filter(|told| claims.azp.as_ref().is_none_or(|azp| azp == *told));
    let is_person = claims.scp.is_some() || claims.auth_time.is_some();
    let service_account = !is_person
        && client.is_some_and(|client| {
            let account = format!("service-account-{client}");
            claims.preferred_username.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(&account))
        });
    own || service_account
}

/// Whether nobody on the way can change what comes from there.
fn is_secure(url: &str) -> bool {
    let Ok(uri) = url.parse::<Uri>() else { return false };
    let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    match uri.scheme_str() {
        Some("https") => !host.is_empty(),
        Some("http") => {
            host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
        }
        _ => false,
    }
}
