//! `synchronizationStatus`: how a job stands and how it ran.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::pair::StringKeyLongValuePair;
use crate::edm::NEVER;
use crate::edm::enumeration::wire_enum;

wire_enum! {
    /// How a job stands.
    pub enum StatusCode: "synchronizationStatusCode" = NotConfigured {
        /// Never started.
        NotConfigured = 0,
        /// Started, first cycle not complete.
        NotRun = 1,
        /// Runs when something changed, and at its interval.
        Active = 2,
        /// Stopped; state kept.
        Paused = 3,
        /// Runs at a reduced rate after grave errors.
        Quarantine = 4,
    }
}

wire_enum! {
    /// How an execution ended. The default is what Graph prints of one that has not been.
    pub enum TaskExecutionResult: "synchronizationTaskExecutionResult" = Failed {
        /// Everything was done.
        Succeeded = 0,
        /// The execution as a whole failed.
        Failed = 1,
        /// Some objects failed.
        EntryLevelErrors = 2,
    }
}

wire_enum! {
    /// Why a job is in quarantine.
    pub enum QuarantineReason: "quarantineReason" = EncounteredBaseEscrowThreshold {
        /// Too many escrows.
        EncounteredBaseEscrowThreshold = 0,
        /// Too many escrows altogether.
        EncounteredTotalEscrowThreshold = 1,
        /// Too many escrows for the number of objects.
        EncounteredEscrowProportionThreshold = 2,
        /// Credentials refused, or answers that break the protocol.
        EncounteredQuarantineException = 4,
        /// Not known.
        Unknown = 8,
        /// Somebody asked for it.
        QuarantinedOnDemand = 16,
        /// More deletions than the owner allows.
        TooManyDeletes = 32,
        /// The intake of objects broke off.
        IngestionInterrupted = 64,
    }
}

/// How a job stands and how it ran.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SynchronizationStatus {
    /// Executions in a row that failed as a whole.
    pub count_successive_complete_failures: i64,
    /// Whether escrows were given up.
    pub escrows_pruned: bool,
    /// How the job stands.
    pub code: StatusCode,
    /// The last execution, whatever its result.
    pub last_execution: Option<SynchronizationTaskExecution>,
    /// The last one without errors.
    pub last_successful_execution: Option<SynchronizationTaskExecution>,
    /// The last one without errors that wrote something.
    pub last_successful_execution_with_exports: Option<SynchronizationTaskExecution>,
    /// The quarantine that the job is in; null: none.
    pub quarantine: Option<SynchronizationQuarantine>,
    /// When nothing was left to do for the first time.
    #[serde(with = "crate::edm::required")]
    pub steady_state_first_achieved_time: Timestamp,
    /// When nothing was left to do most recently.
    #[serde(with = "crate::edm::required")]
    pub steady_state_last_achieved_time: Timestamp,
    /// Where help is; null before the first start, empty after it.
    pub troubleshooting_url: Option<String>,
    /// How far the cycle under way has come.
    pub progress: Vec<SynchronizationProgress>,
    /// Linked objects by `{source object} to {target object}`.
    pub synchronized_entry_count_by_type: Vec<StringKeyLongValuePair>,
}

impl Default for SynchronizationStatus {
    fn default() -> Self {
        Self {
            count_successive_complete_failures: 0,
            escrows_pruned: false,
            code: StatusCode::default(),
            last_execution: None,
            last_successful_execution: None,
            last_successful_execution_with_exports: None,
            quarantine: None,
            steady_state_first_achieved_time: NEVER,
            steady_state_last_achieved_time: NEVER,
            troubleshooting_url: None,
            progress: Vec::new(),
            synchronized_entry_count_by_type: Vec::new(),
        }
    }
}

/// One execution of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SynchronizationTaskExecution {
    /// The id of the cycle; log entries carry it as `cycleId`.
    pub activity_identifier: Option<String>,
    /// Objects in scope.
    pub count_entitled: i64,
    /// Objects in scope that are to be in the target.
    pub count_entitled_for_provisioning: i64,
    /// Objects in escrow.
    pub count_escrowed: i64,
    /// Objects in escrow before those of one cause are counted once.
    pub count_escrowed_raw: i64,
    /// Objects written.
    pub count_exported: i64,
    /// Objects that were to be written.
    pub count_exports: i64,
    /// Objects read.
    pub count_imported: i64,
    /// Objects read as changes.
    pub count_imported_deltas: i64,
    /// Reference changes read.
    pub count_imported_reference_deltas: i64,
    /// How it ended.
    pub state: TaskExecutionResult,
    /// When it began.
    #[serde(with = "crate::edm::required")]
    pub time_began: Timestamp,
    /// When it ended.
    #[serde(with = "crate::edm::required")]
    pub time_ended: Timestamp,
    /// What made it fail.
    pub error: Option<SynchronizationError>,
}

impl SynchronizationTaskExecution {
    /// What Graph prints as `lastExecution` between the start of a job and its first cycle.
    #[must_use]
    pub fn zeroed() -> Self {
        Self { error: Some(SynchronizationError::none()), ..Self::default() }
    }
}

impl Default for SynchronizationTaskExecution {
    fn default() -> Self {
        Self {
            activity_identifier: None,
            count_entitled: 0,
            count_entitled_for_provisioning: 0,
            count_escrowed: 0,
            count_escrowed_raw: 0,
            count_exported: 0,
            count_exports: 0,
            count_imported: 0,
            count_imported_deltas: 0,
            count_imported_reference_deltas: 0,
            state: TaskExecutionResult::default(),
            time_began: NEVER,
            time_ended: NEVER,
            error: None,
        }
    }
}

/// An error of an execution or a quarantine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SynchronizationError {
    /// A code that programs read: `SystemForCrossDomainIdentityManagementInvalidCredentials`.
    pub code: Option<String>,
    /// What happened and what can be done.
    pub message: Option<String>,
    /// Whether the owner of the job can mend it.
    pub tenant_actionable: bool,
}

impl SynchronizationError {
    /// The error that says that there is none.
    #[must_use]
    pub fn none() -> Self {
        Self { code: Some("None".to_owned()), message: Some(String::new()), tenant_actionable: false }
    }
}

/// A quarantine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SynchronizationQuarantine {
    /// When it was last evaluated and imposed.
    #[serde(with = "crate::edm::required")]
    pub current_began: Timestamp,
    /// When the job is tried again.
    #[serde(with = "crate::edm::required")]
    pub next_attempt: Timestamp,
    /// Why.
    pub reason: QuarantineReason,
    /// When it was imposed first in this series.
    #[serde(with = "crate::edm::required")]
    pub series_began: Timestamp,
    /// How often in this series.
    pub series_count: i64,
    /// What happened.
    pub error: Option<SynchronizationError>,
}

impl Default for SynchronizationQuarantine {
    fn default() -> Self {
        Self {
            current_began: NEVER,
            next_attempt: NEVER,
            reason: QuarantineReason::default(),
            series_began: NEVER,
            series_count: 0,
            error: None,
        }
    }
}

/// How far a cycle has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SynchronizationProgress {
    /// Units done.
    pub completed_units: i64,
    /// When that was observed.
    #[serde(with = "crate::edm::required")]
    pub progress_observation_date_time: Timestamp,
    /// Units expected.
    pub total_units: i64,
    /// What is counted.
    pub units: Option<String>,
}

impl Default for SynchronizationProgress {
    fn default() -> Self {
        Self { completed_units: 0, progress_observation_date_time: NEVER, total_units: 0, units: None }
    }
}
