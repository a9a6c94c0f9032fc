//! `synchronizationRule`

use serde::{Deserialize, Serialize};

use super::mapping::ObjectMapping;
use super::pair::StringKeyStringValuePair;

/// Object mappings between two directories.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SynchronizationRule {
    /// Its id; a GUID, at times with a suffix.
    pub id: Option<String>,
    /// Whether it may be changed.
    pub editable: bool,
    /// Its name: `USER_OUTBOUND_USER`.
    pub name: Option<String>,
    /// Lower runs first.
    pub priority: i32,
    /// The name of the directory that is read.
    pub source_directory_name: Option<String>,
    /// The name of the directory that is written.
    pub target_directory_name: Option<String>,
    /// Only objects below these containers.
    pub container_filter: Option<ContainerFilter>,
    /// Only members of these groups.
    pub group_filter: Option<GroupFilter>,
    /// Facts about the rule.
    pub metadata: Vec<StringKeyStringValuePair>,
    /// What is done.
    pub object_mappings: Vec<ObjectMapping>,
}

impl Default for SynchronizationRule {
    fn default() -> Self {
        Self {
            id: None,
            editable: true,
            name: None,
            priority: 1,
            source_directory_name: None,
            target_directory_name: None,
            container_filter: None,
            group_filter: None,
            metadata: Vec::new(),
            object_mappings: Vec::new(),
        }
    }
}

/// Containers of a source with a hierarchy.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ContainerFilter {
    /// Distinguished names.
    pub included_containers: Vec<String>,
}

/// Groups of a source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GroupFilter {
    /// Distinguished names or ids.
    pub included_groups: Vec<String>,
}
