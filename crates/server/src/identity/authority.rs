//! The authority: issues tokens for the API, and says who the bearer of one is.

use std::sync::Arc;

use jsonwebtoken::Algorithm;
use provisor_engine::clock::Clock;
use provisor_engine::ids::Ids;
use provisor_graph::error::GraphError;
use provisor_store::directory::{DirectoryObject, ObjectKind};
use provisor_store::{ServerStore, StoreError};
use uuid::Uuid;

use super::caller::Claims;
use super::jwt::{self, Lifetime};
use super::keys::{KeyError, SigningKeys};
use super::outside::OutsideIssuers;
use super::replay::Replays;
use super::resource::Resources;
use super::token::Received;
use crate::api::lookup;
use crate::state::Tenant;

/// Why a bearer token is refused.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// It is no JWT.
    #[error("the token is no JWT")]
    NotWellFormed,
    /// It has expired.
    #[error("the token has expired")]
    Expired,
    /// It is not valid yet.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// It is for another API.
    #[error("the token is for another audience")]
    Audience,
    /// Its signature does not verify with the key that it names.
    #[error("the token's signature does not verify")]
    Signature,
    /// Nobody who issued it is trusted, or it lacks what a token must have.
    #[error("the token's issuer is not trusted, or the token lacks a claim")]
    Untrusted,
    /// Its client has no service principal, or a disabled one.
    #[error("the token's client has no enabled service principal")]
    NoIdentity,
    /// The keys of its issuer cannot be had.
    #[error("the keys of the token's issuer cannot be had: {0}")]
    Unavailable(String),
    /// The store or our own keys fail.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl From<StoreError> for TokenError {
    fn from(error: StoreError) -> Self {
        Self::Key(error.into())
    }
}

const NOT_WELL_FORMED: &str = "IDX14100: JWT is not well formed, there are no dots (.).\nThe token needs to be in JWS \
    or JWE Compact Serialization Format. (JWS): 'EncodedHeader.EndcodedPayload.EncodedSignature'. (JWE): \
    'EncodedProtectedHeader.EncodedEncryptedKey.EncodedInitializationVector.EncodedCiphertext.EncodedAuthenticationTag'.";

impl From<TokenError> for GraphError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::NotWellFormed => Self::unauthenticated(NOT_WELL_FORMED),
            TokenError::Expired => Self::unauthenticated("Lifetime validation failed, the token is expired."),
            TokenError::NotYetValid => Self::unauthenticated("Access token has expired or is not yet valid."),
            TokenError::Audience => {
                Self::unauthenticated("Access token validation failure. Invalid audience.")
            }
            TokenError::Signature => Self::unauthenticated("Signature is invalid."),
            TokenError::Untrusted => Self::unauthenticated("Access token validation failure."),
            TokenError::NoIdentity => Self::new(
                401,
                "Authorization_IdentityNotFound",
                "The identity of the calling application could not be established.",
            ),
            TokenError::Unavailable(reason) => {
                tracing::warn!(reason, "a token cannot be validated");
                Self::unavailable("The keys of the access token's issuer cannot be had; try again later.")
            }
            TokenError::Key(error) => {
                tracing::error!(%error, "tokens cannot be validated");
                Self::internal()
            }
        }
    }
}

/// What an authority works with.
pub struct Parts {
    /// Durable state.
    pub store: Arc<dyn ServerStore>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Ids and randomness.
    pub ids: Arc<dyn Ids>,
    /// Who we are.
    pub tenant: Tenant,
    /// The address that clients call us by, when it is configured.
    pub public_url: Option<String>,
    /// Further names of the API that tokens may be asked for.
    pub audiences: Vec<String>,
    /// Who else issues tokens that are accepted.
    pub outside: OutsideIssuers,
}

/// The authority of this installation.
pub struct Authority {
    pub(super) store: Arc<dyn ServerStore>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ids: Arc<dyn Ids>,
    pub(super) tenant: Tenant,
    pub(super) keys: SigningKeys,
    pub(super) resources: Resources,
    pub(super) replays: Replays,
    public_url: Option<String>,
    outside: OutsideIssuers,
}

