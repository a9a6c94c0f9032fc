//! Where changes come from.

use std::sync::Arc;

use super::ConnectorError;
use crate::object::{Anchor, ObjectType, ReferenceChange, ReferenceCursor, SourceObject};

/// A source's opaque position: everything up to it is settled, or is to be read from it on.
///
/// Only the connector that made a position can read it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Position(pub Arc<str>);

/// One attribute that is wanted from a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceAttribute {
    /// The name, as the source's object definition spells it.
    pub name: Arc<str>,
}

/// What is wanted of one object type: the attributes that mappings, filters and matching use, no others.
#[derive(Clone, Debug)]
pub struct SourceShape {
    /// The object type.
    pub object_type: ObjectType,
    /// Attributes by slot: a source object's values stand in this order.
    pub attributes: Vec<SourceAttribute>,
    /// Reference attributes (`manager`, `members`), apart because they are written later.
    pub references: Vec<Arc<str>>,
}

/// A request for the next page of changes of one object type.
#[derive(Clone, Copy, Debug)]
pub struct ReadRequest<'a> {
    /// What is wanted.
    pub shape: &'a SourceShape,
    /// Read what changed after this position; `None`: everything.
    pub since: Option<&'a Position>,
    /// Whether this is a reading of everything (an initial cycle): references are then told whole
    /// ([`crate::object::References::All`]) and objects that are gone for good are left out.
    pub full: bool,
    /// Read no change later than this position (from [`Source::head`]).
    pub until: &'a Position,
    /// At most so many objects.
    pub limit: usize,
}

/// One page of changes.
#[derive(Debug)]
pub struct SourcePage {
    /// The objects, in source order. The same anchor may come again on a later page.
    pub objects: Vec<SourceObject>,
    /// Where to read on; everything up to here is on this page or an earlier one.
    pub position: Position,
    /// Whether `until` is reached.
    pub last: bool,
}

/// A further page of the references of one object.
#[derive(Debug)]
pub struct ReferencePage {
    /// The references.
    pub changes: Vec<ReferenceChange>,
    /// Where to read on, if there are more.
    pub next: Option<ReferenceCursor>,
}

/// Where changes come from: a directory, a database, a file.
///
/// Behaviour that the engine relies on:
/// - reading is repeatable: the same position gives the same changes again, or later states of them;
/// - what changes while it is read is either on a page or comes after [`Source::head`] as it was before;
/// - an object that cannot be read is an error of the page, never left out.
#[async_trait::async_trait]
pub trait Source: Send + Sync {
    /// The position after the newest change.
    async fn head(&self) -> Result<Position, ConnectorError>;

    /// The next page of changes.
    async fn read(&self, request: ReadRequest<'_>) -> Result<SourcePage, ConnectorError>;

    /// About how many objects [`Source::read`] will give for this request, for showing progress.
    async fn count(&self, request: ReadRequest<'_>) -> Result<u64, ConnectorError>;

    /// One object as it is now, with all its references; `None` when the source has never known it.
    async fn get(&self, shape: &SourceShape, anchor: &Anchor)
    -> Result<Option<SourceObject>, ConnectorError>;

    /// Further references of one object.
    async fn references(
        &self,
        shape: &SourceShape,
        anchor: &Anchor,
        cursor: &ReferenceCursor,
    ) -> Result<ReferencePage, ConnectorError>;

    /// Whether the source can be read.
    async fn check(&self) -> Result<(), ConnectorError>;
}
