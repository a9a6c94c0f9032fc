//! `objectMapping`, `attributeMapping` and where mapped values come from.

use serde::{Deserialize, Serialize};

use super::filter::Filter;
use super::metadata::{MetadataEntry, ObjectMappingMetadata};
use crate::edm::enumeration::{wire_enum, wire_flags};

wire_flags! {
    /// Which writes an object mapping may do.
    pub struct ObjectFlowTypes: "objectFlowTypes" {
        /// New objects.
        ADD = 1 as "Add",
        /// Changes, deactivation included.
        UPDATE = 2 as "Update",
        /// Deletions.
        DELETE = 4 as "Delete",
    }
}

impl ObjectFlowTypes {
    /// `Add,Update,Delete`: what a mapping may do unless it says otherwise.
    pub const ALL: Self = Self::ADD.union(Self::UPDATE).union(Self::DELETE);
}

wire_enum! {
    /// Which changes of a value flow.
    pub enum AttributeFlowType: "attributeFlowType" = Always {
        /// All.
        Always = 0,
        /// Only the value of a new object.
        ObjectAddOnly = 1,
        /// Only values that come to a multi-valued attribute.
        MultiValueAddOnly = 2,
        /// Only values that are set, not their removal.
        ValueAddOnly = 3,
        /// Only into an attribute without a value.
        AttributeAddOnly = 4,
    }
}

wire_enum! {
    /// When a value is sent.
    pub enum AttributeFlowBehavior: "attributeFlowBehavior" = FlowWhenChanged {
        /// When it differs.
        FlowWhenChanged = 0,
        /// In every update.
        FlowAlways = 1,
    }
}

wire_enum! {
    /// What a source is.
    pub enum AttributeMappingSourceType: "attributeMappingSourceType" = Attribute {
        /// A source attribute as it is.
        Attribute = 0,
        /// A fixed text.
        Constant = 1,
        /// A function of other sources.
        Function = 2,
    }
}

/// How objects of one type become objects of another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ObjectMapping {
    /// Whether it runs.
    pub enabled: bool,
    /// Which writes it may do.
    pub flow_types: ObjectFlowTypes,
    /// Its name.
    pub name: Option<String>,
    /// The source object type.
    pub source_object_name: Option<String>,
    /// The target object type.
    pub target_object_name: Option<String>,
    /// Who is in scope; null: everybody.
    pub scope: Option<Filter>,
    /// The attribute mappings.
    pub attribute_mappings: Vec<AttributeMapping>,
    /// Facts about the mapping.
    #[serde(deserialize_with = "super::metadata::known")]
    pub metadata: Vec<MetadataEntry<ObjectMappingMetadata>>,
}

impl Default for ObjectMapping {
    fn default() -> Self {
        Self {
            enabled: true,
            flow_types: ObjectFlowTypes::ALL,
            name: None,
            source_object_name: None,
            target_object_name: None,
            scope: None,
            attribute_mappings: Vec::new(),
            metadata: Vec::new(),
        }
    }
}

/// How one target attribute gets its value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AttributeMapping {
    /// The value for a new object when the source gives nothing.
    pub default_value: Option<String>,
    /// Whether references to objects without a link are written.
    pub export_missing_references: bool,
    /// When a value is sent.
    pub flow_behavior: AttributeFlowBehavior,
    /// Which changes flow.
    pub flow_type: AttributeFlowType,
    /// Above 0: objects are matched by it, lowest first.
    pub matching_priority: i32,
    /// The target attribute.
    pub target_attribute_name: Option<String>,
    /// Where the value comes from; null: only the default flows.
    pub source: Option<AttributeMappingSource>,
}

/// Where a value comes from. The text (`expression`) and the tree (the other members) say the same; clients
/// may send either, and both are kept as sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AttributeMappingSource {
    /// The text of this node: `Append([mail], "x")`.
    pub expression: Option<String>,
    /// The attribute, the fixed text, or the function.
    pub name: Option<String>,
    /// What the node is.
    #[serde(rename = "type")]
    pub source_type: AttributeMappingSourceType,
    /// The arguments of a function.
    pub parameters: Vec<StringKeyAttributeMappingSourceValuePair>,
}

/// An argument: the parameter's name and the source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StringKeyAttributeMappingSourceValuePair {
    /// The parameter's name; repeated for a parameter that takes several.
    pub key: Option<String>,
    /// The argument.
    pub value: Option<AttributeMappingSource>,
}
