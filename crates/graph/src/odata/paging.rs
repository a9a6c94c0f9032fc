//! Opaque page tokens: a small JSON document in base64url without padding, so that clients which decode and
//! encode links do it no harm.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The longest token that is looked at.
const MAX_LENGTH: usize = 16 * 1024;

/// A token that carries `place`.
#[must_use]
pub fn encode<T: Serialize>(place: &T) -> String {
    // Places are plain structs of numbers and texts; one that cannot be printed makes a token that is refused.
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(place).unwrap_or_default())
}

/// What a token carries; `None` for a token that is not ours.
#[must_use]
pub fn decode<T: DeserializeOwned>(token: &str) -> Option<T> {
    if token.len() > MAX_LENGTH {
        return None;
    }
    let json = URL_SAFE_NO_PAD.decode(token.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&json).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Place {
        after: i64,
        filter: Option<String>,
    }

    proptest! {
        #[test]
        fn a_token_comes_back_as_it_was(after in any::<i64>(), filter in any::<Option<String>>()) {
            let place = Place { after, filter };
            let token = encode(&place);
            prop_assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
            prop_assert_eq!(decode::<Place>(&token), Some(place));
        }

        #[test]
        fn alien_tokens_are_none(token in ".{0,40}") {
            prop_assert_eq!(decode::<Place>(&token), None);
        }
    }

    #[test]
    fn padding_is_tolerated_and_length_is_bounded() {
        let token = encode(&Place { after: 1, filter: None });
        assert_eq!(decode::<Place>(&format!("{token}==")), decode::<Place>(&token));
        let long = encode(&Place { after: 1, filter: Some("x".repeat(MAX_LENGTH)) });
        assert_eq!(decode::<Place>(&long), None);
    }
}
