//! The keys that our tokens are signed with.
//!
//! They stand in the store, encrypted, each as a secret of the tenant. The newest one signs. A key that is too old
//! gets a successor when the next token is signed; it stays published until the last token that it signed has
//! expired, and is then forgotten.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::DecodingKey;
use provisor_engine::clock::Clock;
use provisor_store::secrets::{Secret, SecretChange};
use provisor_store::{ServerStore, StoreError};
use rcgen::{
    CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_RSA_SHA256, RsaKeySize, date_time_ymd,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use tokio::sync::RwLock;
use uuid::Uuid;
use zeroize::{Zeroize as _, Zeroizing};

use super::certificate::{Certificate, date};
use super::jwt::SKEW;
use super::token::LIFETIME;

/// The age at which a key gets a successor.
pub const ROTATION: SignedDuration = SignedDuration::from_hours(90 * 24);
/// What the names of the secrets begin with.
const PREFIX: &str = "signingKey/";

/// Why there is no signing key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// None can be made, or a stored one cannot be read.
    #[error("the signing key {kid} cannot be used: {reason}")]
    Unusable {
        /// The key's id, or what stands for it.
        kid: String,
        /// Why.
        reason: String,
    },
}

/// One key.
pub struct SigningKey {
    kid: String,
    created: Timestamp,
    pair: RsaKeyPair,
    certificate: Certificate,
}

/// What is stored of a key.
#[derive(Serialize, Deserialize)]
struct Stored {
    created: Timestamp,
    pkcs8: String,
    certificate: String,
}

impl Drop for Stored {
    fn drop(&mut self) {
        self.pkcs8.zeroize();
    }
}

