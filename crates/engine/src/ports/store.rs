//! What the engine remembers, durably.

use std::collections::BTreeMap;

use jiff::Timestamp;
use uuid::Uuid;

use super::{ErrorClass, Position, StoreError};
use crate::job::Execution;
use crate::log::{Identity, LogEntry};
use crate::object::{Anchor, Link, ObjectType, TargetId};

/// The store's own key of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobKey(pub i64);

/// Proof of being the one who runs a job: checked in every settling transaction, so that an owner who lost
/// the job (a paused process that wakes up) can write nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaseToken(pub i64);

/// What happens to the link of a settled object.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum LinkChange {
    /// It stays as it is (or stays absent).
    #[default]
    Keep,
    /// It is set, new or anew.
    Set(TargetId),
    /// It is dropped, with the references that start at the object.
    Remove,
}

/// What happens to the escrow of a settled object.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum EscrowChange {
    /// The object is fine: an escrow it had is dropped.
    #[default]
    Clear,
    /// The object is to be tried again.
    Set(Escrow),
}

/// An object whose export failed, and when it is tried again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escrow {
    /// The object in the source.
    pub anchor: Anchor,
    /// Its type in the source.
    pub object_type: ObjectType,
    /// How often it has been tried.
    pub attempts: u32,
    /// When it failed first.
    pub since: Timestamp,
    /// When it is due again.
    pub due: Timestamp,
    /// What can be done about it.
    pub class: ErrorClass,
    /// What went wrong last.
    pub message: String,
}

/// Whether the references of a settled object are told whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum ReferenceScope {
    /// Only what is listed changes.
    #[default]
    Listed,
    /// What is not listed in any settlement of this object with the same sweep number is gone. Used on the
    /// last settlement of an object whose references were all read.
    Complete,
}

/// A reference that is to be there, or not to be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceIntent {
    /// Which target attribute: [`crate::schema::ReferenceFlow::key`], the same for the same name whatever
    /// else the schema maps.
    pub slot: usize,
    /// The object referred to, in the source.
    pub to: Anchor,
    /// Whether it is to be there.
    pub present: bool,
}

/// One object that is done with: exported, skipped with a reason, or in escrow.
#[derive(Clone, Debug)]
pub struct Settled {
    /// The object in the source.
    pub anchor: Anchor,
    /// Its type in the source.
    pub object_type: ObjectType,
    /// What happens to its link.
    pub link: LinkChange,
    /// What happens to its escrow.
    pub escrow: EscrowChange,
    /// References that are to be written once both ends are linked.
    pub references: Vec<ReferenceIntent>,
    /// Whether `references` closes the set.
    pub reference_scope: ReferenceScope,
    /// Changes of its references may be passed over here, because it failed or is out of scope: the next time
    /// it must tell them all. Cleared when the set is told whole.
    pub missed_references: bool,
    /// What is told about it; `None` only for a part of an object whose entry comes with another part.
    pub log: Option<LogEntry>,
}

impl Settled {
    /// An object of which nothing changes, to be changed with struct update syntax.
    #[must_use]
    pub fn untouched(anchor: Anchor, object_type: ObjectType) -> Self {
        Self {
            anchor,
            object_type,
            link: LinkChange::Keep,
            escrow: EscrowChange::Clear,
            references: Vec::new(),
            reference_scope: ReferenceScope::Listed,
            missed_references: false,
            log: None,
        }
    }
}

/// A reference whose ends are both linked and that is not yet as it is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueReference {
    /// The store's key of the reference.
    pub key: i64,
    /// The object that refers.
    pub from: Anchor,
    /// Its type in the source.
    pub from_type: ObjectType,
    /// Its id in the target.
    pub from_target: TargetId,
    /// Which target attribute, as in [`ReferenceIntent::slot`].
    pub slot: usize,
    /// The object referred to.
    pub to: Anchor,
    /// Its id in the target; `None` when its link is gone (then there is nothing left to take away).
    pub to_target: Option<TargetId>,
    /// Whether the reference is to be there.
    pub present: bool,
}

/// What became of a due reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReferenceOutcome {
    /// The target is as it is to be.
    Written,
    /// It is to be tried again, not before this time.
    Later(Timestamp),
}

/// A batch of results: one transaction.
#[derive(Debug, Default)]
pub struct Settlement {
    /// Objects done with.
    pub objects: Vec<Settled>,
    /// References done with, by [`DueReference::key`].
    pub references: Vec<(i64, ReferenceOutcome)>,
    /// Log entries that belong to references.
    pub log: Vec<LogEntry>,
    /// Target objects to be remembered in the inventory.
    pub inventory: Vec<InventoryEntry>,
    /// Where the cycle stands after this batch.
    pub checkpoint: Option<Checkpoint>,
    /// The number of the sweep (initial cycle) whose objects these are: a settled object's link counts as
    /// seen by it.
    pub sweep: i64,
}

/// Where a cycle stands, so that it goes on from there after a stop or a crash.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Checkpoint {
    /// Positions up to which everything is settled, by object mapping (`User to …:User`). Empty: the next
    /// cycle is an initial one.
    pub positions: BTreeMap<String, Position>,
    /// The number of the newest initial cycle. Never goes back, not even with a [`Reset`].
    pub sweep: i64,
    /// Matching attributes (object mapping, target attribute) by which the target does not find what it
    /// holds; they are looked up in the inventory.
    #[serde(default)]
    pub inventoried: Vec<(String, String)>,
    /// The cycle under way; `None` between cycles.
    pub cycle: Option<CycleState>,
}

