//! Forms (`application/x-www-form-urlencoded`) and HTTP Basic.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use percent_encoding::percent_decode_str;
use secrecy::SecretString;

use super::refusal::Refusal;

/// The parameters of a form.
pub struct Form(Vec<(String, SecretString)>);

/// The most parameters of a request. Anybody may send one, so it must not cost much to look through.
const MOST: usize = 50;

impl Form {
    /// Reads a body; one that is no form has no parameters, and is then told which are missing.
    ///
    /// # Errors
    /// For a parameter that stands there twice (RFC 6749 section 3.2).
    pub fn parse(headers: &HeaderMap, body: &[u8]) -> Result<Self, Refusal> {
        let media = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let media = media.split(';').next().unwrap_or_default().trim();
        let text = match std::str::from_utf8(body) {
            Ok(text) if media.eq_ignore_ascii_case("application/x-www-form-urlencoded") => text,
            _ => "",
        };
        let mut parameters: Vec<(String, SecretString)> = Vec::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            if parameters.len() == MOST {
                return Err(Refusal::too_many_parameters(MOST));
            }
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decode(name);
            if parameters.iter().any(|(known, _)| *known == name) {
                return Err(Refusal::unfit(&name, "it is there twice"));
            }
            parameters.push((name, SecretString::from(decode(value))));
        }
        Ok(Self(parameters))
    }

    /// A parameter that is there and not empty.
    #[must_use]
    pub fn secret(&self, name: &str) -> Option<&SecretString> {
        use secrecy::ExposeSecret as _;
        let found = self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value);
        found.filter(|value| !value.expose_secret().is_empty())
    }

    /// The same, of a parameter that is no secret.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        use secrecy::ExposeSecret as _;
        self.secret(name).map(|value| value.expose_secret())
    }
}

impl std::fmt::Debug for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// Client id and secret of an `Authorization: Basic` header, each encoded as in a form (RFC 6749 section 2.3.1).
#[must_use]
pub fn basic(headers: &HeaderMap) -> Option<(String, SecretString)> {
    let (scheme, encoded) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((decode(id), SecretString::from(decode(secret))))
}

fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_decoded() {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, "application/x-www-form-urlencoded; charset=utf-8".parse().unwrap());
        let form = Form::parse(&headers, b"a=1+2&b=%26%3D&c=&d").unwrap();
        assert_eq!([form.text("a"), form.text("b"), form.text("c")], [Some("1 2"), Some("&="), None]);
        assert_eq!(format!("{form:?}"), r#"["a", "b", "c", "d"]"#);
        assert!(Form::parse(&headers, b"a=1&a=1").is_err());
        headers.insert(CONTENT_TYPE, "application/json".parse().unwrap());
        assert_eq!(Form::parse(&headers, b"a=1").unwrap().text("a"), None);
    }

    #[test]
    fn basic_credentials_are_decoded() {
        use secrecy::ExposeSecret as _;
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, format!("basic {}", STANDARD.encode("id:a%2Bb")).parse().unwrap());
        let (id, secret) = basic(&headers).unwrap();
        assert_eq!((id.as_str(), secret.expose_secret()), ("id", "a+b"));
        headers.insert(AUTHORIZATION, "Basic !".parse().unwrap());
        assert!(basic(&headers).is_none());
    }
}
