//! Relationships between objects.

use super::{at, create, id, ids, member, new_object, set};
use crate::directory::{ChangeNumber, EdgeKind, NewEdge, ObjectKind};
use crate::{ServerStore, StoreError};

const ALL: ChangeNumber = ChangeNumber(i64::MAX);

fn manager(number: u128) -> NewEdge {
    NewEdge { kind: EdgeKind::Manager, to: id(number) }
}

/// Users 1 to 4 and the group 10.
async fn people(store: &dyn ServerStore) {
    for number in 1..=4 {
        create(store, ObjectKind::User, number).await;
    }
    create(store, ObjectKind::Group, 10).await;
}

pub(crate) async fn are_listed_from_both_sides(store: &dyn ServerStore) {
    people(store).await;
    for number in [3, 1, 2] {
        assert!(store.add_edge(id(10), member(number)).await.unwrap());
    }
    assert!(!store.add_edge(id(10), member(1)).await.unwrap(), "it is there already");
    let first = store.related(id(10), EdgeKind::Member, None, 2).await.unwrap();
    assert_eq!(ids(&first.objects), [id(3), id(1)]);
    let second = store.related(id(10), EdgeKind::Member, first.next, 2).await.unwrap();
    assert_eq!((ids(&second.objects), second.next), (vec![id(2)], None));
    let groups = store.relating(id(1), EdgeKind::Member, None, 10).await.unwrap();
    assert_eq!(ids(&groups.objects), [id(10)]);
    assert!(store.remove_edge(id(10), member(3)).await.unwrap());
    assert!(!store.remove_edge(id(10), member(3)).await.unwrap());
    store.add_edge(id(10), member(3)).await.unwrap();
    let again = store.related(id(10), EdgeKind::Member, None, 10).await.unwrap();
    assert_eq!(ids(&again.objects), [id(1), id(2), id(3)], "what is made anew comes last");
    assert!(store.related(id(99), EdgeKind::Member, None, 10).await.unwrap().objects.is_empty());
}

pub(crate) async fn are_changes_of_their_holder(store: &dyn ServerStore) {
    people(store).await;
    let mut group = new_object(ObjectKind::Group, 11, "Staff");
    group.edges = vec![member(1), member(2)];
    let group = store.create(group).await.unwrap();
    let before = group.changed;
    let there = store.edge_changes(id(11), EdgeKind::Member, ChangeNumber(0), ALL, 10).await.unwrap();
    assert_eq!(there.iter().map(|change| change.to).collect::<Vec<_>>(), [id(1), id(2)]);
    assert!(there[0].changed < there[1].changed && there[1].changed == before);
    let user = store.get(id(1)).await.unwrap().unwrap();
    store.remove_edge(id(11), member(1)).await.unwrap();
    store.add_edge(id(11), member(3)).await.unwrap();
    assert_eq!(store.get(id(1)).await.unwrap().unwrap(), user, "the other end has not changed");
    let after = store.get(id(11)).await.unwrap().unwrap().changed;
    let changes = store.edge_changes(id(11), EdgeKind::Member, before, after, 10).await.unwrap();
    let told: Vec<_> = changes.iter().map(|change| (change.to, change.present, change.to_kind)).collect();
    assert_eq!(told, [(id(1), false, ObjectKind::User), (id(3), true, ObjectKind::User)]);
    let now = store.edge_changes(id(11), EdgeKind::Member, ChangeNumber(0), after, 10).await.unwrap();
    assert_eq!(set(now.iter().map(|change| change.to)), set([id(2), id(3)]));
    let earlier = ChangeNumber(after.0 - 1);
    assert_eq!(store.edge_changes(id(11), EdgeKind::Member, before, earlier, 10).await.unwrap().len(), 1);
    let limited = store.edge_changes(id(11), EdgeKind::Member, before, after, 1).await.unwrap();
    assert_eq!(limited, changes[..1]);
}

