//! The provisioning log.

use jiff::Timestamp;
use provisor_engine::log::LogEntry;
use uuid::Uuid;

use crate::StoreError;

/// Which entries a reading gives: those that meet every condition that is set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogQuery {
    /// The id of the job (case counts, as in Graph's log filters).
    pub job_id: Option<String>,
    /// The cycle.
    pub cycle: Option<Uuid>,
    /// The entry's own id.
    pub id: Option<Uuid>,
    /// Written at this instant or later.
    pub from: Option<Timestamp>,
    /// Written at this instant or earlier.
    pub to: Option<Timestamp>,
    /// Go on after this place ([`LogRow::sequence`]) in the order of the reading.
    pub after: Option<i64>,
    /// Oldest first; otherwise newest first, as Graph's default.
    pub ascending: bool,
    /// At most so many.
    pub limit: usize,
}

/// A stored entry.
#[derive(Clone, Debug, PartialEq)]
pub struct LogRow {
    /// Its place in the log.
    pub sequence: i64,
    /// The id of the job, which may be deleted since.
    pub job_id: String,
    /// The service principal of the job.
    pub service_principal: Uuid,
    /// The entry.
    pub entry: LogEntry,
}

/// The provisioning log: entries are written by [`provisor_engine::ports::Store::settle`] and read here.
#[async_trait::async_trait]
pub trait Log: Send + Sync {
    /// Entries that meet the query.
    async fn log(&self, query: LogQuery) -> Result<Vec<LogRow>, StoreError>;
}
