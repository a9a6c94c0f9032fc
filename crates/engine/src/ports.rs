//! What the engine needs from the world: a source, a target, a store.

mod error;
mod source;
mod store;
mod target;

pub use error::{ConnectorError, ErrorClass, StoreError};
pub use source::{Position, ReadRequest, ReferencePage, Source, SourceAttribute, SourcePage, SourceShape};
pub use store::{
    Checkpoint, CycleState, DueReference, Escrow, EscrowChange, InventoryEntry, JobKey, LeaseToken,
    LinkChange, LinkRow, ReferenceIntent, ReferenceOutcome, ReferenceScope, Reset, Settled, Settlement,
    Store,
};
pub use target::{
    AttributeType, Capabilities, Change, ChangeKind, Created, Findings, ListCursor, Mutability, ObjectPage,
    ReferenceWrite, SlotValue, Target, TargetAttribute, TargetShape, UnmatchableAttribute,
};
