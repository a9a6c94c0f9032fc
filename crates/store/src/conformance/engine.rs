//! The engine's port, but for references.

use provisor_engine::object::TargetId;
use provisor_engine::ports::{
    Checkpoint, ErrorClass, Escrow, EscrowChange, InventoryEntry, JobKey, LinkChange, Position, Reset,
    Settled, Settlement,
};

use super::{anchor, at, batch, job, linked, settled, user_type};
use crate::{ServerStore, StoreError};

fn target(name: &str) -> TargetId {
    TargetId::new(name)
}

fn escrow(name: &str, due: i64) -> Escrow {
    Escrow {
        anchor: anchor(name),
        object_type: user_type(),
        attempts: 2,
        since: at(0),
        due: at(due),
        class: ErrorClass::Conflict,
        message: "userName is taken".into(),
    }
}

fn failed(name: &str, due: i64) -> Settled {
    Settled { escrow: EscrowChange::Set(escrow(name, due)), ..settled(name, LinkChange::Keep) }
}

fn checkpoint(sweep: i64) -> Checkpoint {
    let positions = [("User to User".to_owned(), Position("7".into()))].into();
    Checkpoint { positions, sweep, ..Checkpoint::default() }
}

pub(crate) async fn a_new_lease_ends_the_old_one(store: &dyn ServerStore) {
    let (job, old) = job(store).await;
    store.settle(job, old, batch(vec![linked("a")])).await.unwrap();
    let new = store.acquire(job).await.unwrap();
    let lost = store.settle(job, old, batch(vec![linked("b")])).await;
    assert!(matches!(lost, Err(StoreError::LeaseLost)));
    assert!(matches!(store.clear_inventory(job, old).await, Err(StoreError::LeaseLost)));
    assert_eq!(store.links(job, &user_type(), &[anchor("b")]).await.unwrap(), [None]);
    store.settle(job, new, batch(vec![linked("b")])).await.unwrap();
    assert!(matches!(store.acquire(JobKey(99)).await, Err(StoreError::NotFound { .. })));
}

pub(crate) async fn links_follow_their_settlements(store: &dyn ServerStore) {
    let (job, lease) = job(store).await;
    let guid = "0f8fad5b-d9cb-469f-a165-70867728950e";
    store.settle(job, lease, batch(vec![linked("a"), linked(guid), linked("c")])).await.unwrap();
    let links = store.links(job, &user_type(), &[anchor(guid), anchor("x"), anchor("a")]).await.unwrap();
    assert_eq!(links, [Some(target(&format!("target of {guid}"))), None, Some(target("target of a"))]);
    let found = store.linked_anchor(job, &user_type(), &target(&format!("target of {guid}"))).await.unwrap();
    assert_eq!(found, Some(anchor(guid)));
    let other = provisor_engine::object::ObjectType::new("Group");
    assert_eq!(store.links(job, &other, &[anchor("a")]).await.unwrap(), [None]);
    let changes =
        vec![settled("a", LinkChange::Remove), settled("c", LinkChange::Set(target(guid))), linked("d")];
    store.settle(job, lease, batch(changes)).await.unwrap();
    let links = store.links(job, &user_type(), &[anchor("a"), anchor("c")]).await.unwrap();
    assert_eq!(links, [None, Some(target(guid))]);
    assert_eq!(store.linked_anchor(job, &user_type(), &target(guid)).await.unwrap(), Some(anchor("c")));
    assert_eq!(store.linked_anchor(job, &user_type(), &target("target of a")).await.unwrap(), None);
    let counts = store.job_by_key(job).await.unwrap().unwrap().counts;
    assert_eq!(counts, [("User".to_owned(), 4)].into(), "counts grow and do not shrink");
}

pub(crate) async fn sweeps_find_what_they_have_not_seen(store: &dyn ServerStore) {
    let (job, lease) = job(store).await;
    store.settle(job, lease, batch(vec![linked("a"), linked("b"), linked("c")])).await.unwrap();
    assert!(store.unseen_links(job, 1, 0, 9).await.unwrap().is_empty());
    let seen = Settlement { sweep: 2, ..batch(vec![settled("b", LinkChange::Keep)]) };
    store.settle(job, lease, seen).await.unwrap();
    let first = store.unseen_links(job, 2, 0, 1).await.unwrap();
    assert_eq!((&first[0].link.anchor, &first[0].object_type), (&anchor("a"), &user_type()));
    let second = store.unseen_links(job, 2, first[0].key, 9).await.unwrap();
    assert_eq!(second.iter().map(|row| &row.link.anchor).collect::<Vec<_>>(), [&anchor("c")]);
    let (other, _) = super::job(store).await;
    assert!(store.unseen_links(other, 2, 0, 9).await.unwrap().is_empty());
}

