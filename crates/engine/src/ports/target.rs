//! Where objects go.

use std::sync::Arc;

use provisor_expression::Value;

use super::ConnectorError;
use crate::object::{ObjectType, TargetId, TargetObject};

/// The type of an attribute (Graph: `attributeType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum AttributeType {
    /// Text.
    #[default]
    String,
    /// A whole number.
    Integer,
    /// A reference to another object.
    Reference,
    /// Bytes.
    Binary,
    /// True or false.
    Boolean,
    /// An instant.
    DateTime,
}

/// When an attribute may be written (Graph: `mutability`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Mutability {
    /// Always.
    #[default]
    ReadWrite,
    /// Never.
    ReadOnly,
    /// On create only.
    Immutable,
    /// Always, but it cannot be read back.
    WriteOnly,
}

/// One attribute of a target object type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetAttribute {
    /// The name as mappings spell it: `userName`, `emails[type eq "work"].value`.
    pub name: Arc<str>,
    /// The declared type.
    pub attribute_type: AttributeType,
    /// Whether it holds several values.
    pub multivalued: bool,
    /// Whether letter case is a difference.
    pub case_exact: bool,
    /// When it may be written.
    pub mutability: Mutability,
    /// Whether mappings look the object up by it.
    pub matching: bool,
}

/// The mapped attributes of one target object type.
#[derive(Clone, Debug)]
pub struct TargetShape {
    /// The object type.
    pub object_type: ObjectType,
    /// Attributes by slot: a target object's values stand in this order.
    pub attributes: Vec<TargetAttribute>,
}

/// A value for one slot.
#[derive(Clone, Debug, PartialEq)]
pub struct SlotValue {
    /// Which attribute: an index into [`TargetShape::attributes`].
    pub slot: usize,
    /// The value; never null.
    pub value: Value,
}

/// How one attribute is to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeKind {
    /// The target has no value yet (SCIM: `add`).
    Add,
    /// The target has another value (SCIM: `replace`).
    Replace,
    /// The value is to go (SCIM: `remove`).
    Remove,
}

/// A change of one attribute of an existing object.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Which attribute: an index into [`TargetShape::attributes`].
    pub slot: usize,
    /// How it changes.
    pub kind: ChangeKind,
    /// The value as it is now in the target; null when there is none.
    pub old: Value,
    /// The value to be; null for a removal.
    pub new: Value,
}

/// Changes of one reference attribute of an existing object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceWrite {
    /// Which attribute: an index into [`TargetShape::attributes`].
    pub slot: usize,
    /// Objects to refer to.
    pub add: Vec<TargetId>,
    /// Objects no longer to refer to.
    pub remove: Vec<TargetId>,
}

/// What a create brought about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// The id that the target gave.
    pub id: TargetId,
}

/// A matching attribute by which the target does not find what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnmatchableAttribute {
    /// The object type.
    pub object_type: ObjectType,
    /// Which attribute: an index into [`TargetShape::attributes`].
    pub slot: usize,
    /// What was seen.
    pub reason: String,
}

/// What a target learnt about itself before the first write.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// Matching attributes whose lookups cannot be trusted: the engine takes an inventory instead.
    pub unmatchable: Vec<UnmatchableAttribute>,
    /// Mapped attributes that the target does not have and that are therefore not sent, by object type and
    /// slot.
    pub dropped: Vec<(ObjectType, usize)>,
    /// Remarks for the log of the job, each a sentence.
    pub remarks: Vec<String>,
}

/// What the engine may count on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Whether objects can be listed completely ([`Target::list`]).
    pub listing: bool,
    /// The most references that one [`Target::write_references`] may carry.
    pub references_per_write: usize,
}

/// Where a listing of the target goes on. Only the connector that made it can read it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct ListCursor {
    /// How many objects were listed before.
    pub listed: u64,
    /// A mark of the page before, by which a target is found out that gives the same page again and again.
    pub mark: u64,
}

/// One page of a listing of the target.
#[derive(Debug)]
pub struct ObjectPage {
    /// The objects.
    pub objects: Vec<TargetObject>,
    /// Where to go on; `None` at the end.
    pub next: Option<ListCursor>,
}

/// Where objects go: an application's SCIM endpoint, a directory, a database.
///
/// A target is made for the compiled schema of one job: it knows its shapes, and `shape` names one by index.
///
/// Behaviour that the engine relies on:
/// - one call is one request, or as many as the system's oddities demand; no call retries by itself;
/// - every error carries its class, and says whether the request may have been applied;
/// - `delete` of what is not there is done;
/// - a listing ends, and is complete or an error: what is not listed is not there;
/// - `update` with no changes is not called.
#[async_trait::async_trait]
pub trait Target: Send + Sync {
    /// What the engine may count on.
    fn capabilities(&self) -> Capabilities;

    /// Whether the system answers and accepts the credentials: one query for what cannot exist.
    async fn check(&self) -> Result<(), ConnectorError>;

    /// Learns what the system can do, before the first cycle: which attributes it has, and whether its
    /// lookups find what is there. With `probe`, an object may be created and deleted to find out.
    async fn prepare(&self, probe: bool) -> Result<Findings, ConnectorError>;

    /// The object with this id; `None` when it is gone.
    async fn get(&self, shape: usize, id: &TargetId) -> Result<Option<TargetObject>, ConnectorError>;

    /// All objects whose attribute equals the value (two are enough: more than one is an error anyway).
    async fn find(&self, shape: usize, by: &SlotValue) -> Result<Vec<TargetObject>, ConnectorError>;

    /// A page of all objects.
    async fn list(&self, shape: usize, cursor: ListCursor) -> Result<ObjectPage, ConnectorError>;

    /// Creates an object.
    async fn create(&self, shape: usize, values: &[SlotValue]) -> Result<Created, ConnectorError>;

    /// Changes an object.
    async fn update(&self, shape: usize, id: &TargetId, changes: &[Change]) -> Result<(), ConnectorError>;

    /// Changes references of an object.
    async fn write_references(
        &self,
        shape: usize,
        id: &TargetId,
        write: &ReferenceWrite,
    ) -> Result<(), ConnectorError>;

    /// Deletes an object.
    async fn delete(&self, shape: usize, id: &TargetId) -> Result<(), ConnectorError>;
}
