//! The access tokens that we issue.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::jwt::OneOrMany;
use super::keys::{KeyError, SigningKey};

/// How long a token is valid.
pub const LIFETIME: SignedDuration = SignedDuration::from_hours(1);

/// Which of the two token endpoints a token comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Generation {
    /// `/oauth2/token`
    V1,
    /// `/oauth2/v2.0/token`
    V2,
}

/// How a client proved itself, as `appidacr` and `azpacr` tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// By a secret.
    Secret,
    /// By a certificate.
    Certificate,
}

/// What a token of ours is about.
#[derive(Debug)]
pub struct Grant {
    /// The endpoint.
    pub generation: Generation,
    /// The issuer: `{base}/{tenant}/v2.0`.
    pub issuer: String,
    /// The resource, as it was asked for.
    pub audience: String,
    /// The client's `appId`.
    pub client: Uuid,
    /// The client's name.
    pub name: String,
    /// The client's service principal.
    pub object: Uuid,
    /// The tenant.
    pub tenant: Uuid,
    /// How the client proved itself.
    pub proof: Proof,
    /// What it may do.
    pub roles: Vec<String>,
    /// A name for this very token.
    pub id: Uuid,
}

/// The claims, in the order that Entra prints them in. Clients of either generation find theirs: `appid` is version
/// 1's name of what version 2 calls `azp`.
#[derive(Serialize)]
struct Claims<'a> {
    aud: &'a str,
    iss: &'a str,
    iat: i64,
    nbf: i64,
    exp: i64,
    app_displayname: &'a str,
    appid: Uuid,
    appidacr: &'static str,
    azp: Uuid,
    azpacr: &'static str,
    idp: &'a str,
    idtyp: &'static str,
    oid: Uuid,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    roles: &'a [String],
    sub: Uuid,
    tid: Uuid,
    uti: Uuid,
    ver: &'static str,
}

#[derive(Serialize)]
struct Header<'a> {
    typ: &'static str,
    alg: &'static str,
    kid: &'a str,
    x5t: &'a str,
}

/// The signed token of a grant, valid from `now` on.
///
/// # Errors
/// When signing fails.
pub fn issue(grant: &Grant, key: &SigningKey, now: Timestamp) -> Result<String, KeyError> {
    let begins = now.as_second();
    let proof = match grant.proof {
        Proof::Secret => "1",
        Proof::Certificate => "2",
    };
    let claims = Claims {
        aud: &grant.audience,
        iss: &grant.issuer,
        iat: begins,
        nbf: begins,
        exp: begins + LIFETIME.as_secs(),
        app_displayname: &grant.name,
        appid: grant.client,
        appidacr: proof,
        azp: grant.client,
        azpacr: proof,
        idp: &grant.issuer,
        idtyp: "app",
        oid: grant.object,
        roles: &grant.roles,
        sub: grant.object,
        tid: grant.tenant,
        uti: grant.id,
        ver: match grant.generation {
            Generation::V1 => "1.0",
            Generation::V2 => "2.0",
        },
    };
    let header = Header { typ: "JWT", alg: "RS256", kid: key.kid(), x5t: key.kid() };
    let unprintable =
        |error: serde_json::Error| KeyError::Unusable { kid: key.kid().into(), reason: error.to_string() };
    let mut token = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&header).map_err(unprintable)?);
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(serde_json::to_vec(&claims).map_err(unprintable)?, &mut token);
    let signature = key.sign(token.as_bytes())?;
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut token);
    Ok(token)
}

/// The claims of a token, ours or another issuer's, as far as they mean something here.
#[derive(Debug, Deserialize)]
pub struct Received {
    /// `iss`
    pub iss: String,
    /// `aud`
    pub aud: OneOrMany,
    /// `exp`
    pub exp: f64,
    /// `nbf`
    pub nbf: Option<f64>,
    /// `sub`
    pub sub: Option<String>,
    /// `azp`
    pub azp: Option<String>,
    /// `appid`
    pub appid: Option<String>,
    /// `client_id`
    pub client_id: Option<String>,
    /// `clientId`: what older Keycloaks call it.
    #[serde(rename = "clientId")]
    pub former_client_id: Option<String>,
    /// `oid`
    pub oid: Option<Uuid>,
    /// `tid`
    pub tid: Option<Uuid>,
    /// `idtyp`
    pub idtyp: Option<String>,
    /// `scp`: Entra's delegated permissions, between blanks.
    pub scp: Option<String>,
    /// `scope`: the same elsewhere.
    pub scope: Option<String>,
    /// `auth_time`: when a person signed in.
    pub auth_time: Option<f64>,
    /// `preferred_username`
    pub preferred_username: Option<String>,
    /// `roles`
    #[serde(default)]
    pub roles: Vec<String>,
    /// `wids`
    #[serde(default)]
    pub wids: Vec<String>,
    /// Keycloak's roles of the realm.
    #[serde(default)]
    pub realm_access: RoleList,
    /// Keycloak's roles at each client.
    #[serde(default)]
    pub resource_access: std::collections::HashMap<String, RoleList>,
}

/// A list of roles as Keycloak nests it.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct RoleList {
    /// The roles.
    #[serde(default)]
    pub roles: Vec<String>,
}
