//! Client assertions (RFC 7523): a client signs a JWT with the key of a certificate that it registered.

use aws_lc_rs::digest::{SHA256, digest};
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::Algorithm;
use serde::Deserialize;
use serde_json::Value as Json;

use super::certificate::Certificate;
use super::client::{Client, period};
use super::jwt::{self, Lifetime, OneOrMany};
use super::refusal::Refusal;
use super::replay::{Fingerprint, Replays};

/// The value of `client_assertion_type`.
pub const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// What assertions may be signed with.
const ALGORITHMS: [Algorithm; 2] = [Algorithm::RS256, Algorithm::PS256];
/// The longest time that an assertion may be valid for from now on: it is remembered for as long.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: OneOrMany,
    exp: f64,
    nbf: Option<f64>,
    jti: Option<String>,
}

/// The client that an assertion claims to be from, unverified.
#[must_use]
pub fn claimed_client(assertion: &str) -> Option<String> {
    jwt::claimed_issuer(assertion)
}

/// Checks that a client signed an assertion for us, and lately.
///
/// # Errors
/// Why it proves nothing.
pub fn check(
    client: &Client,
    assertion: &str,
    is_audience: impl Fn(&str) -> bool,
    replays: &Replays,
    now: Timestamp,
) -> Result<(), Refusal> {
    let refused = Refusal::assertion;
    let header = jwt::header(assertion).ok_or_else(|| refused("it is no signed JWT"))?;
    if !ALGORITHMS.contains(&header.alg) {
        return Err(refused("it is signed neither with RS256 nor with PS256"));
    }
    let certificate = certificate(client, &header, now)?;
    let claims: Claims = jwt::verify(assertion, &certificate.decoding_key(), &ALGORITHMS)
        .map_err(|_| refused("its signature does not verify, or 'iss', 'sub', 'aud' or 'exp' is missing"))?;
    let id = client.id.to_string();
    if !(claims.iss.eq_ignore_ascii_case(&id) && claims.sub.eq_ignore_ascii_case(&id)) {
        return Err(refused("its 'iss' and 'sub' are not the client"));
    }
    if !claims.aud.iter().any(is_audience) {
        return Err(refused("its 'aud' is not this token endpoint"));
    }
    match jwt::lifetime(claims.exp, claims.nbf, now) {
        Lifetime::Valid => {}
        Lifetime::NotYet => return Err(refused("it is not valid yet")),
        Lifetime::Expired => return Err(refused("it has expired")),
    }
    if claims.exp > (now.as_duration() + LONGEST).as_secs_f64() {
        return Err(refused("it is valid for more than 24 hours"));
    }
    let expires = now + LONGEST;
    if replays.admit(fingerprint(&id, assertion, claims.jti.as_deref()), expires, now) {
        Ok(())
    } else {
        Err(refused("it was used before; make a new one for each request"))
    }
}

/// The registered certificate that an assertion names.
fn certificate(
    client: &Client,
    header: &jsonwebtoken::Header,
    now: Timestamp,
) -> Result<Certificate, Refusal> {
    let registered = client.credentials("keyCredentials").filter_map(|credential| {
        let text = credential.get("key").and_then(Json::as_str)?;
        Some((credential, Certificate::from_text(text).ok()?))
    });
    let mut expired = false;
    for (credential, certificate) in registered.filter(|(_, certificate)| certificate.is_named_by(header)) {
        let (start, end) = period(credential);
        let begins = start.map_or(certificate.not_before, |start| start.max(certificate.not_before));
        let ends = end.map_or(certificate.not_after, |end| end.min(certificate.not_after));
        if now < begins - jwt::SKEW || now >= ends {
            expired = true;
            continue;
        }
        return Ok(certificate);
    }
    Err(Refusal::assertion(if expired {
        "the certificate that it names has expired or is not valid yet"
    } else {
        "the certificate that it names by 'x5t', 'x5t#S256' or 'kid' is not registered for the application"
    }))
}

/// What makes an assertion this one: its `jti`, else its whole text.
fn fingerprint(client: &str, assertion: &str, jti: Option<&str>) -> Fingerprint {
    let unique = jti.filter(|jti| !jti.is_empty()).unwrap_or(assertion);
    let hash = digest(&SHA256, format!("{client}\n{unique}").as_bytes());
    let mut fingerprint = Fingerprint::default();
    fingerprint.copy_from_slice(hash.as_ref());
    fingerprint
}
