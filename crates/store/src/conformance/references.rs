//! References that wait, are due, and are written.

use std::collections::BTreeSet;

use jiff::Timestamp;
use provisor_engine::object::TargetId;
use provisor_engine::ports::{
    DueReference, JobKey, LinkChange, ReferenceIntent, ReferenceOutcome, ReferenceScope, Reset, Settled,
    Settlement,
};

use super::{anchor, at, batch, job, linked, set, settled};
use crate::ServerStore;

pub(super) fn intent(slot: usize, to: &str, present: bool) -> ReferenceIntent {
    ReferenceIntent { slot, to: anchor(to), present }
}

fn members(present: &[&str]) -> Vec<ReferenceIntent> {
    present.iter().map(|to| intent(0, to, true)).collect()
}

fn listed(from: &str, references: Vec<ReferenceIntent>) -> Settled {
    Settled { references, ..linked(from) }
}

fn complete(from: &str, references: Vec<ReferenceIntent>) -> Settled {
    Settled { reference_scope: ReferenceScope::Complete, ..listed(from, references) }
}

async fn due(store: &dyn ServerStore, job: JobKey, now: Timestamp) -> Vec<DueReference> {
    store.due_references(job, now, 0, 100).await.unwrap()
}

/// What is due, as (from, to, present).
async fn told(store: &dyn ServerStore, job: JobKey) -> BTreeSet<(String, String, bool)> {
    let due = due(store, job, at(1000)).await;
    set(due.iter().map(|reference| {
        (reference.from.as_str().to_owned(), reference.to.as_str().to_owned(), reference.present)
    }))
}

fn expected(all: &[(&str, &str, bool)]) -> BTreeSet<(String, String, bool)> {
    set(all.iter().map(|(from, to, present)| ((*from).to_owned(), (*to).to_owned(), *present)))
}

fn outcomes(due: &[DueReference], outcome: &ReferenceOutcome) -> Settlement {
    let references = due.iter().map(|reference| (reference.key, outcome.clone())).collect();
    Settlement { references, ..Settlement::default() }
}

/// Everything that is due is written.
async fn write_all(store: &dyn ServerStore, job: JobKey, lease: provisor_engine::ports::LeaseToken) {
    let due = due(store, job, at(1000)).await;
    store.settle(job, lease, outcomes(&due, &ReferenceOutcome::Written)).await.unwrap();
}

pub(crate) async fn become_due_when_both_ends_are_linked(store: &dyn ServerStore) {
    let (job, lease) = job(store).await;
    store.settle(job, lease, batch(vec![listed("g", members(&["b", "a", "c"])), linked("a")])).await.unwrap();
    assert_eq!(told(store, job).await, expected(&[("g", "a", true)]));
    let unlinked = Settled { references: members(&["a"]), ..settled("h", LinkChange::Keep) };
    store.settle(job, lease, batch(vec![linked("b"), unlinked])).await.unwrap();
    assert_eq!(told(store, job).await, expected(&[("g", "a", true), ("g", "b", true)]));
    store.settle(job, lease, batch(vec![linked("h")])).await.unwrap();
    let due = due(store, job, at(0)).await;
    let froms: Vec<&str> = due.iter().map(|reference| reference.from.as_str()).collect();
    assert_eq!(froms, ["g", "g", "h"], "ordered by the object that refers");
    assert_eq!(due[2].from_target, TargetId::new("target of h"));
    assert_eq!(due[2].to_target, Some(TargetId::new("target of a")));
    assert_eq!(store.due_references(job, at(0), 0, 2).await.unwrap(), due[..2]);
    assert_eq!(store.due_references(job, at(0), 1, 2).await.unwrap(), due[1..3.min(due.len())]);
}

pub(crate) async fn are_due_again_only_when_they_changed(store: &dyn ServerStore) {
    let (job, lease) = job(store).await;
    let settle = async |object: Settled| store.settle(job, lease, batch(vec![object])).await.unwrap();
    settle(linked("a")).await;
    settle(listed("g", members(&["a"]))).await;
    write_all(store, job, lease).await;
    settle(listed("g", members(&["a"]))).await;
    assert!(told(store, job).await.is_empty());
    settle(listed("g", vec![intent(0, "a", false)])).await;
    assert_eq!(told(store, job).await, expected(&[("g", "a", false)]));
    settle(listed("g", members(&["a"]))).await;
    assert_eq!(
        told(store, job).await,
        expected(&[("g", "a", true)]),
        "the removal may have been carried out"
    );
    write_all(store, job, lease).await;
    settle(listed("g", vec![intent(0, "a", false)])).await;
    write_all(store, job, lease).await;
    assert!(told(store, job).await.is_empty());
    settle(listed("g", members(&["a"]))).await;
    assert_eq!(told(store, job).await, expected(&[("g", "a", true)]));
    settle(listed("g", vec![intent(0, "a", false)])).await;
    assert!(told(store, job).await.is_empty(), "what was never written need not be taken away");
}