pub(crate) async fn managers_replace_each_other(store: &dyn ServerStore) {
    people(store).await;
    store.add_edge(id(1), manager(2)).await.unwrap();
    let before = store.head().await.unwrap();
    store.add_edge(id(1), manager(3)).await.unwrap();
    let found = store.related(id(1), EdgeKind::Manager, None, 10).await.unwrap();
    assert_eq!(ids(&found.objects), [id(3)]);
    let changes = store.edge_changes(id(1), EdgeKind::Manager, before, ALL, 10).await.unwrap();
    let told: Vec<_> = changes.iter().map(|change| (change.to, change.present)).collect();
    assert_eq!(told, [(id(2), false), (id(3), true)]);
    let mut update = super::change("Object 1");
    update.edges = vec![manager(4)];
    let updated = store.update(id(1), update.clone()).await.unwrap().unwrap();
    assert_eq!(ids(&store.related(id(1), EdgeKind::Manager, None, 10).await.unwrap().objects), [id(4)]);
    assert_eq!(store.update(id(1), update).await.unwrap().unwrap(), updated, "nothing changed");
}

pub(crate) async fn deleted_ends_are_hidden_and_kept(store: &dyn ServerStore) {
    people(store).await;
    store.add_edge(id(10), member(1)).await.unwrap();
    store.soft_delete(id(1), at(1)).await.unwrap();
    assert!(store.related(id(10), EdgeKind::Member, None, 10).await.unwrap().objects.is_empty());
    let there = store.edge_changes(id(10), EdgeKind::Member, ChangeNumber(0), ALL, 10).await.unwrap();
    assert_eq!(there.len(), 1);
    assert_eq!(store.edges_from(&[id(10)], EdgeKind::Member).await.unwrap(), [(id(10), id(1))]);
    store.restore(id(1)).await.unwrap();
    assert_eq!(ids(&store.related(id(10), EdgeKind::Member, None, 10).await.unwrap().objects), [id(1)]);
    store.soft_delete(id(10), at(1)).await.unwrap();
    assert!(store.relating(id(1), EdgeKind::Member, None, 10).await.unwrap().objects.is_empty());
}

pub(crate) async fn purged_ends_are_taken_away(store: &dyn ServerStore) {
    people(store).await;
    store.add_edge(id(10), member(1)).await.unwrap();
    store.add_edge(id(2), manager(1)).await.unwrap();
    store.add_edge(id(1), manager(3)).await.unwrap();
    store.soft_delete(id(1), at(1)).await.unwrap();
    let before = store.head().await.unwrap();
    store.purge(id(1)).await.unwrap();
    for (holder, kind) in [(10, EdgeKind::Member), (2, EdgeKind::Manager)] {
        let changed = store.get(id(holder)).await.unwrap().unwrap().changed;
        assert!(changed > before, "{holder} has changed");
        let changes = store.edge_changes(id(holder), kind, before, ALL, 10).await.unwrap();
        assert_eq!(changes.iter().map(|c| (c.to, c.present)).collect::<Vec<_>>(), [(id(1), false)]);
        assert!(store.edges_from(&[id(holder)], kind).await.unwrap().is_empty());
    }
    assert!(store.get(id(3)).await.unwrap().unwrap().changed < before);
    assert!(store.relating(id(3), EdgeKind::Manager, None, 10).await.unwrap().objects.is_empty());
}

pub(crate) async fn need_both_ends(store: &dyn ServerStore) {
    people(store).await;
    store.soft_delete(id(4), at(1)).await.unwrap();
    for (from, to) in [(10, 99), (99, 1), (10, 4), (4, 1)] {
        let error = store.add_edge(id(from), member(to)).await.unwrap_err();
        assert!(matches!(error, StoreError::NotFound { .. }));
        assert!(!store.remove_edge(id(from), member(to)).await.unwrap());
    }
}

pub(crate) async fn many_holders_are_read_at_once(store: &dyn ServerStore) {
    people(store).await;
    for (from, to) in [(1, 3), (2, 3), (3, 4)] {
        store.add_edge(id(from), manager(to)).await.unwrap();
    }
    let pairs = store.edges_from(&[id(1), id(3), id(4), id(99)], EdgeKind::Manager).await.unwrap();
    assert_eq!(set(pairs), set([(id(1), id(3)), (id(3), id(4))]));
}
