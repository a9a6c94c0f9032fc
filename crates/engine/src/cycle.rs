//! A cycle: reads the source from where the last one ended, decides about each object, writes to the target,
//! and settles the results. The only place of the engine that acts.
//!
//! A cycle runs in steps, in this order: each object mapping of the schema (users before groups); after an
//! initial cycle the links it has not seen; failed objects that are due again; references. A step of object
//! mappings is a pipeline: pages are read ahead, objects are exported side by side (never two for one
//! anchor), results are settled in batches, and the position follows the oldest page that is not settled. A
//! stop or a crash at any point loses nothing: the next run goes on at the position that was settled last,
//! and what was in flight is matched again before it is created again.

mod busy;
mod claims;
mod entry;
mod export;
mod feed;
mod frontier;
mod inventory;
mod object;
mod objects;
mod outcome;
mod references;
mod requests;
mod run;

pub use object::{ObjectResult, provision_object};
pub use outcome::{CycleEnd, CycleError, Observer, Report};
pub use run::{Options, run};

use std::sync::Arc;

use crate::clock::Clock;
use crate::decide::Policy;
use crate::ids::Ids;
use crate::limiter::Limiter;
use crate::ports::{JobKey, LeaseToken, Source, Store, Target};
use crate::schema::Schema;

/// Everything that a run of a job works with.
#[derive(Clone)]
pub struct Environment {
    /// Where changes come from.
    pub source: Arc<dyn Source>,
    /// Where objects go.
    pub target: Arc<dyn Target>,
    /// What is remembered.
    pub store: Arc<dyn Store>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Ids and randomness.
    pub ids: Arc<dyn Ids>,
    /// How many requests the target gets at once.
    pub limiter: Arc<Limiter>,
    /// What is to be done.
    pub schema: Arc<Schema>,
    /// Settings of the job.
    pub policy: Policy,
    /// The job.
    pub job: JobKey,
    /// The right to write for it.
    pub lease: LeaseToken,
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Environment").field("job", &self.job).finish_non_exhaustive()
    }
}
