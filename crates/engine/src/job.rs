//! A job's states and counters, as Graph shows them (`synchronizationSchedule`, `synchronizationStatus`).

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What the owner of the job wants (Graph: `synchronizationScheduleState`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ScheduleState {
    /// Run.
    Active,
    /// Never started.
    #[default]
    Disabled,
    /// Stopped; state kept.
    Paused,
}

/// How the job stands (Graph: `synchronizationStatusCode`), derived from the rest of its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusCode {
    /// Never started.
    NotConfigured,
    /// Started, first cycle not complete.
    NotRun,
    /// Runs when something changed, and at its interval.
    Active,
    /// Stopped; state kept.
    Paused,
    /// Runs at a reduced rate after grave errors.
    Quarantine,
}

/// How an execution ended (Graph: `synchronizationTaskExecutionResult`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExecutionResult {
    /// Everything settled without errors.
    Succeeded,
    /// The run as a whole failed.
    #[default]
    Failed,
    /// The run is complete, some objects failed.
    EntryLevelErrors,
}

/// An error of a run (Graph: `synchronizationError`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunError {
    /// A code that programs read: `SystemForCrossDomainIdentityManagementInvalidCredentials`.
    pub code: String,
    /// What happened and what can be done.
    pub message: String,
    /// Whether the owner of the job can mend it.
    pub actionable: bool,
}

/// One run of a job (Graph: `synchronizationTaskExecution`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Execution {
    /// The id of the run; log entries carry it as `cycleId`.
    pub id: Option<Uuid>,
    /// Objects in scope.
    pub entitled: u64,
    /// Objects in escrow.
    pub escrowed: u64,
    /// Objects written.
    pub exported: u64,
    /// Objects that were to be written.
    pub exports: u64,
    /// Objects read.
    pub imported: u64,
    /// Objects read as changes.
    pub imported_deltas: u64,
    /// Reference changes read.
    pub imported_reference_deltas: u64,
    /// How it ended.
    pub state: ExecutionResult,
    /// When it began.
    pub began: Option<Timestamp>,
    /// When it ended.
    pub ended: Option<Timestamp>,
    /// What made it fail.
    pub error: Option<RunError>,
}

/// Why a job is in quarantine (Graph: `quarantineReason`; the members that this engine uses).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum QuarantineReason {
    /// Credentials refused, or answers that break the protocol.
    EncounteredQuarantineException,
}

/// A job's quarantine (Graph: `synchronizationQuarantine`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantine {
    /// Why.
    pub reason: QuarantineReason,
    /// What happened.
    pub error: RunError,
    /// When it was imposed first in this series.
    pub series_began: Timestamp,
    /// When it was last evaluated and imposed.
    pub current_began: Timestamp,
    /// How often in this series.
    pub series_count: u32,
    /// When the job is tried again.
    pub next_attempt: Timestamp,
}

/// What is remembered of how a job ran.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobHistory {
    /// The last run, whatever its result; `None` before the first.
    pub last: Option<Execution>,
    /// The last run without errors.
    pub last_successful: Option<Execution>,
    /// The last run that wrote something.
    pub last_with_exports: Option<Execution>,
    /// When nothing was left to do for the first time.
    pub steady_first: Option<Timestamp>,
    /// When nothing was left to do most recently.
    pub steady_last: Option<Timestamp>,
    /// Runs in a row that failed as a whole.
    pub successive_failures: u64,
    /// The quarantine the job is in.
    pub quarantine: Option<Quarantine>,
}

/// The mutable part of a job: schedule and history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobState {
    /// What the owner wants.
    pub schedule: ScheduleState,
    /// Time between cycles when no change starts one earlier.
    pub interval: Duration,
    /// How it ran.
    pub history: JobHistory,
}

impl JobState {
    /// A job that was just created: disabled, not configured.
    #[must_use]
    pub fn new(interval: Duration) -> Self {
        Self { schedule: ScheduleState::Disabled, interval, history: JobHistory::default() }
    }

    /// The status that Graph shows.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self.schedule {
            ScheduleState::Disabled => StatusCode::NotConfigured,
            ScheduleState::Paused => StatusCode::Paused,
            ScheduleState::Active if self.history.quarantine.is_some() => StatusCode::Quarantine,
            ScheduleState::Active if self.history.steady_first.is_some() => StatusCode::Active,
            ScheduleState::Active => StatusCode::NotRun,
        }
    }

    /// Starts the job, resumes it, or lifts its quarantine (Graph: `start`).
    pub fn start(&mut self) {
        self.schedule = ScheduleState::Active;
        self.history.quarantine = None;
        self.history.last.get_or_insert_with(Execution::default);
    }

    /// Stops the job and keeps its state (Graph: `pause`).
    pub fn pause(&mut self) {
        self.schedule = ScheduleState::Paused;
    }
}

/// Objects linked so far, by source and target object type, as
/// `synchronizedEntryCountByType` shows them.
pub type LinkCounts = BTreeMap<String, u64>;
