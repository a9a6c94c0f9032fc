//! `directoryDefinition`: the object types of one side, and their attributes.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::metadata::{AttributeDefinitionMetadata, MetadataEntry, ObjectDefinitionMetadata};
use super::pair::StringKeyStringValuePair;
use crate::edm::enumeration::{wire_enum, wire_flags};

wire_flags! {
    /// What can be read of a target's own schema.
    pub struct Discoverabilities: "directoryDefinitionDiscoverabilities" {
        /// Names of attributes.
        ATTRIBUTE_NAMES = 1 as "AttributeNames",
        /// Types of attributes.
        ATTRIBUTE_DATA_TYPES = 2 as "AttributeDataTypes",
        /// Whether attributes are read-only.
        ATTRIBUTE_READ_ONLY = 4 as "AttributeReadOnly",
        /// Reference attributes.
        REFERENCE_ATTRIBUTES = 8 as "ReferenceAttributes",
    }
}

wire_enum! {
    /// The type of an attribute's values.
    pub enum AttributeType: "attributeType" = String {
        /// Text.
        String = 0,
        /// Whole number.
        Integer = 1,
        /// Reference to an object.
        Reference = 2,
        /// Bytes.
        Binary = 3,
        /// True or false.
        Boolean = 4,
        /// Instant.
        DateTime = 5,
    }
}

wire_enum! {
    /// When an attribute may be written.
    pub enum Mutability: "mutability" = ReadWrite {
        /// Any time.
        ReadWrite = 0,
        /// Never.
        ReadOnly = 1,
        /// Only on create.
        Immutable = 2,
        /// Any time, but it cannot be read.
        WriteOnly = 3,
    }
}

/// One side of a job.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DirectoryDefinition {
    /// Its id, a GUID.
    pub id: String,
    /// What can be discovered of it.
    pub discoverabilities: Discoverabilities,
    /// When it was discovered.
    #[serde(with = "crate::edm::optional")]
    pub discovery_date_time: Option<Timestamp>,
    /// Its name, which rules refer to.
    pub name: Option<String>,
    /// Whether it is only read.
    pub read_only: bool,
    /// Changes with discovery.
    pub version: Option<String>,
    /// Its object types.
    pub objects: Vec<ObjectDefinition>,
}

/// An object type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ObjectDefinition {
    /// Its name.
    pub name: Option<String>,
    /// Its attributes.
    pub attributes: Vec<AttributeDefinition>,
    /// Facts about it.
    #[serde(deserialize_with = "super::metadata::known")]
    pub metadata: Vec<MetadataEntry<ObjectDefinitionMetadata>>,
    /// Interfaces that have it.
    pub supported_apis: Vec<String>,
}

/// An attribute of an object type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AttributeDefinition {
    /// Whether it is the immutable id; exactly one attribute of a type is.
    pub anchor: bool,
    /// Whether letter case is a difference.
    pub case_exact: bool,
    /// Used for a required attribute that gets no value otherwise.
    pub default_value: Option<String>,
    /// Whether an empty value clears the target's.
    pub flow_null_values: bool,
    /// Whether it holds several values.
    pub multivalued: bool,
    /// When it may be written.
    pub mutability: Mutability,
    /// Its name.
    pub name: Option<String>,
    /// Whether an object cannot be without it.
    pub required: bool,
    /// The type of its values.
    #[serde(rename = "type")]
    pub attribute_type: AttributeType,
    /// How some connectors read and write it.
    pub api_expressions: Vec<StringKeyStringValuePair>,
    /// Facts about it.
    #[serde(deserialize_with = "super::metadata::known")]
    pub metadata: Vec<MetadataEntry<AttributeDefinitionMetadata>>,
    /// What a reference refers to.
    pub referenced_objects: Vec<ReferencedObject>,
}

/// What a reference refers to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ReferencedObject {
    /// The object type.
    pub referenced_object_name: Option<String>,
    /// The attribute whose value stands in the reference.
    pub referenced_property: Option<String>,
}
