//! `synchronizationSchema`

use serde::{Deserialize, Serialize};

pub use super::directory::{AttributeDefinition, DirectoryDefinition, ObjectDefinition};
pub use super::mapping::{AttributeMapping, AttributeMappingSource, ObjectMapping};
pub use super::rule::SynchronizationRule;

/// A schema: what is done, and what there is on both sides.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SynchronizationSchema {
    /// The job's id, or that of the template followed by a point and 32 zeros.
    pub id: String,
    /// Made by the server: `v1.2` from a template, the time of saving afterwards.
    pub version: Option<String>,
    /// What is done.
    pub synchronization_rules: Vec<SynchronizationRule>,
    /// What there is on both sides. Printed inline, although the metadata calls it a navigation.
    pub directories: Vec<DirectoryDefinition>,
}
