//! Pairs of a key and a value.

use serde::{Deserialize, Deserializer, Serialize};

/// A setting: `keyValuePair`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "keyValuePair", rename_all = "camelCase", default)]
pub struct KeyValuePair {
    /// The setting's name; clients leave it out at times.
    pub name: Option<String>,
    /// Its value.
    pub value: Option<String>,
}

/// Reads settings without those that say nothing at all: generated samples send them as placeholders.
pub(super) fn settings<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<KeyValuePair>, D::Error> {
    let mut settings = Vec::<KeyValuePair>::deserialize(deserializer)?;
    settings.retain(|setting| *setting != KeyValuePair::default());
    Ok(settings)
}

/// `stringKeyStringValuePair`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "stringKeyStringValuePair", rename_all = "camelCase", default)]
pub struct StringKeyStringValuePair {
    /// The key.
    pub key: Option<String>,
    /// The value.
    pub value: Option<String>,
}

/// `stringKeyLongValuePair`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename = "stringKeyLongValuePair", rename_all = "camelCase", default)]
pub struct StringKeyLongValuePair {
    /// The key.
    pub key: Option<String>,
    /// The number; printed as a JSON number, never quoted.
    pub value: i64,
}
