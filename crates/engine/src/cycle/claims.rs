//! Target objects that an object of this run took for its own and that are not settled yet: the store does
//! not know of them, and another object must not take them too.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::object::{Anchor, TargetId};

#[derive(Debug, Default)]
pub(super) struct Claims(Mutex<HashMap<TargetId, Anchor>>);

impl Claims {
    /// Claims a target object; gives the other one who has it.
    pub(super) fn claim(&self, target: &TargetId, by: &Anchor) -> Option<Anchor> {
        let mut claims = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match claims.get(target) {
            Some(holder) if holder != by => Some(holder.clone()),
            Some(_) => None,
            None => {
                claims.insert(target.clone(), by.clone());
                None
            }
        }
    }

    /// The store knows now.
    pub(super) fn release(&self, target: &TargetId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(target);
    }
}
