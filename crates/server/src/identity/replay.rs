//! Assertions that were seen: none of them works for long.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// For how long after its first use an assertion may come again. MSAL keeps one for a minute and sends it again for
/// another scope or after a lost answer, so refusing every second use would refuse honest clients.
pub const REUSE: SignedDuration = SignedDuration::from_mins(2);
/// How many are remembered. Only clients that proved themselves get here, so this is a bound and no limit.
const REMEMBERED: usize = 10_000;

/// The name of an assertion: a hash over the client and what makes it unique.
pub type Fingerprint = [u8; 32];

struct Seen {
    first: Timestamp,
    expires: Timestamp,
}

/// The assertions that were used and have not expired.
#[derive(Default)]
pub struct Replays(Mutex<HashMap<Fingerprint, Seen>>);

impl Replays {
    /// Whether an assertion may be used now; the first time it always may.
    pub fn admit(&self, fingerprint: Fingerprint, expires: Timestamp, now: Timestamp) -> bool {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = seen.get(&fingerprint) {
            return now.duration_since(entry.first) <= REUSE;
        }
        if seen.len() >= REMEMBERED {
            seen.retain(|_, entry| entry.expires > now);
        }
        if seen.len() >= REMEMBERED
            && let Some(soonest) = seen.iter().min_by_key(|(_, entry)| entry.expires).map(|(key, _)| *key)
        {
            seen.remove(&soonest);
        }
        seen.insert(fingerprint, Seen { first: now, expires });
        true
    }
}

impl std::fmt::Debug for Replays {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Replays")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_assertion_works_again_only_for_a_short_time() {
        let replays = Replays::default();
        let start: Timestamp = "2026-03-04T09:00:00Z".parse().unwrap();
        let expires = start + SignedDuration::from_hours(1);
        assert!(replays.admit([1; 32], expires, start));
        assert!(replays.admit([1; 32], expires, start + REUSE));
        assert!(!replays.admit([1; 32], expires, start + REUSE + SignedDuration::from_secs(1)));
        assert!(replays.admit([2; 32], expires, start));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let replays = Replays::default();
        let start: Timestamp = "2026-03-04T09:00:00Z".parse().unwrap();
        for index in 0..REMEMBERED + 10 {
            let mut fingerprint = [0; 32];
            fingerprint[..8].copy_from_slice(&index.to_be_bytes());
            let expires = start + SignedDuration::from_secs(i64::try_from(index).unwrap());
            assert!(replays.admit(fingerprint, expires, start));
        }
        assert_eq!(replays.0.lock().unwrap().len(), REMEMBERED);
    }
}
