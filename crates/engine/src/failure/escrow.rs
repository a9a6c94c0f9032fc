//! When a failed object is tried again.

use std::time::Duration;

use jiff::Timestamp;

use crate::object::{Anchor, ObjectType};
use crate::ports::{ErrorClass, Escrow};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

/// Waits after the first, second, … failure that may pass by itself.
const TRANSIENT: [Duration; 5] = [
    SECOND.saturating_mul(30),
    SECOND.saturating_mul(120),
    SECOND.saturating_mul(600),
    HOUR,
    HOUR.saturating_mul(6),
];
/// Waits after the first, second, … failure that needs a person: a change of the object or of the schema
/// evaluates it at once anyway.
const PERMANENT: [Duration; 3] = [HOUR, HOUR.saturating_mul(6), HOUR.saturating_mul(12)];
/// The wait once the series is used up.
const DAILY: Duration = HOUR.saturating_mul(24);

/// The escrow of an object that failed at `now`, given the escrow it was in. `jitter` is a random number: it
/// spreads retries by ±10 %.
#[must_use]
pub fn escrow_after(
    anchor: &Anchor,
    object_type: &ObjectType,
    previous: Option<&Escrow>,
    now: Timestamp,
    class: ErrorClass,
    message: &str,
    jitter: u64,
) -> Escrow {
    let attempts = previous.map_or(0, |escrow| escrow.attempts).saturating_add(1);
    let place = usize::try_from(attempts - 1).unwrap_or(usize::MAX);
    let transient = matches!(class, ErrorClass::Transient | ErrorClass::Throttled);
    let wait = if transient { TRANSIENT.get(place) } else { PERMANENT.get(place) }.copied().unwrap_or(DAILY);
    let spread = u32::try_from(jitter % 201).unwrap_or(100);
    let wait = wait / 1000 * (900 + spread);
    Escrow {
        anchor: anchor.clone(),
        object_type: object_type.clone(),
        attempts,
        since: previous.map_or(now, |escrow| escrow.since),
        due: now.checked_add(wait).unwrap_or(now),
        class,
        message: message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fail(previous: Option<&Escrow>, class: ErrorClass, jitter: u64) -> Escrow {
        let now = Timestamp::from_second(1_000_000).unwrap();
        escrow_after(&Anchor::new("a"), &ObjectType::new("User"), previous, now, class, "why", jitter)
    }

    #[test]
    fn waits_grow_and_end_daily() {
        let mut escrow = fail(None, ErrorClass::Invalid, 100);
        let mut waits = vec![escrow.due.as_second() - 1_000_000];
        for _ in 0..4 {
            escrow = fail(Some(&escrow), ErrorClass::Invalid, 100);
            waits.push(escrow.due.as_second() - 1_000_000);
        }
        assert_eq!(waits, [3600, 6 * 3600, 12 * 3600, 24 * 3600, 24 * 3600]);
        assert_eq!(escrow.attempts, 5);
        assert_eq!(escrow.since.as_second(), 1_000_000);
    }

    #[test]
    fn what_may_pass_by_itself_is_tried_soon() {
        assert_eq!(fail(None, ErrorClass::Transient, 100).due.as_second() - 1_000_000, 30);
    }

    #[test]
    fn jitter_spreads_by_a_tenth() {
        assert_eq!(fail(None, ErrorClass::Invalid, 0).due.as_second() - 1_000_000, 3240);
        assert_eq!(fail(None, ErrorClass::Invalid, 200).due.as_second() - 1_000_000, 3960);
    }
}