pub(crate) async fn escrows_wait_until_they_are_due(store: &dyn ServerStore) {
    let (job, lease) = job(store).await;
    assert_eq!(store.next_due(job).await.unwrap(), None);
    store.settle(job, lease, batch(vec![failed("a", 30), failed("b", 20), failed("c", 90)])).await.unwrap();
    assert_eq!(store.escrow(job, &user_type(), &anchor("a")).await.unwrap(), Some(escrow("a", 30)));
    assert_eq!(store.next_due(job).await.unwrap(), Some(at(20)));
    assert!(store.due_escrows(job, at(19), 9).await.unwrap().is_empty());
    assert_eq!(store.due_escrows(job, at(30), 9).await.unwrap(), [escrow("b", 20), escrow("a", 30)]);
    assert_eq!(store.due_escrows(job, at(30), 1).await.unwrap().len(), 1);
    store.settle(job, lease, batch(vec![linked("b"), failed("a", 60)])).await.unwrap();
    assert_eq!(store.escrow(job, &user_type(), &anchor("b")).await.unwrap(), None);
    assert_eq!(store.next_due(job).await.unwrap(), Some(at(60)));
}

pub(crate) async fn inventories_answer_by_value(store: &dyn ServerStore) {
    let (job, lease) = job(store).await;
    let entry = |value: &str, id: &str| InventoryEntry {
        object_type: user_type(),
        slot: usize::MAX,
        value: value.into(),
        target: target(id),
    };
    let inventory = vec![entry("ida", "1"), entry("ida", "2"), entry("nils", "3"), entry("ida", "1")];
    store.settle(job, lease, Settlement { inventory, ..Settlement::default() }).await.unwrap();
    let found = async |slot, value| store.inventory(job, &user_type(), slot, value).await.unwrap();
    assert_eq!(found(usize::MAX, "ida").await, [target("1"), target("2")]);
    assert!(found(0, "ida").await.is_empty());
    assert!(found(usize::MAX, "Ida").await.is_empty());
    store.clear_inventory(job, lease).await.unwrap();
    assert!(found(usize::MAX, "ida").await.is_empty());
}

pub(crate) async fn resets_forget_what_they_are_asked_to(store: &dyn ServerStore) {
    let (job, lease) = job(store).await;
    assert_eq!(store.checkpoint(job).await.unwrap(), None);
    let first = Settlement { checkpoint: Some(checkpoint(3)), ..batch(vec![linked("a"), failed("b", 5)]) };
    store.settle(job, lease, first).await.unwrap();
    assert_eq!(store.checkpoint(job).await.unwrap(), Some(checkpoint(3)));
    store.reset(job, Reset::default()).await.unwrap();
    assert_eq!(store.checkpoint(job).await.unwrap(), Some(checkpoint(3)));
    store.reset(job, Reset { watermark: true, ..Reset::default() }).await.unwrap();
    let kept = store.checkpoint(job).await.unwrap().unwrap();
    assert!(kept.positions.is_empty(), "the next cycle is an initial one");
    assert_eq!(kept.sweep, 3, "sweeps never go back");
    assert!(store.links(job, &user_type(), &[anchor("a")]).await.unwrap()[0].is_some());
    store.reset(job, Reset { escrows: true, ..Reset::default() }).await.unwrap();
    assert_eq!(store.escrow(job, &user_type(), &anchor("b")).await.unwrap(), None);
    let inventory =
        vec![InventoryEntry { object_type: user_type(), slot: 0, value: "ida".into(), target: target("1") }];
    let again = Settlement { checkpoint: Some(checkpoint(4)), inventory, ..Settlement::default() };
    store.settle(job, lease, again).await.unwrap();
    store.reset(job, Reset { links: true, ..Reset::default() }).await.unwrap();
    let kept = store.checkpoint(job).await.unwrap().unwrap();
    assert!(kept.positions.is_empty(), "everything is matched anew");
    assert_eq!(kept.sweep, 4);
    assert!(store.inventory(job, &user_type(), 0, "ida").await.unwrap().is_empty());
    assert_eq!(store.links(job, &user_type(), &[anchor("a")]).await.unwrap(), [None]);
    assert!(store.job_by_key(job).await.unwrap().unwrap().counts.is_empty());
    store.settle(job, lease, batch(Vec::new())).await.expect("a reset does not end the lease");
}

pub(crate) async fn a_settlement_is_all_or_nothing(store: &dyn ServerStore) {
    let (job, lease) = job(store).await;
    let log = || vec![super::log::entry(1, 1, 1)];
    let written = Settlement { log: log(), checkpoint: Some(checkpoint(1)), ..batch(vec![linked("a")]) };
    store.settle(job, lease, written).await.unwrap();
    let lost = Settlement { log: log(), checkpoint: Some(checkpoint(2)), ..batch(vec![linked("b")]) };
    store.acquire(job).await.unwrap();
    store.settle(job, lease, lost).await.unwrap_err();
    assert_eq!(store.checkpoint(job).await.unwrap(), Some(checkpoint(1)));
    let query = crate::log::LogQuery { limit: 9, ..crate::log::LogQuery::default() };
    assert_eq!(store.log(query).await.unwrap().len(), 2);
}
