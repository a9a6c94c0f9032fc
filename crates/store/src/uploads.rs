//! Uploads: records that a system of record hands in, kept until a connector reads them.

use jiff::Timestamp;
use provisor_engine::log::LogEntry;
use provisor_engine::ports::JobKey;
use uuid::Uuid;

use crate::StoreError;

/// One operation of a bulk request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// The client's id of the operation.
    pub bulk_id: String,
    /// The id of the object in the system of record.
    pub anchor: String,
    /// The object, a JSON text.
    pub body: String,
}

/// A bulk request that was accepted.
#[derive(Clone, Debug)]
pub struct UploadRequest {
    /// Its id.
    pub id: Uuid,
    /// When it came.
    pub received: Timestamp,
    /// Its operations, in their order.
    pub uploads: Vec<Upload>,
    /// What the provisioning log tells of it.
    pub log: Vec<LogEntry>,
}

/// An operation that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StagedUpload {
    /// Its place in the queue.
    pub sequence: i64,
    /// The request that it came with.
    pub request: Uuid,
    /// When it came.
    pub received: Timestamp,
    /// The operation.
    pub upload: Upload,
}

/// Uploads that wait, by job; they go with their job.
#[async_trait::async_trait]
pub trait Uploads: Send + Sync {
    /// Keeps a request and writes its log, all or nothing; durable when it returns.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the job is not there.
    async fn stage(&self, job: JobKey, request: UploadRequest) -> Result<(), StoreError>;

    /// What waits, oldest first, after a place in the queue.
    async fn staged(&self, job: JobKey, after: i64, limit: usize) -> Result<Vec<StagedUpload>, StoreError>;
}
