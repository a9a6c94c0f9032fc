//! What the API asks of the part that runs jobs.

use std::fmt;

use bytes::Bytes;
use http::Uri;
use provisor_engine::log::LogEntry;
use provisor_engine::object::Anchor;
use provisor_engine::ports::{ConnectorError, JobKey, Reset, StoreError};
use provisor_engine::schema::definition::ObjectDefinition;
use provisor_scim::ClientError;
use provisor_store::secrets::Secret;
use secrecy::SecretString;

/// How far the cycle under way has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Objects settled.
    pub completed: u64,
    /// Objects expected, as far as they are counted.
    pub total: u64,
}

/// One object that somebody wants provisioned now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The rule of the job's schema.
    pub rule_id: String,
    /// The object's id in the source.
    pub object: Anchor,
    /// Its type in the source; compares without regard to case.
    pub object_type: String,
}

/// What a token endpoint answered.
pub struct TokenAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The body: a token, or an error.
    pub body: Bytes,
}

impl fmt::Debug for TokenAnswer {
    /// Without the body, which may be a token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenAnswer").field("status", &self.status).finish_non_exhaustive()
    }
}

/// Why an object could not be provisioned on demand.
#[derive(Debug, thiserror::Error)]
pub enum OnDemandError {
    /// The request does not fit the job.
    #[error("{0}")]
    BadRequest(String),
    /// The job's schema has problems.
    #[error("the job's schema cannot be used: {0}")]
    Schema(String),
    /// The source or the target cannot be used at all.
    #[error(transparent)]
    Connector(#[from] ConnectorError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Runs jobs. The API changes a job in the store first, then tells the runtime.
#[async_trait::async_trait]
pub trait Runtime: Send + Sync {
    /// Something about the job changed (started, paused, schema, secrets): look at it now.
    fn wake(&self, job: JobKey);

    /// Stops a cycle under way, puts down what is in flight, and returns when nothing runs; the job is not
    /// run again until [`Runtime::wake`].
    async fn stop(&self, job: JobKey);

    /// Stops the job, forgets what is to be forgotten, and lets it run again.
    async fn restart(&self, job: JobKey, reset: Reset) -> Result<(), StoreError>;

    /// How far the cycle under way has come; `None` when none is.
    fn progress(&self, job: JobKey) -> Option<Progress>;

    /// Tries credentials against the target of this kind of template.
    async fn validate(&self, secrets: Vec<Secret>) -> Result<(), ConnectorError>;

    /// Reads the object types of the target that these secrets lead to.
    async fn discover(&self, secrets: Vec<Secret>) -> Result<Vec<ObjectDefinition>, ConnectorError>;

    /// Posts a form to an OAuth 2.0 token endpoint and gives what it answers.
    async fn exchange(&self, endpoint: Uri, form: SecretString) -> Result<TokenAnswer, ClientError>;

    /// Provisions one object now and tells what was done.
    async fn provision(&self, job: JobKey, subject: Subject) -> Result<LogEntry, OnDemandError>;
}
