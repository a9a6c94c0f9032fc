//! `synchronizationTemplate`

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::metadata::{MetadataEntry, SynchronizationMetadata};

/// What an application offers to make jobs from. Its schema is stored and printed beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SynchronizationTemplate {
    /// Its id, plain text: `scim`.
    pub id: String,
    /// The gallery entry that it belongs to; all zeros for none.
    pub application_id: Uuid,
    /// Whether it is the one that is meant when none is named.
    pub default: bool,
    /// What it is for.
    pub description: Option<String>,
    /// Whether consoles show it.
    pub discoverable: bool,
    /// Which connector runs it.
    pub factory_tag: Option<String>,
    /// Facts about it.
    #[serde(deserialize_with = "super::metadata::known")]
    pub metadata: Vec<MetadataEntry<SynchronizationMetadata>>,
}

impl Default for SynchronizationTemplate {
    fn default() -> Self {
        Self {
            id: String::new(),
            application_id: Uuid::nil(),
            default: false,
            description: None,
            discoverable: true,
            factory_tag: None,
            metadata: Vec::new(),
        }
    }
}
