//! Client secrets: made by us, shown once, kept as a salted hash.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use provisor_engine::ids::Ids;
use secrecy::{ExposeSecret as _, SecretString};

/// The characters of a secret: none of them needs escaping in a URL, and there are 64, so that six random bits
/// choose one without favour.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789~_";
/// The characters of a secret, as many as Entra's have: 240 bits.
const LENGTH: usize = 40;
/// What a stored hash begins with, so that another way of hashing can be told apart.
const SCHEME: &str = "hmac-sha256";

/// A new secret.
#[must_use]
pub fn generate(ids: &dyn Ids) -> SecretString {
    let mut text = String::with_capacity(LENGTH);
    while text.len() < LENGTH {
        let mut bits = ids.random();
        for _ in 0..10 {
            text.push(char::from(ALPHABET[(bits & 63) as usize]));
            bits >>= 6;
        }
    }
    SecretString::from(text)
}

/// The start of a secret that is shown later, to tell several apart.
#[must_use]
pub fn hint(secret: &SecretString) -> String {
    secret.expose_secret().chars().take(3).collect()
}

/// The salted hash of a secret, as it is stored.
///
/// A fast hash is right here. Slow ones (Argon2, bcrypt) make guessing dear where people choose passwords; of 240
/// random bits nobody guesses any, at any speed, while a slow hash in front of the token endpoint would let
/// everybody who can reach it spend our processor. The salt keeps equal secrets from being seen as equal.
#[must_use]
pub fn hash(ids: &dyn Ids, secret: &SecretString) -> String {
    let salt = ids.uuid().into_bytes();
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &salt), secret.expose_secret().as_bytes());
    format!("{SCHEME}:{}:{}", STANDARD.encode(salt), STANDARD.encode(tag.as_ref()))
}

/// Whether a secret has this stored hash; the time it takes does not tell how much of it is right.
#[must_use]
pub fn matches(stored: &str, secret: &SecretString) -> bool {
    let mut parts = stored.split(':');
    let (Some(SCHEME), Some(salt), Some(tag), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let (Ok(salt), Ok(tag)) = (STANDARD.decode(salt), STANDARD.decode(tag)) else { return false };
    let key = hmac::Key::new(hmac::HMAC_SHA256, &salt);
    hmac::verify(&key, secret.expose_secret().as_bytes(), &tag).is_ok()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use provisor_engine::clock::SystemClock;
    use provisor_engine::ids::SeededIds;

    use super::*;

    #[test]
    fn only_the_same_secret_has_the_hash() {
        let ids = SeededIds::from_seed(1, Arc::new(SystemClock::new()));
        let secret = generate(&ids);
        let stored = hash(&ids, &secret);
        assert_eq!(secret.expose_secret().len(), LENGTH);
        assert_eq!(hint(&secret), secret.expose_secret()[..3]);
        assert!(matches(&stored, &secret));
        assert!(!stored.contains(secret.expose_secret()));
        assert_ne!(hash(&ids, &secret), stored, "each salt is new");
        assert!(!matches(&stored, &generate(&ids)));
        for broken in ["", "hmac-sha256", "hmac-sha256:!:!", &stored[1..], &format!("{stored}:")] {
            assert!(!matches(broken, &secret), "{broken}");
        }
    }
}
