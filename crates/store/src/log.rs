//! The provisioning log.

use jiff::Timestamp;
use provisor_engine::log::{LogEntry, Status};
use uuid::Uuid;

use crate::StoreError;

/// Which entries a reading gives: those that meet every condition that is set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogQuery {
    /// The id of the job (case counts, as in Graph's log filters).
    pub job_id: Option<String>,
    /// The service principal of the job.
    pub service_principal: Option<Uuid>,
    /// The cycle.
    pub cycle: Option<Uuid>,
    /// The object within its cycle.
    pub change: Option<Uuid>,
    /// The id of the object in the source (case counts).
    pub source: Option<String>,
    /// How it ended.
    pub status: Option<Status>,
    /// The entry's own id.
    pub id: Option<Uuid>,
    /// Written at this instant or later.
    pub from: Option<Timestamp>,
    /// Written at this instant or earlier.
    pub to: Option<Timestamp>,
    /// Go on after this place in the order of the reading.
    pub after: Option<LogPlace>,
    /// Oldest first; otherwise newest first, as Graph's default.
    pub ascending: bool,
    /// At most so many.
    pub limit: usize,
}

/// An entry's place in the log: by time, and among those of one instant in the order of writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogPlace {
    /// Microseconds since 1970.
    pub micros: i64,
    /// Its number.
    pub sequence: i64,
}

/// A stored entry.
#[derive(Clone, Debug, PartialEq)]
pub struct LogRow {
    /// Its place in the log.
    pub place: LogPlace,
    /// The id of the job, which may be deleted since.
    pub job_id: String,
    /// The service principal of the job.
    pub service_principal: Uuid,
    /// The entry.
    pub entry: LogEntry,
}

/// The provisioning log: entries are written by [`provisor_engine::ports::Store::settle`] and read here.
///
/// Every condition of [`LogQuery`] is answered by an index: a reading costs what it gives, not what the log
/// holds.
#[async_trait::async_trait]
pub trait Log: Send + Sync {
    /// Entries that meet the query, in the order of time.
    async fn log(&self, query: LogQuery) -> Result<Vec<LogRow>, StoreError>;

    /// How many entries meet the query, whatever its place and limit.
    async fn log_count(&self, query: LogQuery) -> Result<u64, StoreError>;
}
