//! What is reached over any number of relationships.

use uuid::Uuid;

use super::{at, create, id, ids, member};
use crate::ServerStore;
use crate::directory::{EdgeKind, NewEdge, ObjectKind, Transitive};

async fn edges(store: &dyn ServerStore, holders: &[(u128, &[u128])]) {
    for (group, members) in holders {
        for other in *members {
            assert!(store.add_edge(id(*group), member(*other)).await.unwrap());
        }
    }
}

async fn objects(store: &dyn ServerStore, users: &[u128], groups: &[u128]) {
    for number in users {
        create(store, ObjectKind::User, *number).await;
    }
    for number in groups {
        create(store, ObjectKind::Group, *number).await;
    }
}

/// What is reached, page by page of many and of one: both the same.
async fn reached(store: &dyn ServerStore, from: u128, over: Transitive) -> Vec<u128> {
    let mut readings: Vec<Vec<Uuid>> = Vec::new();
    for limit in [100, 1] {
        let (mut after, mut seen) = (None, Vec::new());
        loop {
            let page = store.transitive(id(from), over, after, limit).await.unwrap();
            seen.extend(ids(&page.objects));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        readings.push(seen);
    }
    assert_eq!(readings[0], readings[1]);
    readings[0].iter().map(|found| found.as_u128() - id(0).as_u128()).collect()
}

pub(crate) async fn members_of_nested_groups_come_once(store: &dyn ServerStore) {
    objects(store, &[1, 2, 3], &[10, 11, 12]).await;
    edges(store, &[(10, &[1, 11]), (11, &[1, 2, 12]), (12, &[2, 3])]).await;
    assert_eq!(reached(store, 10, Transitive::Members).await, [1, 11, 2, 12, 3]);
    assert_eq!(reached(store, 12, Transitive::Members).await, [2, 3]);
    assert_eq!(reached(store, 1, Transitive::Members).await, [0; 0]);
    store.remove_edge(id(10), member(11)).await.unwrap();
    assert_eq!(reached(store, 10, Transitive::Members).await, [1]);
}

pub(crate) async fn cycles_end(store: &dyn ServerStore) {
    objects(store, &[1], &[10, 11]).await;
    edges(store, &[(10, &[11]), (11, &[10, 1])]).await;
    assert_eq!(reached(store, 10, Transitive::Members).await, [11, 1]);
    assert_eq!(reached(store, 11, Transitive::Members).await, [10, 1]);
    assert_eq!(reached(store, 1, Transitive::MemberOf).await, [10, 11]);
    assert_eq!(reached(store, 10, Transitive::MemberOf).await, [11]);
}

pub(crate) async fn memberships_and_reports_go_up(store: &dyn ServerStore) {
    objects(store, &[1, 2, 3], &[10, 11]).await;
    edges(store, &[(10, &[11]), (11, &[1])]).await;
    assert_eq!(reached(store, 1, Transitive::MemberOf).await, [10, 11]);
    for (report, manager) in [(3, 2), (2, 1)] {
        let edge = NewEdge { kind: EdgeKind::Manager, to: id(manager) };
        store.add_edge(id(report), edge).await.unwrap();
        assert!(store.is_related(id(report), edge).await.unwrap());
        assert!(!store.is_related(id(manager), NewEdge { to: id(report), ..edge }).await.unwrap());
    }
    assert_eq!(reached(store, 1, Transitive::Reports).await, [2, 3]);
}

pub(crate) async fn deleted_groups_lead_nowhere(store: &dyn ServerStore) {
    objects(store, &[1, 2], &[10, 11]).await;
    edges(store, &[(10, &[1, 11]), (11, &[2])]).await;
    store.soft_delete(id(11), at(1)).await.unwrap();
    assert_eq!(reached(store, 10, Transitive::Members).await, [1]);
    assert_eq!(reached(store, 2, Transitive::MemberOf).await, [0; 0]);
    assert!(!store.is_related(id(10), member(11)).await.unwrap());
    store.restore(id(11)).await.unwrap();
    assert_eq!(reached(store, 10, Transitive::Members).await, [1, 11, 2]);
}
