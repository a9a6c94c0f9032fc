//! Errors of the ports. A connector sets the class where it reads the answer of its system; nobody else
//! reclassifies.

use std::time::Duration;

/// What a caller can do about a failed request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum ErrorClass {
    /// The system asks for fewer requests (429, or 503 with `Retry-After`): slow the whole job down.
    Throttled,
    /// May work when tried again: no connection, a time-out, a 5xx.
    Transient,
    /// Another object has a value that must be unique.
    Conflict,
    /// The object addressed is not there.
    NotFound,
    /// The system refuses the request as it is; trying again without a change is of no use.
    Invalid,
    /// The credentials are refused.
    Unauthorized,
    /// The system answers what it must not answer; the run cannot go on.
    Fatal,
}

/// A failed request of a source or a target.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{operation}: {message}")]
pub struct ConnectorError {
    /// What a caller can do about it.
    pub class: ErrorClass,
    /// What was tried, on which object: `create User 'ida@contoso.example'`.
    pub operation: String,
    /// What went wrong, in a sentence that a person can act on.
    pub message: String,
    /// The status of the answer (HTTP), where there was one.
    pub status: Option<u16>,
    /// How long the system asks to wait.
    pub retry_after: Option<Duration>,
    /// Whether the request may have been carried out although it failed (a lost answer). Such a create is
    /// never repeated without matching again (DESIGN, invariant 3).
    pub maybe_applied: bool,
}

impl ConnectorError {
    /// An error of `class` in `operation`, with nothing known beyond the message.
    pub fn new(class: ErrorClass, operation: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            class,
            operation: operation.into(),
            message: message.into(),
            status: None,
            retry_after: None,
            maybe_applied: false,
        }
    }
}

/// A failure of the durable store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has taken the job over: this one must stop writing for it.
    #[error("the lease on this job was lost to another owner; its work is continued there")]
    LeaseLost,
    /// What was addressed is not there.
    #[error("{what} was not found")]
    NotFound {
        /// Kind and id of what was addressed.
        what: String,
    },
    /// A value that must be unique is taken.
    #[error("another object with the same value for property {property} already exists")]
    Conflict {
        /// The property whose value clashes, as Graph spells it.
        property: String,
    },
    /// A stored row does not read back as what was written.
    #[error("the stored {what} cannot be read: {reason}")]
    Corrupt {
        /// Table and row.
        what: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The database failed.
    #[error("the store failed to {operation}: {reason}")]
    Backend {
        /// What was tried.
        operation: String,
        /// What the database said.
        reason: String,
    },
    /// The store is shutting down.
    #[error("the store is closed")]
    Closed,
}
