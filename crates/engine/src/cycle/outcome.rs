//! How a cycle ends, and who watches it.

use crate::job::Execution;
use crate::ports::{ConnectorError, StoreError};

/// Watches a cycle.
pub trait Observer: Send + Sync {
    /// So many objects are expected in this cycle, as far as is known now.
    fn expected(&self, total: u64);
    /// So many more are settled.
    fn settled(&self, count: u64);
}

/// How a cycle ended that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CycleEnd {
    /// Everything up to the source's head is settled.
    Completed,
    /// It was asked to stop; the next run goes on from here.
    Stopped,
}

/// What a cycle did.
#[derive(Clone, Debug)]
pub struct Report {
    /// How it ended.
    pub end: CycleEnd,
    /// What it counted.
    pub execution: Execution,
    /// Whether it read everything.
    pub initial: bool,
}

/// Why a cycle broke off. What was settled stays settled.
#[derive(Debug, thiserror::Error)]
pub enum CycleError {
    /// The source or the target cannot be used.
    #[error(transparent)]
    Connector(#[from] ConnectorError),
    /// Nothing can be remembered.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It was asked to stop before this was done. A cycle ends with [`CycleEnd::Stopped`] then.
    #[error("stopped before it was done")]
    Stopped,
}
