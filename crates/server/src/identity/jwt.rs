//! JSON web tokens: reading them without believing them, and verifying with pinned algorithms.
//!
//! Times and audiences are checked here and not by the library, which reads the machine's clock.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// How far the clocks of an issuer and ours may be apart.
pub const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// A signature that does not verify, by an algorithm that is allowed, or claims that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unverified;

/// Whether a text has the three parts of a signed token.
#[must_use]
pub fn is_compact(token: &str) -> bool {
    token.split('.').count() == 3 && token.split('.').all(|part| !part.is_empty())
}

/// The header, unverified: it only says which key to try.
#[must_use]
pub fn header(token: &str) -> Option<Header> {
    // What a critical extension demands is unknown here, so a token with one is refused (RFC 7515 section 4.1.11).
    jsonwebtoken::decode_header(token).ok().filter(|header| header.crit.is_none())
}

/// The issuer that a token claims, unverified: it only says whose keys to try.
#[must_use]
pub fn claimed_issuer(token: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Issuer {
        iss: String,
    }
    jsonwebtoken::dangerous::insecure_decode_claims::<Issuer>(token).ok().map(|claims| claims.iss)
}

/// The claims of a token whose signature verifies with this key and one of these algorithms.
///
/// # Errors
/// When it does not, or the claims have another shape.
pub fn verify<T: DeserializeOwned>(
    token: &str,
    key: &DecodingKey,
    algorithms: &[Algorithm],
) -> Result<T, Unverified> {
    let validation = Validation {
        algorithms: algorithms.to_vec(),
        required_spec_claims: HashSet::new(),
        validate_exp: false,
        validate_aud: false,
        ..Validation::default()
    };
    jsonwebtoken::decode(token, key, &validation).map(|data| data.claims).map_err(|_| Unverified)
}

/// A text or several, as `aud` is.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl OneOrMany {
    /// The texts.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        match self {
            Self::One(text) => std::slice::from_ref(text),
            Self::Many(texts) => texts,
        }
        .iter()
        .map(String::as_str)
    }
}

/// Where an instant lies to the time that a token is valid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// In it.
    Valid,
    /// Before it.
    NotYet,
    /// After it.
    Expired,
}

/// Compares `exp` and `nbf` (seconds, perhaps with a fraction) with an instant.
#[must_use]
pub fn lifetime(exp: f64, nbf: Option<f64>, now: Timestamp) -> Lifetime {
    let (now, skew) = (now.as_duration().as_secs_f64(), SKEW.as_secs_f64());
    if now >= exp + skew {
        Lifetime::Expired
    } else if nbf.is_some_and(|nbf| now < nbf - skew) {
        Lifetime::NotYet
    } else {
        Lifetime::Valid
    }
}
