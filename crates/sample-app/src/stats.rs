//! Counters of what was asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How often what was asked since the start. Refused requests count too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stats {
    /// All requests.
    pub requests: u64,
    /// POST on a collection.
    pub creates: u64,
    /// PATCH of a resource.
    pub patches: u64,
    /// PUT of a resource.
    pub puts: u64,
    /// DELETE of a resource.
    pub deletes: u64,
    /// GET on a collection, and `.search`.
    pub queries: u64,
    /// GET of a resource.
    pub gets: u64,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) requests: AtomicU64,
    pub(crate) creates: AtomicU64,
    pub(crate) patches: AtomicU64,
    pub(crate) puts: AtomicU64,
    pub(crate) deletes: AtomicU64,
    pub(crate) queries: AtomicU64,
    pub(crate) gets: AtomicU64,
}

/// Reads the counters of a running application.
#[derive(Debug, Clone)]
pub struct StatsHandle(pub(crate) Arc<Counters>);

impl StatsHandle {
    /// The counters now. They are read one after another, while requests go on.
    #[must_use]
    pub fn read(&self) -> Stats {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let Counters { requests, creates, patches, puts, deletes, queries, gets } = &*self.0;
        Stats {
            requests: read(requests),
            creates: read(creates),
            patches: read(patches),
            puts: read(puts),
            deletes: read(deletes),
            queries: read(queries),
            gets: read(gets),
        }
    }
}

pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