/// The cycle that a checkpoint interrupted.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CycleState {
    /// Its id; provisioning log entries carry it as `cycleId`.
    pub id: Uuid,
    /// Whether it reads everything.
    pub initial: bool,
    /// The source's head when it began.
    pub until: Position,
    /// Which step is under way: see the cycle module.
    pub step: usize,
    /// What it has counted so far.
    pub execution: Execution,
}

/// A row of the link table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkRow {
    /// The store's key; grows with insertion.
    pub key: i64,
    /// The object type in the source.
    pub object_type: ObjectType,
    /// The pair.
    pub link: Link,
}

/// One remembered value of one target object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InventoryEntry {
    /// The object type in the target.
    pub object_type: ObjectType,
    /// Which target attribute.
    pub slot: usize,
    /// Its value as text, folded to lower case unless letter case counts.
    pub value: String,
    /// The object that has it.
    pub target: TargetId,
}

/// What a restart forgets (Graph: `synchronizationJobRestartScope`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Reset {
    /// All links and written references, and with them the position and the inventory: everything is
    /// matched anew (`ConnectorDataStore`).
    pub links: bool,
    /// All failures (`Escrows`): escrows are dropped, and references that were put off are due now.
    pub escrows: bool,
    /// The position in the source: the next cycle is an initial one (`Watermark`).
    pub watermark: bool,
}

/// What the engine remembers of a job. Every method that writes checks the lease.
///
/// Behaviour that the engine relies on:
/// - `settle` is one transaction: all of it or nothing;
/// - when an object gets its link, references that wait for it become due in the same transaction;
/// - what `due_references` gives is ordered by the object that refers, so that writes to one object can be
///   joined, and excludes what was put off until a later time.
#[async_trait::async_trait]
pub trait Store: Send + Sync {
    /// Takes the job over: whoever ran it before can no longer write.
    async fn acquire(&self, job: JobKey) -> Result<LeaseToken, StoreError>;

    /// Where the job stands; `None` when it has never run or was reset.
    async fn checkpoint(&self, job: JobKey) -> Result<Option<Checkpoint>, StoreError>;

    /// The links of these objects, in their order.
    async fn links(
        &self,
        job: JobKey,
        object_type: &ObjectType,
        anchors: &[Anchor],
    ) -> Result<Vec<Option<TargetId>>, StoreError>;

    /// Whether changes of an object's references were passed over since they were told whole
    /// ([`Settled::missed_references`]).
    async fn missed_references(
        &self,
        job: JobKey,
        object_type: &ObjectType,
        anchor: &Anchor,
    ) -> Result<bool, StoreError>;

    /// Which source object a target object is linked to.
    async fn linked_anchor(
        &self,
        job: JobKey,
        object_type: &ObjectType,
        target: &TargetId,
    ) -> Result<Option<Anchor>, StoreError>;

    /// Links after `after` (a [`LinkRow::key`]) that the sweep with this number has not seen.
    async fn unseen_links(
        &self,
        job: JobKey,
        sweep: i64,
        after: i64,
        limit: usize,
    ) -> Result<Vec<LinkRow>, StoreError>;

    /// Writes a batch of results.
    async fn settle(&self, job: JobKey, lease: LeaseToken, batch: Settlement) -> Result<(), StoreError>;

    /// References that can be written now, without the first `skip` of them, which somebody has in hand.
    async fn due_references(
        &self,
        job: JobKey,
        now: Timestamp,
        skip: usize,
        limit: usize,
    ) -> Result<Vec<DueReference>, StoreError>;

    /// The escrow of one object.
    async fn escrow(
        &self,
        job: JobKey,
        object_type: &ObjectType,
        anchor: &Anchor,
    ) -> Result<Option<Escrow>, StoreError>;

    /// Escrows that are due, oldest first.
    async fn due_escrows(&self, job: JobKey, now: Timestamp, limit: usize)
    -> Result<Vec<Escrow>, StoreError>;

    /// When the next escrow or reference of the job is due; in the past when one can be written now.
    async fn next_due(&self, job: JobKey) -> Result<Option<Timestamp>, StoreError>;

    /// Who an object was when the job's log last knew its name; `None` when it never did. For objects that are gone for
    /// good, of which the source tells the id alone.
    async fn last_known(&self, job: JobKey, anchor: &Anchor) -> Result<Option<Identity>, StoreError>;

    /// Target objects of the inventory with this value.
    async fn inventory(
        &self,
        job: JobKey,
        object_type: &ObjectType,
        slot: usize,
        value: &str,
    ) -> Result<Vec<TargetId>, StoreError>;

    /// Empties the inventory of the job, before a new one is taken.
    async fn clear_inventory(&self, job: JobKey, lease: LeaseToken) -> Result<(), StoreError>;

    /// Forgets what a restart asks to forget.
    async fn reset(&self, job: JobKey, reset: Reset) -> Result<(), StoreError>;
}
