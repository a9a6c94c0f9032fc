//! When a job runs.

use std::time::Duration;

use jiff::Timestamp;
use provisor_engine::job::JobState;
use provisor_engine::ports::StoreError;
use provisor_store::jobs::JobRecord;

use super::setup::Setup;
use crate::scheduler::Shared;

/// Waits after failures that pass by themselves: an outage of the target.
const FIRST: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// The wait after an outage; doubles while it lasts.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    failures: u32,
    waiting: bool,
}

impl Backoff {
    /// Another try failed.
    pub(super) fn failed(&mut self) {
        self.failures = self.failures.saturating_add(1);
        self.waiting = true;
    }

    /// The wait is over.
    pub(super) fn waited(&mut self) {
        self.waiting = false;
    }

    /// Whether a wait is to be kept, whatever changes meanwhile.
    pub(super) fn is_waiting(&self) -> bool {
        self.waiting
    }

    /// How long to wait.
    pub(super) fn next(&self) -> Duration {
        let doubled = FIRST.saturating_mul(2_u32.saturating_pow(self.failures.saturating_sub(1).min(20)));
        doubled.min(LONGEST)
    }
}

/// When the next cycle is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Now,
    In(Duration),
}

/// When the next cycle of an active job is due: at once when one was interrupted, when the source has
/// changes, or when something failed is to be tried again; at the interval otherwise.
pub(super) async fn due(
    shared: &Shared,
    job: &JobRecord,
    setup: &mut Setup,
    backoff: &Backoff,
) -> Result<Due, StoreError> {
    let now = shared.clock.now();
    if let Some(quarantine) = &job.state.history.quarantine
        && quarantine.next_attempt > now
    {
        return Ok(Due::In(until(now, quarantine.next_attempt)));
    }
    if backoff.is_waiting() {
        return Ok(Due::In(backoff.next()));
    }
    if setup.has_work(shared, job).await? {
        return Ok(Due::Now);
    }
    let scheduled = next_scheduled(&job.state, now);
    let retry = shared.store.next_due(job.key).await?;
    let next = retry.map_or(scheduled, |retry| retry.min(scheduled));
    Ok(if next <= now { Due::Now } else { Due::In(until(now, next)) })
}

fn next_scheduled(state: &JobState, now: Timestamp) -> Timestamp {
    let last = state.history.last.as_ref().and_then(|execution| execution.ended);
    last.and_then(|ended| ended.checked_add(state.interval).ok()).unwrap_or(now)
}

fn until(now: Timestamp, then: Timestamp) -> Duration {
    Duration::try_from(then.duration_since(now)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_is_asked_about_less_and_less_often() {
        let mut backoff = Backoff::default();
        let mut waits = Vec::new();
        for _ in 0..10 {
            backoff.failed();
            waits.push(backoff.next().as_secs());
        }
        assert_eq!(waits, [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    }
}
