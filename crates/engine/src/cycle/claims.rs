//! What the objects of a run took for their own and the store does not know of yet: target objects, and values
//! that they are matched by. Two source objects with the same matching value are worked on one after the
//! other, so that the second finds what the first created.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::object::{Anchor, TargetId};

/// What can be claimed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Claim {
    /// A target object.
    Target(TargetId),
    /// A value of a matching attribute: mapping, slot, and the value folded as the target compares it.
    Value(usize, usize, String),
}

#[derive(Debug, Default)]
struct Held {
    holders: HashMap<Claim, Anchor>,
    by_holder: HashMap<Anchor, Vec<Claim>>,
    closed: bool,
}

/// The claims of a run. A holder keeps its claims until its result is settled.
#[derive(Debug, Default)]
pub(super) struct Claims {
    held: Mutex<Held>,
    released: Notify,
}

/// Nothing can be claimed any more: the run is broken.
#[derive(Debug)]
pub(super) struct Closed;

impl Claims {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Claims something; gives the other one who has it.
    pub(super) fn claim(&self, claim: Claim, by: &Anchor) -> Option<Anchor> {
        let mut held = self.held();
        match held.holders.get(&claim) {
            Some(holder) if holder != by => Some(holder.clone()),
            Some(_) => None,
            None => {
                held.by_holder.entry(by.clone()).or_default().push(claim.clone());
                held.holders.insert(claim, by.clone());
                None
            }
        }
    }

    /// Claims something as soon as nobody else has it. Objects wait for each other in one order only: every one
    /// claims values in the order of the matching attributes.
    pub(super) async fn wait_for(&self, claim: Claim, by: &Anchor) -> Result<(), Closed> {
        loop {
            let released = self.released.notified();
            tokio::pin!(released);
            released.as_mut().enable();
            if self.held().closed {
                return Err(Closed);
            }
            if self.claim(claim.clone(), by).is_none() {
                return Ok(());
            }
            released.await;
        }
    }

    /// The result of this object is settled, or there will be none.
    pub(super) fn release(&self, holder: &Anchor) {
        let released = {
            let mut held = self.held();
            let claims = held.by_holder.remove(holder).unwrap_or_default();
            for claim in &claims {
                held.holders.remove(claim);
            }
            !claims.is_empty()
        };
        if released {
            self.released.notify_waiters();
        }
    }

    /// Nothing will be settled any more: whoever waits gives up.
    pub(super) fn close(&self) {
        self.held().closed = true;
        self.released.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    fn value() -> Claim {
        Claim::Value(0, 1, "ida".into())
    }

    #[test]
    fn a_value_is_handed_on_when_its_holder_is_settled() {
        let claims = Claims::default();
        let (first, second) = (Anchor::new("first"), Anchor::new("second"));
        assert!(claims.wait_for(value(), &first).now_or_never().unwrap().is_ok());
        assert!(claims.wait_for(value(), &first).now_or_never().unwrap().is_ok(), "it is its own already");
        let mut waiting = Box::pin(claims.wait_for(value(), &second));
        assert!(waiting.as_mut().now_or_never().is_none());
        claims.release(&first);
        assert!(waiting.now_or_never().unwrap().is_ok());
        assert_eq!(claims.claim(value(), &first), Some(second));
    }

    #[test]
    fn a_broken_run_leaves_nobody_waiting() {
        let claims = Claims::default();
        let (first, second) = (Anchor::new("first"), Anchor::new("second"));
        assert!(claims.claim(value(), &first).is_none());
        let mut waiting = Box::pin(claims.wait_for(value(), &second));
        assert!(waiting.as_mut().now_or_never().is_none());
        claims.close();
        assert!(waiting.now_or_never().unwrap().is_err());
    }
}
