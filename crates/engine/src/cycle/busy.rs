//! Which objects are on their way, so that there are never two exports for one anchor.

use std::collections::HashSet;

use crate::object::Anchor;

/// Anchors between their dispatch and the settling of their result. Only asked, never iterated.
#[derive(Debug, Default)]
pub(super) struct Busy(HashSet<Anchor>);

impl Busy {
    pub(super) fn contains(&self, anchor: &Anchor) -> bool {
        self.0.contains(anchor)
    }

    pub(super) fn insert(&mut self, anchor: Anchor) {
        self.0.insert(anchor);
    }

    pub(super) fn remove(&mut self, anchor: &Anchor) {
        self.0.remove(anchor);
    }
}