impl Authority {
    /// An authority of these parts. Its keys are made when the first token is asked for.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let Parts { store, clock, ids, tenant, public_url, audiences, outside } = parts;
        Self {
            keys: SigningKeys::new(Arc::clone(&store), Arc::clone(&clock), tenant.id),
            resources: Resources::new(audiences),
            replays: Replays::default(),
            store,
            clock,
            ids,
            tenant,
            public_url,
            outside,
        }
    }

    /// Signs with a new key from now on.
    pub fn rotate_key(&self) {
        self.keys.rotate();
    }

    /// The issuer of our tokens, for who calls us by `base`.
    #[must_use]
    pub fn issuer(&self, base: &str) -> String {
        format!("{base}/{}/v2.0", self.tenant.id)
    }

    /// Who the bearer of a token is, for a request that calls us by `base`.
    ///
    /// # Errors
    /// Why it is refused; as [`GraphError`], with Graph's words.
    pub async fn validate(&self, token: &str, base: &str) -> Result<Claims, TokenError> {
        if !jwt::is_compact(token) {
            return Err(TokenError::NotWellFormed);
        }
        let header = jwt::header(token).ok_or(TokenError::Untrusted)?;
        let issuer = jwt::claimed_issuer(token).ok_or(TokenError::Untrusted)?;
        if !self.is_own_issuer(&issuer) {
            let claims = self.outside.validate(token, &header, &issuer, self.clock.as_ref()).await?;
            self.check_known(&claims).await?;
            return Ok(claims);
        }
        let kid = header.kid.as_deref().ok_or(TokenError::Signature)?;
        let key = self.keys.find(kid).await?.ok_or(TokenError::Signature)?;
        let claims: Received = jwt::verify(token, &key.decoding_key(), &[Algorithm::RS256])
            .map_err(|_| TokenError::Signature)?;
        self.check_lifetime(&claims)?;
        if !claims.aud.iter().any(|audience| self.resources.accepts(audience, base)) {
            return Err(TokenError::Audience);
        }
        self.check_identity(&claims).await?;
        Ok(Claims {
            client_id: claims.appid.unwrap_or_default(),
            object_id: claims.oid,
            tenant: claims.tid,
            roles: claims.roles,
            scopes: Vec::new(),
            wids: Vec::new(),
            is_app: true,
            issuer: claims.iss,
        })
    }

    /// Whether an issuer is this installation. With an address that is configured it is compared whole; without
    /// one, clients may call us by any name, and the key tells that the token is ours.
    fn is_own_issuer(&self, issuer: &str) -> bool {
        match &self.public_url {
            Some(base) => issuer == self.issuer(base),
            None => issuer.strip_suffix(&self.issuer("")).is_some_and(|origin| {
                origin.split_once("://").is_some_and(|(_, host)| !host.is_empty() && !host.contains('/'))
            }),
        }
    }

    fn check_lifetime(&self, claims: &Received) -> Result<(), TokenError> {
        match jwt::lifetime(claims.exp, claims.nbf, self.clock.now()) {
            Lifetime::Valid => Ok(()),
            Lifetime::NotYet => Err(TokenError::NotYetValid),
            Lifetime::Expired => Err(TokenError::Expired),
        }
    }

    /// A client whose service principal was deleted or disabled is locked out at once, not when its token expires.
    async fn check_identity(&self, claims: &Received) -> Result<(), TokenError> {
        let id = claims.oid.ok_or(TokenError::NoIdentity)?;
        let found = self.store.get(id).await?.filter(|object| object.deleted.is_none() && !object.purged);
        match found {
            Some(object) if super::client::is_enabled(&object) => Ok(()),
            _ => Err(TokenError::NoIdentity),
        }
    }

    /// The same for bearers of other issuers' tokens, as far as this directory has them, be it in the recycle bin: by
    /// their object, or by their client. Those that it does not have are their issuer's business.
    async fn check_known(&self, claims: &Claims) -> Result<(), TokenError> {
        let object = match claims.object_id {
            Some(id) => self.store.get(id).await?,
            None => None,
        };
        let client = match Uuid::try_parse(&claims.client_id) {
            Ok(id) => self.client(&id.to_string()).await?,
            Err(_) => None,
        };
        let is_locked_out =
            |object: &DirectoryObject| object.deleted.is_some() || !super::client::is_enabled(object);
        let mut known = object.iter().chain(&client);
        if known.any(is_locked_out) { Err(TokenError::NoIdentity) } else { Ok(()) }
    }

    /// The service principal of an `appId`, in the recycle bin too.
    async fn client(&self, app_id: &str) -> Result<Option<DirectoryObject>, StoreError> {
        match self.store.get_by_key(ObjectKind::ServicePrincipal, app_id).await? {
            None => Ok(lookup::deleted_principals(self.store.as_ref(), app_id).await?.pop()),
            found => Ok(found),
        }
    }
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority").field("tenant", &self.tenant.id).finish_non_exhaustive()
    }
}