pub(crate) async fn complete_sets_take_away_what_is_not_listed(store: &dyn ServerStore) {
    let (job, lease) = job(store).await;
    let settle = async |object: Settled| store.settle(job, lease, batch(vec![object])).await.unwrap();
    for name in ["a", "b", "c"] {
        settle(linked(name)).await;
    }
    settle(complete("g", members(&["a", "b", "x"]))).await;
    settle(listed("g", vec![intent(1, "c", true)])).await;
    write_all(store, job, lease).await;
    settle(complete("g", members(&["b", "c"]))).await;
    let changes = [("g", "a", false), ("g", "c", false), ("g", "c", true)];
    assert_eq!(told(store, job).await, expected(&changes), "also in the same sweep, and in every slot");
    settle(linked("x")).await;
    assert_eq!(told(store, job).await, expected(&changes), "what waited is gone too");
    let contradiction = vec![intent(0, "b", false), intent(0, "b", true), intent(0, "c", true)];
    settle(complete("g", contradiction)).await;
    assert_eq!(told(store, job).await, expected(&changes), "the last word counts");
    settle(linked("g")).await;
    assert_eq!(told(store, job).await, expected(&changes), "listing nothing changes nothing");
    settle(complete("g", Vec::new())).await;
    let all_gone = [("g", "a", false), ("g", "b", false), ("g", "c", false)];
    assert_eq!(told(store, job).await, expected(&all_gone));
}

pub(crate) async fn parts_of_one_reading_count_together(store: &dyn ServerStore) {
    let (job, lease) = job(store).await;
    let settle = async |object: Settled| store.settle(job, lease, batch(vec![object])).await.unwrap();
    let part = |references| Settled { log: None, ..listed("g", references) };
    for name in ["a", "b", "c", "d"] {
        settle(linked(name)).await;
    }
    settle(part(members(&["a"]))).await;
    settle(part(members(&["b"]))).await;
    settle(complete("g", members(&["c"]))).await;
    let all = [("g", "a", true), ("g", "b", true), ("g", "c", true)];
    assert_eq!(told(store, job).await, expected(&all));
    write_all(store, job, lease).await;
    settle(part(members(&["a"]))).await;
    settle(complete("g", members(&["d"]))).await;
    let changes = [("g", "b", false), ("g", "c", false), ("g", "d", true)];
    assert_eq!(told(store, job).await, expected(&changes), "the earlier reading counts no more");
}

pub(crate) async fn wait_again_when_their_object_is_unlinked(store: &dyn ServerStore) {
    let (job, lease) = job(store).await;
    let settle = async |object: Settled| store.settle(job, lease, batch(vec![object])).await.unwrap();
    settle(linked("a")).await;
    settle(linked("b")).await;
    settle(listed("g", members(&["a", "b"]))).await;
    write_all(store, job, lease).await;
    settle(listed("g", vec![intent(0, "b", false)])).await;
    settle(settled("a", LinkChange::Remove)).await;
    settle(settled("b", LinkChange::Remove)).await;
    let left = due(store, job, at(0)).await;
    assert_eq!(left.len(), 1);
    assert_eq!((left[0].to.as_str(), left[0].present, &left[0].to_target), ("b", false, &None));
    write_all(store, job, lease).await;
    settle(linked("a")).await;
    assert_eq!(told(store, job).await, expected(&[("g", "a", true)]));
    settle(settled("g", LinkChange::Remove)).await;
    assert!(told(store, job).await.is_empty());
    settle(linked("g")).await;
    assert!(told(store, job).await.is_empty(), "the references of an unlinked object are forgotten");
}

pub(crate) async fn are_written_anew_to_another_target(store: &dyn ServerStore) {
    let (job, lease) = job(store).await;
    let settle = async |object: Settled| store.settle(job, lease, batch(vec![object])).await.unwrap();
    let moved = |name: &str| settled(name, LinkChange::Set(TargetId::new("another")));
    settle(linked("a")).await;
    settle(linked("b")).await;
    settle(listed("g", members(&["a", "b"]))).await;
    write_all(store, job, lease).await;
    settle(listed("g", vec![intent(0, "b", false)])).await;
    settle(moved("g")).await;
    assert_eq!(told(store, job).await, expected(&[("g", "a", true)]), "the new target never had b");
    assert_eq!(due(store, job, at(0)).await[0].from_target, TargetId::new("another"));
    write_all(store, job, lease).await;
    settle(moved("a")).await;
    let again = due(store, job, at(0)).await;
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].to_target, Some(TargetId::new("another")));
}

