//! App role assignments.

use super::{assign, at, create, id, member};
use crate::directory::{Assignment, AssignmentsOf, ObjectKind};
use crate::{ServerStore, StoreError};

/// Users 1 and 2, group 10, service principals 20 and 21.
async fn tenant(store: &dyn ServerStore) {
    for number in [1, 2] {
        create(store, ObjectKind::User, number).await;
    }
    create(store, ObjectKind::Group, 10).await;
    for number in [20, 21] {
        create(store, ObjectKind::ServicePrincipal, number).await;
    }
}

fn names(assignments: &[Assignment]) -> Vec<&str> {
    assignments.iter().map(|assignment| assignment.id.as_str()).collect()
}

pub(crate) async fn are_listed_from_both_ends(store: &dyn ServerStore) {
    tenant(store).await;
    let first = assign(store, 1, 10, 20).await;
    assert_eq!((first.principal_kind, first.created), (ObjectKind::Group, at(9)));
    assign(store, 2, 1, 20).await;
    assign(store, 3, 1, 21).await;
    assert_eq!(store.assignment("assignment-1").await.unwrap(), Some(first.clone()));
    let page = store.assignments(AssignmentsOf::Resource(id(20)), None, 1).await.unwrap();
    assert_eq!(names(&page), ["assignment-1"]);
    let page = store.assignments(AssignmentsOf::Resource(id(20)), Some(page[0].key), 9).await.unwrap();
    assert_eq!(names(&page), ["assignment-2"]);
    let page = store.assignments(AssignmentsOf::Principal(id(1)), None, 9).await.unwrap();
    assert_eq!(names(&page), ["assignment-2", "assignment-3"]);
    assert!(store.unassign("assignment-2").await.unwrap());
    assert!(!store.unassign("assignment-2").await.unwrap());
    assert_eq!(store.assignment("assignment-2").await.unwrap(), None);
}

pub(crate) async fn clash_over_role_principal_and_resource(store: &dyn ServerStore) {
    tenant(store).await;
    let first = assign(store, 1, 1, 20).await;
    let again = store.assign(Assignment { id: "another".into(), ..first.clone() }).await.unwrap_err();
    assert!(matches!(again, StoreError::Conflict { .. }));
    store.assign(Assignment { id: "role".into(), role: id(7), ..first.clone() }).await.unwrap();
    let missing = store.assign(Assignment { id: "x".into(), principal: id(99), ..first.clone() }).await;
    assert!(matches!(missing, Err(StoreError::NotFound { .. })));
    let missing = store.assign(Assignment { id: "x".into(), resource: id(99), ..first }).await;
    assert!(matches!(missing, Err(StoreError::NotFound { .. })));
}

pub(crate) async fn count_members_of_groups(store: &dyn ServerStore) {
    tenant(store).await;
    let assigned = async |number| store.is_assigned(id(number), id(20)).await.unwrap();
    assign(store, 1, 10, 20).await;
    assert!(assigned(10).await && !assigned(1).await);
    store.add_edge(id(10), member(1)).await.unwrap();
    assert!(assigned(1).await && !assigned(2).await);
    assert!(!store.is_assigned(id(1), id(21)).await.unwrap());
    store.soft_delete(id(10), at(1)).await.unwrap();
    assert!(!assigned(1).await, "a deleted group entitles nobody");
    store.restore(id(10)).await.unwrap();
    assert!(assigned(1).await);
    store.remove_edge(id(10), member(1)).await.unwrap();
    assert!(!assigned(1).await);
    assign(store, 2, 1, 20).await;
    assert!(assigned(1).await);
    assert!(!store.is_assigned(id(99), id(20)).await.unwrap());
}

pub(crate) async fn hide_deleted_ends(store: &dyn ServerStore) {
    tenant(store).await;
    assign(store, 1, 1, 20).await;
    store.soft_delete(id(1), at(1)).await.unwrap();
    assert!(store.assignments(AssignmentsOf::Resource(id(20)), None, 9).await.unwrap().is_empty());
    store.restore(id(1)).await.unwrap();
    assert_eq!(store.assignments(AssignmentsOf::Resource(id(20)), None, 9).await.unwrap().len(), 1);
    store.soft_delete(id(1), at(1)).await.unwrap();
    store.purge(id(1)).await.unwrap();
    assert!(!store.unassign("assignment-1").await.unwrap(), "purging took it away");
}