impl SigningKey {
    /// Its name in headers and in the key set: the thumbprint of its certificate.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Signs with RS256.
    ///
    /// # Errors
    /// When the cryptographic library fails.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| unusable(&self.kid)("signing failed"))?;
        Ok(signature)
    }

    /// What verifies its signatures.
    #[must_use]
    pub fn decoding_key(&self) -> DecodingKey {
        self.certificate.decoding_key()
    }

    /// Its entry in the key set (RFC 7517).
    #[must_use]
    pub fn jwk(&self, issuer: &str) -> Json {
        let public = self.pair.public_key();
        json!({
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.kid,
            "x5t": self.kid,
            "n": URL_SAFE_NO_PAD.encode(public.modulus().big_endian_without_leading_zero()),
            "e": URL_SAFE_NO_PAD.encode(public.exponent().big_endian_without_leading_zero()),
            "x5c": [STANDARD.encode(&self.certificate.der)],
            "issuer": issuer,
        })
    }

    fn generate(created: Timestamp) -> Result<(Self, SecretString), KeyError> {
        let failed = |error: rcgen::Error| unusable("(new)")(&error.to_string());
        let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).map_err(failed)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, "Provisor token signing");
        let (year, month, day) = date(created);
        // The 28th is in every month of every year.
        let on = |years| date_time_ymd(year + years, month, day.min(28));
        (params.not_before, params.not_after) = (on(0), on(5));
        let certificate = params.self_signed(&pair).map_err(failed)?;
        let stored = Stored {
            created,
            pkcs8: STANDARD.encode(pair.serialized_der()),
            certificate: STANDARD.encode(certificate.der()),
        };
        let text = Zeroizing::new(
            serde_json::to_string(&stored).map_err(|error| unusable("(new)")(&error.to_string()))?,
        );
        let text = SecretString::from(text.as_str());
        Ok((Self::read("(new)", &text)?, text))
    }

    fn read(name: &str, text: &SecretString) -> Result<Self, KeyError> {
        let unusable = unusable(name);
        let stored: Stored =
            serde_json::from_str(text.expose_secret()).map_err(|_| unusable("it is damaged"))?;
        let pkcs8 = STANDARD.decode(stored.pkcs8.as_bytes()).map_err(|_| unusable("it is damaged"))?;
        let pair =
            RsaKeyPair::from_pkcs8(&Zeroizing::new(pkcs8)).map_err(|error| unusable(&error.to_string()))?;
        let certificate =
            Certificate::from_text(&stored.certificate).map_err(|error| unusable(&error.to_string()))?;
        let kid = URL_SAFE_NO_PAD.encode(certificate.sha1());
        Ok(Self { kid, created: stored.created, pair, certificate })
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

fn unusable(kid: &str) -> impl Fn(&str) -> KeyError {
    |reason| KeyError::Unusable { kid: kid.to_owned(), reason: reason.to_owned() }
}

/// All keys, oldest first. They are read, and the first one is made, when one is needed.
pub struct SigningKeys {
    store: Arc<dyn ServerStore>,
    clock: Arc<dyn Clock>,
    tenant: Uuid,
    /// Whether the next use makes a new key, whatever the age of the newest.
    due: AtomicBool,
    ring: RwLock<Option<Vec<Arc<SigningKey>>>>,
}

impl SigningKeys {
    /// The keys of a tenant.
    #[must_use]
    pub fn new(store: Arc<dyn ServerStore>, clock: Arc<dyn Clock>, tenant: Uuid) -> Self {
        Self { store, clock, tenant, due: AtomicBool::new(false), ring: RwLock::new(None) }
    }

    /// Signs with a new key from the next token on. The tokens of the old one go on until they expire.
    pub fn rotate(&self) {
        self.due.store(true, Ordering::Relaxed);
    }

    /// The key to sign with.
    ///
    /// # Errors
    /// When the keys cannot be read or a new one cannot be made.
    pub async fn current(&self) -> Result<Arc<SigningKey>, KeyError> {
        let ring = self.fresh().await?;
        ring.last().cloned().ok_or_else(|| unusable("(none)")("none could be made"))
    }

    /// The keys whose tokens may still be valid, oldest first.
    ///
    /// # Errors
    /// As [`Self::current`].
    pub async fn published(&self) -> Result<Vec<Arc<SigningKey>>, KeyError> {
        let mut ring = self.fresh().await?;
        let now = self.clock.now();
        let successors: Vec<Timestamp> = ring.iter().skip(1).map(|key| key.created).collect();
        let mut index = 0;
        ring.retain(|_| {
            let superseded = successors.get(index).copied();
            index += 1;
            !superseded.is_some_and(|at| is_spent(at, now))
        });
        Ok(ring)
    }

    /// The published key of this name.
    ///
    /// # Errors
    /// As [`Self::current`].
    pub async fn find(&self, kid: &str) -> Result<Option<Arc<SigningKey>>, KeyError> {
        Ok(self.published().await?.into_iter().find(|key| key.kid == kid))
    }

    async fn fresh(&self) -> Result<Vec<Arc<SigningKey>>, KeyError> {
        if let Some(ring) = self.ring.read().await.as_ref()
            && !self.needs_successor(ring)
        {
            return Ok(ring.clone());
        }
        let mut guard = self.ring.write().await;
        let mut ring = match guard.take() {
            Some(ring) => ring,
            None => self.load().await?,
        };
        if self.needs_successor(&ring) {
            ring.push(self.make(&ring).await?);
            self.due.store(false, Ordering::Relaxed);
        }
        *guard = Some(ring.clone());
        Ok(ring)
    }

    fn needs_successor(&self, ring: &[Arc<SigningKey>]) -> bool {
        let old = |key: &Arc<SigningKey>| self.clock.now().duration_since(key.created) >= ROTATION;
        ring.last().is_none_or(old) || self.due.load(Ordering::Relaxed)
    }

    async fn load(&self) -> Result<Vec<Arc<SigningKey>>, KeyError> {
        let mut ring = Vec::new();
        for Secret { key, value } in self.store.secrets(self.tenant).await? {
            if let Some(kid) = key.strip_prefix(PREFIX) {
                ring.push(Arc::new(SigningKey::read(kid, &value)?));
            }
        }
        ring.sort_by_key(|key| key.created);
        Ok(ring)
    }

    /// A new key, stored; keys that are of no use any more are removed with the same write.
    async fn make(&self, ring: &[Arc<SigningKey>]) -> Result<Arc<SigningKey>, KeyError> {
        let now = self.clock.now();
        let made = tokio::task::spawn_blocking(move || SigningKey::generate(now)).await;
        let (key, text) = made.map_err(|error| unusable("(new)")(&error.to_string()))??;
        let name = |key: &SigningKey| format!("{PREFIX}{}", key.kid);
        let spent = ring.iter().zip(ring.iter().skip(1)).filter(|(_, next)| is_spent(next.created, now));
        let changes = spent
            .map(|(key, _)| SecretChange { key: name(key), value: None })
            .chain([SecretChange { key: name(&key), value: Some(text) }]);
        self.store.change_secrets(self.tenant, changes.collect()).await?;
        tracing::info!(kid = key.kid, "tokens are signed with a new key");
        Ok(Arc::new(key))
    }
}

/// Whether all tokens of a key have expired that got a successor then.
fn is_spent(superseded: Timestamp, now: Timestamp) -> bool {
    now.duration_since(superseded) > LIFETIME + SKEW
}

impl std::fmt::Debug for SigningKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKeys").field("tenant", &self.tenant).finish_non_exhaustive()
    }
}