pub(crate) async fn put_off_references_come_later(store: &dyn ServerStore) {
    let (job, lease) = job(store).await;
    store.settle(job, lease, batch(vec![linked("a"), listed("g", members(&["a"]))])).await.unwrap();
    let first = due(store, job, at(0)).await;
    store.settle(job, lease, outcomes(&first, &ReferenceOutcome::Later(at(50)))).await.unwrap();
    assert!(due(store, job, at(49)).await.is_empty());
    assert_eq!(store.next_due(job).await.unwrap(), Some(at(50)));
    store.settle(job, lease, batch(vec![listed("g", members(&["a"]))])).await.unwrap();
    assert!(due(store, job, at(49)).await.is_empty(), "being told again does not hurry it");
    assert_eq!(due(store, job, at(50)).await, first);
    store.reset(job, Reset { escrows: true, ..Reset::default() }).await.unwrap();
    assert_eq!(due(store, job, at(0)).await, first, "a restart that forgets failures tries again now");
    write_all(store, job, lease).await;
    assert_eq!(store.next_due(job).await.unwrap(), None);
    store.settle(job, lease, outcomes(&first, &ReferenceOutcome::Later(at(60)))).await.unwrap();
    assert_eq!(store.next_due(job).await.unwrap(), None, "a late outcome changes nothing");
}

pub(crate) async fn late_outcomes_do_not_hit_what_is_wanted_now(store: &dyn ServerStore) {
    let (job, lease) = job(store).await;
    let settle = async |object: Settled| store.settle(job, lease, batch(vec![object])).await.unwrap();
    let late = async |due: &[DueReference]| {
        store.settle(job, lease, outcomes(due, &ReferenceOutcome::Written)).await.unwrap();
    };
    settle(linked("a")).await;
    settle(listed("g", members(&["a"]))).await;
    write_all(store, job, lease).await;
    settle(listed("g", vec![intent(0, "a", false)])).await;
    let removal = due(store, job, at(0)).await;
    settle(listed("g", members(&["a"]))).await;
    late(&removal).await;
    let addition = due(store, job, at(0)).await;
    assert_eq!(told(store, job).await, expected(&[("g", "a", true)]), "the removal took it away");
    settle(listed("g", vec![intent(0, "a", false)])).await;
    late(&addition).await;
    assert_eq!(told(store, job).await, expected(&[("g", "a", false)]), "the addition brought it back");
    settle(settled("a", LinkChange::Remove)).await;
    settle(listed("g", members(&["a"]))).await;
    assert!(told(store, job).await.is_empty());
    settle(linked("a")).await;
    assert_eq!(told(store, job).await, expected(&[("g", "a", true)]), "it waited for the new link");
}

pub(crate) async fn due_references_are_due_now(store: &dyn ServerStore) {
    let (job, lease) = job(store).await;
    let (other, _) = super::job(store).await;
    store.settle(job, lease, batch(vec![listed("g", members(&["a"]))])).await.unwrap();
    assert_eq!(store.next_due(job).await.unwrap(), None, "it waits for its other end");
    store.settle(job, lease, batch(vec![linked("a")])).await.unwrap();
    assert_eq!(store.next_due(job).await.unwrap(), Some(Timestamp::UNIX_EPOCH));
    assert_eq!(store.next_due(other).await.unwrap(), None);
    write_all(store, job, lease).await;
    assert_eq!(store.next_due(job).await.unwrap(), None);
}

pub(crate) async fn failed_writes_may_have_been_carried_out(store: &dyn ServerStore) {
    let (job, lease) = job(store).await;
    store.settle(job, lease, batch(vec![linked("a"), listed("g", members(&["a"]))])).await.unwrap();
    let first = due(store, job, at(0)).await;
    store.settle(job, lease, outcomes(&first, &ReferenceOutcome::Later(at(50)))).await.unwrap();
    store.settle(job, lease, batch(vec![listed("g", vec![intent(0, "a", false)])])).await.unwrap();
    let removal = due(store, job, at(0)).await;
    assert_eq!(removal.len(), 1, "the target may have it");
    assert!(!removal[0].present);
    write_all(store, job, lease).await;
    assert!(told(store, job).await.is_empty());
}
