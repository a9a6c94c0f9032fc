//! When a job as a whole is tried again after it failed.

use std::time::Duration;

use jiff::Timestamp;

use crate::job::{Quarantine, QuarantineReason, RunError};

/// Waits after the first, second, … failed attempt of a series; then daily.
const WAITS: [Duration; 4] = [
    Duration::from_secs(5 * 60),
    Duration::from_secs(60 * 60),
    Duration::from_secs(6 * 3600),
    Duration::from_secs(12 * 3600),
];
const DAILY: Duration = Duration::from_secs(24 * 3600);

/// The quarantine after a run that failed at `now`, given the one the job was in.
#[must_use]
pub fn quarantine_after(
    previous: Option<&Quarantine>,
    reason: QuarantineReason,
    error: RunError,
    now: Timestamp,
) -> Quarantine {
    let count = previous.map_or(0, |quarantine| quarantine.series_count).saturating_add(1);
    let place = usize::try_from(count - 1).unwrap_or(usize::MAX);
    let wait = WAITS.get(place).copied().unwrap_or(DAILY);
    Quarantine {
        reason,
        error,
        series_began: previous.map_or(now, |quarantine| quarantine.series_began),
        current_began: now,
        series_count: count,
        next_attempt: now.checked_add(wait).unwrap_or(now),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_keeps_its_beginning_and_waits_longer() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        let error = RunError { code: "x".into(), message: "y".into(), actionable: true };
        let reason = QuarantineReason::EncounteredQuarantineException;
        let first = quarantine_after(None, reason, error.clone(), now);
        assert_eq!(first.next_attempt.as_second() - now.as_second(), 300);
        let later = now.checked_add(Duration::from_secs(300)).unwrap();
        let second = quarantine_after(Some(&first), reason, error, later);
        assert_eq!((second.series_count, second.series_began), (2, now));
        assert_eq!(second.next_attempt.as_second() - later.as_second(), 3600);
    }
}
