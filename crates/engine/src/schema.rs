//! The schema of a job: as its owner wrote it ([`definition`]), and compiled once for running ([`compile`]).
//!
//! Compiling turns attribute names into slots, expressions into programs over slots, and filters into
//! predicates; per object nothing is parsed and no name is looked up.

mod compile;
pub mod definition;
mod filter;
mod operator;
mod shape;

pub use compile::compile;
pub use filter::{ClauseResult, Filter};
pub use operator::{Operator, OperatorKind, operators};

use std::sync::Arc;

use provisor_expression::{Program, Value};

use crate::object::ObjectType;
use crate::ports::{AttributeType, SourceShape, TargetShape};
pub use definition::{FlowBehavior, FlowType, Flows};

/// The name of the computed source attribute that tells whether an object is on its way out.
pub const IS_SOFT_DELETED: &str = "IsSoftDeleted";

/// Something that keeps a schema from being used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// A code that programs read: `UnknownAttribute`, `InvalidExpression`.
    pub code: &'static str,
    /// What is wrong and what can be done.
    pub message: String,
    /// Where: `synchronizationRules[0].objectMappings[0].attributeMappings[3]`.
    pub target: String,
}

/// A compiled schema.
#[derive(Debug)]
pub struct Schema {
    /// The enabled object mappings in the order they run: by rule priority, users before groups.
    pub mappings: Vec<Mapping>,
}

impl Schema {
    /// The mapping for a source object type (case does not count): the first of several, see [`Schema::choose`].
    #[must_use]
    pub fn mapping_of(&self, source_type: &str) -> Option<usize> {
        self.mappings.iter().position(|m| m.source.object_type.as_str().eq_ignore_ascii_case(source_type))
    }

    /// The mappings of the same source type as that at `first`, it included, in the order they run.
    pub fn beside(&self, first: usize) -> impl Iterator<Item = &Mapping> {
        let follows = move |mapping: &&Mapping| mapping.follows == Some(first);
        self.mappings.get(first).into_iter().chain(self.mappings.iter().filter(follows))
    }

    /// The mapping that takes an object with these values: the first whose category filter it passes, else the
    /// one that takes all the others. Whoever passes none belongs nowhere, and `first` tells that.
    #[must_use]
    pub fn choose(&self, first: usize, values: &[Value]) -> Option<&Mapping> {
        let takes = |mapping: &&Mapping| mapping.category.as_ref().is_some_and(|f| f.evaluate(values).0);
        let others = || self.beside(first).find(|mapping| mapping.category.is_none());
        self.beside(first).find(takes).or_else(others).or_else(|| self.mappings.get(first))
    }
}

/// A compiled object mapping.
#[derive(Debug)]
pub struct Mapping {
    /// The id of its rule.
    pub rule_id: Arc<str>,
    /// The place of the mapping of the same source type that runs in its stead and hands objects over to it.
    pub follows: Option<usize>,
    /// What is read: by all mappings of the source type.
    pub source: SourceShape,
    /// The name of the source directory.
    pub source_system: Arc<str>,
    /// What is written: by all mappings of the source type.
    pub target: TargetShape,
    /// The name of the target directory.
    pub target_system: Arc<str>,
    /// Which writes are allowed.
    pub flows: Flows,
    /// Who is in scope; `None`: everybody.
    pub scope: Option<Filter>,
    /// Who is looked at (`inputFilterGroups`); `None`: everybody.
    pub input: Option<Filter>,
    /// Who belongs to this mapping (`categoryFilterGroups`); `None`: everybody.
    pub category: Option<Filter>,
    /// The attribute mappings.
    pub attributes: Vec<AttributeFlow>,
    /// Matching attributes by precedence: indices into `attributes`.
    pub matching: Vec<usize>,
    /// The reference attribute mappings.
    pub references: Vec<ReferenceFlow>,
    /// The slot of the computed attribute `IsSoftDeleted`, where a mapping uses it.
    pub soft_deleted_slot: Option<usize>,
    /// Whether the target type can be deactivated. Where it cannot (groups), leaving means deletion.
    pub soft_deletion: bool,
}

impl Mapping {
    /// The source object type.
    #[must_use]
    pub fn source_type(&self) -> &ObjectType {
        &self.source.object_type
    }

    /// The target object type.
    #[must_use]
    pub fn target_type(&self) -> &ObjectType {
        &self.target.object_type
    }

    /// What people call the mapping: `User to urn:…:User`, as in `synchronizedEntryCountByType`.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} to {}", self.source_type(), self.target_type())
    }

    /// The name of a target attribute.
    #[must_use]
    pub fn target_name(&self, slot: usize) -> &str {
        self.target.attributes.get(slot).map_or("", |attribute| &attribute.name)
    }
}

/// A compiled attribute mapping.
#[derive(Debug)]
pub struct AttributeFlow {
    /// Which target attribute: a slot of the target shape.
    pub slot: usize,
    /// The declared type of the target attribute.
    pub attribute_type: AttributeType,
    /// Where the value comes from.
    pub source: FlowSource,
    /// Which changes flow.
    pub flow_type: FlowType,
    /// When an unchanged value is sent.
    pub behavior: FlowBehavior,
    /// Used on create when the source gives nothing.
    pub default: Option<Value>,
    /// Whether the target refuses an object without it.
    pub required: bool,
    /// Whether an empty source value clears the target's.
    pub clears: bool,
    /// Whether the value is kept out of logs.
    pub redacted: bool,
    /// Whether the value depends on `IsSoftDeleted`.
    pub uses_soft_deleted: bool,
}

/// Where a mapped value comes from.
#[derive(Debug)]
pub enum FlowSource {
    /// A source attribute as it is: a slot of the source shape.
    Attribute(usize),
    /// An expression.
    Program(Program),
    /// Nowhere: only the default flows, into an empty attribute.
    None,
}

impl FlowSource {
    /// Whether it looks for a value that nobody in the target has yet (`SelectUniqueValue`).
    #[must_use]
    pub fn selects_unique_value(&self) -> bool {
        matches!(self, Self::Program(program) if program.facts().selects_unique_value)
    }
}

/// A compiled mapping of a reference attribute (`manager`, `members`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceFlow {
    /// Which source reference: an index into [`SourceShape::references`].
    pub reference: usize,
    /// Which target attribute: a slot of the target shape.
    pub slot: usize,
    /// A number made from the attribute's name: remembered references keep their meaning when the schema
    /// changes and slots are given anew.
    pub key: usize,
    /// Whether it holds several references.
    pub multivalued: bool,
    /// Whether taking the only reference away is written to the target.
    pub clears: bool,
}
