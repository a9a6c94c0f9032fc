//! Synchronization jobs: what they are, how they stand, which schema they follow.

use provisor_engine::job::{JobState, LinkCounts};
use provisor_engine::ports::JobKey;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::StoreError;

/// A job.
#[derive(Clone, Debug, PartialEq)]
pub struct JobRecord {
    /// The store's key.
    pub key: JobKey,
    /// The id that clients see: template, tenant and application, with dots between.
    pub id: String,
    /// The service principal it belongs to.
    pub service_principal: Uuid,
    /// The template it was made from.
    pub template_id: String,
    /// Schedule and history.
    pub state: JobState,
    /// `synchronizationJobSettings`, in the order first set.
    pub settings: Vec<JobSetting>,
    /// Objects linked, by type.
    pub counts: LinkCounts,
}

/// One entry of `synchronizationJobSettings`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobSetting {
    /// Its name.
    pub name: String,
    /// Its value, as text.
    pub value: Option<String>,
}

/// A job to be created.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// The id.
    pub id: String,
    /// The service principal.
    pub service_principal: Uuid,
    /// The template.
    pub template_id: String,
    /// Schedule and history.
    pub state: JobState,
    /// Settings.
    pub settings: Vec<JobSetting>,
}

/// A change of the mutable part of a job, run inside the transaction. It must not block.
pub type JobChange = Box<dyn FnOnce(&mut JobState, &mut Vec<JobSetting>) + Send>;

/// The jobs. Ids compare without regard to case and read back as they were made.
#[async_trait::async_trait]
pub trait Jobs: Send + Sync {
    /// Creates a job.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is a job with this id, whatever service principal it belongs to.
    async fn create_job(&self, job: NewJob) -> Result<JobRecord, StoreError>;

    /// The job with this id.
    async fn job(&self, id: &str) -> Result<Option<JobRecord>, StoreError>;

    /// The job with this key of the store.
    async fn job_by_key(&self, key: JobKey) -> Result<Option<JobRecord>, StoreError>;

    /// The jobs of one service principal, or all, in the order of their creation.
    async fn jobs(&self, service_principal: Option<Uuid>) -> Result<Vec<JobRecord>, StoreError>;

    /// Changes a job; `None` when it is not there.
    async fn change_job(&self, key: JobKey, change: JobChange) -> Result<Option<JobRecord>, StoreError>;

    /// Deletes a job with its schema, links, escrows and references; its log stays. `false` when it is not
    /// there.
    async fn delete_job(&self, key: JobKey) -> Result<bool, StoreError>;

    /// The job's own schema, a JSON text; `None` when it follows its template's.
    async fn job_schema(&self, key: JobKey) -> Result<Option<String>, StoreError>;

    /// Sets or drops the job's own schema.
    async fn set_job_schema(&self, key: JobKey, schema: Option<String>) -> Result<(), StoreError>;
}
