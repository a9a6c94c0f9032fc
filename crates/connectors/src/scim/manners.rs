//! What was learnt about a target's manners, remembered as long as the target lives.

use std::collections::{BTreeSet, HashSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// The forms in which a single-valued reference (the manager) can be written. Entra's comes first; what
/// follows are the forms that other servers take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ReferenceForm {
    /// `"path": "urn:…:manager", "value": "26118915-…"`.
    BareId,
    /// `"path": "urn:…:manager", "value": {"value": "26118915-…"}`.
    Complex,
    /// `"path": "urn:…:manager.value", "value": "26118915-…"`.
    SubAttribute,
}

pub(super) const REFERENCE_FORMS: [ReferenceForm; 3] =
    [ReferenceForm::BareId, ReferenceForm::Complex, ReferenceForm::SubAttribute];

/// The memory.
#[derive(Debug, Default)]
pub(super) struct Manners {
    /// Which of [`REFERENCE_FORMS`] the target takes.
    reference_form: AtomicUsize,
    /// Whether a written reference was read back once and found there, or no form of it can be read back.
    reference_form_proven: AtomicBool,
    /// Whether members are removed by a list of values instead of one path each.
    removes_members_by_value: AtomicBool,
    /// Whether the target answered a lookup of what cannot exist with something.
    ignores_filters: AtomicBool,
    /// Elements (`addresses[type eq "work"]`) that must be added whole.
    whole_elements: Mutex<BTreeSet<String>>,
    /// Elements of which a value that was added by a selecting path was found there afterwards.
    proven_elements: Mutex<BTreeSet<String>>,
    /// Groups whose members are those that were written, as far as is known: made by us, or read before.
    known_members: Mutex<HashSet<String>>,
    /// Whether a list of members to be removed was taken for all members.
    list_removes_all: AtomicBool,
}

/// How many groups are kept in mind; one that is forgotten costs another reading.
const KNOWN: usize = 65_536;

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Manners {
    pub(super) fn reference_form(&self) -> (usize, ReferenceForm) {
        let place = self.reference_form.load(Ordering::Relaxed).min(REFERENCE_FORMS.len() - 1);
        (place, REFERENCE_FORMS[place])
    }

    pub(super) fn take_reference_form(&self, place: usize) {
        self.reference_form.store(place, Ordering::Relaxed);
    }

    pub(super) fn reference_form_is_proven(&self) -> bool {
        self.reference_form_proven.load(Ordering::Relaxed)
    }

    pub(super) fn prove_reference_form(&self) {
        self.reference_form_proven.store(true, Ordering::Relaxed);
    }

    pub(super) fn ignores_filters(&self) -> bool {
        self.ignores_filters.load(Ordering::Relaxed)
    }

    pub(super) fn note_filters(&self, ignored: bool) {
        self.ignores_filters.store(ignored, Ordering::Relaxed);
    }

    pub(super) fn removes_members_by_value(&self) -> bool {
        self.removes_members_by_value.load(Ordering::Relaxed)
    }

    pub(super) fn remove_members_by_value(&self) {
        self.removes_members_by_value.store(true, Ordering::Relaxed);
    }

    pub(super) fn list_removes_all(&self) -> bool {
        self.list_removes_all.load(Ordering::Relaxed)
    }

    pub(super) fn note_that_list_removes_all(&self) {
        self.list_removes_all.store(true, Ordering::Relaxed);
    }

    pub(super) fn are_proven(&self, elements: &[String]) -> bool {
        let proven = locked(&self.proven_elements);
        elements.iter().all(|element| proven.contains(element))
    }

    pub(super) fn prove(&self, elements: impl IntoIterator<Item = String>) {
        locked(&self.proven_elements).extend(elements);
    }

    pub(super) fn knows_members(&self, group: &str) -> bool {
        locked(&self.known_members).contains(group)
    }

    pub(super) fn know_members(&self, group: &str) {
        let mut known = locked(&self.known_members);
        if known.len() >= KNOWN {
            known.clear();
        }
        known.insert(group.to_owned());
    }

    pub(super) fn forget_members(&self, group: &str) {
        locked(&self.known_members).remove(group);
    }

    pub(super) fn is_whole(&self, element: &str) -> bool {
        locked(&self.whole_elements).contains(element)
    }

    /// A copy in which these elements are added whole too, to be tried out.
    pub(super) fn trial(&self, elements: &[String]) -> Self {
        let whole = locked(&self.whole_elements).clone();
        let trial = Self { whole_elements: Mutex::new(whole), ..Self::default() };
        trial.add_whole(elements.iter().cloned());
        trial
    }

    pub(super) fn add_whole(&self, elements: impl IntoIterator<Item = String>) {
        locked(&self.whole_elements).extend(elements);
    }
}
