//! The provisioning log: what was done with one object, and the steps that led there.
//!
//! The shape follows Graph's `provisioningObjectSummary`; names of steps and skip reasons are those that
//! readers of Entra's log know.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What was done, or would have been done (Graph: `provisioningAction`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Action {
    /// A new target object.
    Create,
    /// A change of an existing one.
    Update,
    /// The target object was deleted.
    Delete,
    /// The target object was deactivated.
    Disable,
    /// Nothing of these.
    Other,
}

/// How it ended (Graph: `provisioningResult`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Status {
    /// Done.
    Success,
    /// Tried and failed.
    Failure,
    /// Not to be done, for a reason that the entry names.
    Skipped,
    /// Done, but something about it needs an eye.
    Warning,
}

/// The kind of a step (Graph: `provisioningStepType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum StepKind {
    /// The object was read from the source.
    Import,
    /// Whether it is to exist in the target.
    Scoping,
    /// Which target object belongs to it.
    Matching,
    /// What is to be done.
    Processing,
    /// Which target objects its references mean.
    ReferenceResolution,
    /// The write to the target.
    Export,
}

/// One step of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Its name in Entra's log: `EntryImport`, `EntrySynchronizationScoping`, `EntryExportAdd`.
    pub name: Cow<'static, str>,
    /// Its kind.
    pub kind: StepKind,
    /// How it ended.
    pub status: Status,
    /// A sentence for people.
    pub description: String,
    /// Facts by name; all texts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<(Cow<'static, str>, String)>,
}

/// A target attribute that was written, or that the failed write carried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModifiedProperty {
    /// The target attribute.
    pub name: String,
    /// The value before, as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
    /// The value after, as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new: Option<String>,
}

/// Who an entry is about, on one side.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The id on that side; empty when there is none yet.
    pub id: String,
    /// What a person calls it.
    pub name: String,
    /// What it signs in with, where that is another: a user principal name. Steps tell of it by this.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// The object type on that side.
    pub object_type: String,
}

/// Why an object was skipped or failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The code: `RedundantExport`, `NotEffectivelyEntitled`, `DuplicateTargetEntries`.
    pub code: Cow<'static, str>,
    /// A sentence that says what happened and what can be done.
    pub message: String,
}

/// Who set it off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Initiator {
    /// The service itself, in a cycle.
    #[default]
    System,
    /// Somebody asked for this object, on demand.
    OnDemand,
    /// A system of record handed it in.
    Upload,
}

/// One entry of the provisioning log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// The entry's id; grows with time.
    pub id: Uuid,
    /// When it was written.
    pub at: Timestamp,
    /// How long the object took, in milliseconds.
    pub duration_ms: u32,
    /// The cycle; equals the job's `lastExecution.activityIdentifier`.
    pub cycle: Uuid,
    /// The object within the cycle.
    pub change: Uuid,
    /// What was done.
    pub action: Action,
    /// How it ended.
    pub status: Status,
    /// Why it was skipped or failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// The object in the source.
    pub source: Identity,
    /// The object in the target.
    pub target: Identity,
    /// The steps, in the order run.
    pub steps: Vec<Step>,
    /// What was written.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modified: Vec<ModifiedProperty>,
    /// Who set it off.
    #[serde(default)]
    pub initiator: Initiator,
}
