//! Credentials in the body of an application or service principal: certificates are set there, passwords are not.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use provisor_graph::edm;
use provisor_graph::error::GraphError;
use serde_json::{Map, Value as Json};
use uuid::Builder;

use super::passwords::PASSWORDS;
use crate::identity::certificate::Certificate;

/// The property that holds certificates.
const KEYS: &str = "keyCredentials";

/// Completes the credentials of a body before they are stored. Clients send back what they read, which has neither
/// keys nor hashes: an entry with the `keyId` of a stored one keeps what is stored. `before` is the object as it is.
///
/// # Errors
/// 400 for a password that `addPassword` did not make, and for a key that is no certificate to verify with.
pub fn settle(
    before: Option<&Map<String, Json>>,
    after: &mut Map<String, Json>,
    resource: &str,
) -> Result<(), GraphError> {
    let stored = |property: &str| before.and_then(|object| object.get(property)?.as_array());
    if let Some(Json::Array(passwords)) = after.get_mut(PASSWORDS) {
        for password in passwords {
            *password = known(stored(PASSWORDS), password).cloned().ok_or_else(|| {
                let message =
                    "Passwords are made by addPassword alone; PATCH can only leave some out, by their keyId.";
                GraphError::directory_bad_request(message)
            })?;
        }
    }
    if let Some(Json::Array(keys)) = after.get_mut(KEYS) {
        for (index, key) in keys.iter_mut().enumerate() {
            let known = known(stored(KEYS), key);
            let place = Place { path: format!("{KEYS}[{index}]"), resource };
            match key.as_object_mut() {
                Some(key) => place.complete(key, known)?,
                None => return Err(place.unfit("")),
            }
        }
    }
    Ok(())
}

/// The stored credential that an entry of a body means.
fn known<'a>(stored: Option<&'a Vec<Json>>, sent: &Json) -> Option<&'a Json> {
    let id = sent["keyId"].as_str()?;
    stored?.iter().find(|stored| stored["keyId"].as_str().is_some_and(|known| known.eq_ignore_ascii_case(id)))
}

struct Place<'a> {
    path: String,
    resource: &'a str,
}

impl Place<'_> {
    fn unfit(&self, member: &str) -> GraphError {
        GraphError::invalid_value(&format!("{}{member}", self.path), self.resource)
    }

    fn complete(&self, key: &mut Map<String, Json>, known: Option<&Json>) -> Result<(), GraphError> {
        let is = |member: &str, wanted: &str| {
            key.get(member).and_then(Json::as_str).is_some_and(|text| text.eq_ignore_ascii_case(wanted))
        };
        if !is("type", "AsymmetricX509Cert") || !is("usage", "Verify") {
            return Err(GraphError::directory_bad_request(format!(
                "The key credential '{}' must have type 'AsymmetricX509Cert' and usage 'Verify'; no other kind is used \
                 here.",
                self.path
            )));
        }
        let sent = key.get("key").and_then(Json::as_str);
        let text = sent
            .or_else(|| known?["key"].as_str())
            .ok_or_else(|| GraphError::missing_property(&format!("{}/key", self.path), self.resource))?;
        let certificate = Certificate::from_text(text).map_err(|error| {
            GraphError::directory_bad_request(format!("The value of '{}/key' {error}.", self.path))
        })?;
        key.insert("key".into(), STANDARD.encode(&certificate.der).into());
        let mut set_default = |member: &str, value: String| {
            let slot = key.entry(member).or_insert(Json::Null);
            if slot.is_null() {
                *slot = value.into();
            }
        };
        // Made of the certificate, so that sending it again names the same.
        let mut id = [0; 16];
        id.copy_from_slice(&certificate.sha256()[..16]);
        set_default("keyId", Builder::from_random_bytes(id).into_uuid().to_string());
        set_default("customKeyIdentifier", STANDARD.encode(certificate.sha1()));
        set_default("startDateTime", edm::print(certificate.not_before));
        set_default("endDateTime", edm::print(certificate.not_after));
        let end = key.get("endDateTime").and_then(Json::as_str).and_then(|text| text.parse().ok());
        if end.is_none_or(|end: jiff::Timestamp| end > certificate.not_after) {
            return Err(self.unfit("/endDateTime"));
        }
        Ok(())
    }
}
