//! A schema as its owner wrote it (Graph: `synchronizationSchema`), free of wire details.

use crate::ports::{AttributeType, Mutability};

/// A whole schema.
#[derive(Clone, Debug, Default)]
pub struct Definition {
    /// What is done.
    pub rules: Vec<Rule>,
    /// What there is on both sides.
    pub directories: Vec<Directory>,
}

/// A synchronization rule: object mappings between two directories.
#[derive(Clone, Debug, Default)]
pub struct Rule {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Lower runs first.
    pub priority: i32,
    /// Name of the directory read.
    pub source_directory: String,
    /// Name of the directory written.
    pub target_directory: String,
    /// The object mappings.
    pub mappings: Vec<ObjectMapping>,
}

/// An object mapping: how objects of one type become objects of another.
#[derive(Clone, Debug, Default)]
pub struct ObjectMapping {
    /// Its name.
    pub name: String,
    /// Whether it runs.
    pub enabled: bool,
    /// Which writes are allowed.
    pub flows: Flows,
    /// The source object type.
    pub source_object: String,
    /// The target object type.
    pub target_object: String,
    /// Who is in scope; `None`: everybody.
    pub scope: Option<ScopeFilter>,
    /// The attribute mappings.
    pub attributes: Vec<AttributeMapping>,
}

/// Which writes an object mapping may do (Graph: `objectFlowTypes`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flows {
    /// New objects.
    pub add: bool,
    /// Changes, deactivation included.
    pub update: bool,
    /// Deletions.
    pub delete: bool,
}

impl Default for Flows {
    fn default() -> Self {
        Self { add: true, update: true, delete: true }
    }
}

/// An attribute mapping.
#[derive(Clone, Debug, Default)]
pub struct AttributeMapping {
    /// The target attribute.
    pub target: String,
    /// The expression that gives the value; `None`: only the default flows.
    pub expression: Option<String>,
    /// The value for a new object when the expression gives nothing.
    pub default: Option<String>,
    /// Above 0: the object is looked up by it, lowest first.
    pub matching_priority: i32,
    /// Which changes flow.
    pub flow_type: FlowType,
    /// When an unchanged value is sent.
    pub behavior: FlowBehavior,
}

/// Which changes of a value flow (Graph: `attributeFlowType`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FlowType {
    /// All.
    #[default]
    Always,
    /// Only the value of a new object.
    ObjectAddOnly,
    /// Only values that come to a multi-valued attribute.
    MultiValueAddOnly,
    /// Only values that are set, not their removal.
    ValueAddOnly,
    /// Only into an attribute without a value.
    AttributeAddOnly,
}

/// When a value is sent (Graph: `attributeFlowBehavior`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FlowBehavior {
    /// When it differs.
    #[default]
    FlowWhenChanged,
    /// In every update.
    FlowAlways,
}

/// A scoping filter: three sets of groups. In each any group suffices, and all clauses of a group must hold; an
/// empty set passes everything.
#[derive(Clone, Debug, Default)]
pub struct ScopeFilter {
    /// Whether the object is in scope; who no longer passes is deprovisioned.
    pub groups: Vec<FilterGroup>,
    /// Whether the object is looked at; what no longer passes stays as it is.
    pub input_groups: Vec<FilterGroup>,
    /// Whether the object belongs to this object mapping; what no longer passes is deprovisioned.
    pub category_groups: Vec<FilterGroup>,
}

/// A group of clauses.
#[derive(Clone, Debug, Default)]
pub struct FilterGroup {
    /// Its title.
    pub name: String,
    /// The clauses.
    pub clauses: Vec<FilterClause>,
}

/// A clause: an attribute, an operator, values to compare with.
#[derive(Clone, Debug, Default)]
pub struct FilterClause {
    /// The source attribute.
    pub attribute: String,
    /// The operator's name.
    pub operator: String,
    /// The values; a unary operator has none.
    pub values: Vec<String>,
}

/// One side of a job: its object types.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    /// Its name, which rules refer to.
    pub name: String,
    /// Its object types.
    pub objects: Vec<ObjectDefinition>,
}

/// An object type.
#[derive(Clone, Debug, Default)]
pub struct ObjectDefinition {
    /// Its name.
    pub name: String,
    /// Its attributes.
    pub attributes: Vec<AttributeDefinition>,
    /// Whether objects can be deactivated (metadata `IsSoftDeletionSupported`); `None` when it is not said.
    pub soft_deletion: Option<bool>,
    /// The object type that it derives from (metadata `BaseObjectName`).
    pub base: Option<String>,
}

/// An attribute of an object type.
#[derive(Clone, Debug, Default)]
pub struct AttributeDefinition {
    /// Its name.
    pub name: String,
    /// Its type.
    pub attribute_type: AttributeType,
    /// Whether it holds several values.
    pub multivalued: bool,
    /// Whether an object cannot be without it.
    pub required: bool,
    /// Whether letter case is a difference.
    pub case_exact: bool,
    /// Whether it is the immutable id.
    pub anchor: bool,
    /// When it may be written.
    pub mutability: Mutability,
    /// Used for a required attribute that gets no value otherwise.
    pub default: Option<String>,
    /// Whether an empty value clears the target's.
    pub flow_null_values: bool,
    /// The attribute that it is a part of (metadata `BaseAttributeName`).
    pub base: Option<String>,
    /// The object types that a reference may refer to.
    pub refers_to: Vec<String>,
}
