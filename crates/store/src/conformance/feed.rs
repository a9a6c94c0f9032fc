//! The change feed.

use uuid::Uuid;

use super::{assign, at, change, create, id, member};
use crate::ServerStore;
use crate::directory::{ChangeNumber, FeedEntry, FeedRequest, ObjectKind};

fn users() -> FeedRequest {
    FeedRequest {
        kind: ObjectKind::User,
        since: ChangeNumber(0),
        until: ChangeNumber(i64::MAX),
        assigned_to: None,
        full: false,
        limit: 100,
    }
}

fn assigned_users(since: ChangeNumber) -> FeedRequest {
    FeedRequest { since, assigned_to: Some(id(20)), ..users() }
}

fn ids(entries: &[FeedEntry]) -> Vec<Uuid> {
    entries.iter().map(|entry| entry.object.id).collect()
}

fn entitled(entries: &[FeedEntry]) -> Vec<(Uuid, bool)> {
    entries.iter().map(|entry| (entry.object.id, entry.assigned)).collect()
}

/// Users 1 to 4, groups 10 and 11 and the service principal 20.
async fn tenant(store: &dyn ServerStore) {
    for number in 1..=4 {
        create(store, ObjectKind::User, number).await;
    }
    for number in [10, 11] {
        create(store, ObjectKind::Group, number).await;
    }
    create(store, ObjectKind::ServicePrincipal, 20).await;
}

pub(crate) async fn objects_come_at_their_newest_change(store: &dyn ServerStore) {
    tenant(store).await;
    store.update(id(2), change("Renamed")).await.unwrap();
    store.soft_delete(id(1), at(1)).await.unwrap();
    let feed = store.feed(users()).await.unwrap();
    assert_eq!(ids(&feed), [id(3), id(4), id(2), id(1)]);
    assert!(feed.is_sorted_by(|left, right| left.at < right.at));
    assert!(feed.iter().all(|entry| entry.at == entry.object.changed && entry.assigned));
    assert_eq!(feed[3].object.deleted, Some(at(1)));
    assert_eq!(store.feed_count(users()).await.unwrap(), 4);
    let groups = store.feed(FeedRequest { kind: ObjectKind::Group, ..users() }).await.unwrap();
    assert_eq!(ids(&groups), [id(10), id(11)]);
}

pub(crate) async fn full_readings_leave_out_the_purged(store: &dyn ServerStore) {
    tenant(store).await;
    store.soft_delete(id(1), at(1)).await.unwrap();
    store.soft_delete(id(2), at(1)).await.unwrap();
    store.purge(id(1)).await.unwrap();
    let changes = store.feed(users()).await.unwrap();
    assert_eq!(ids(&changes), [id(3), id(4), id(2), id(1)]);
    assert!(changes[3].object.purged && changes[3].object.properties.is_empty());
    let full = store.feed(FeedRequest { full: true, ..users() }).await.unwrap();
    assert_eq!(ids(&full), [id(3), id(4), id(2)]);
}

pub(crate) async fn windows_bound_the_feed(store: &dyn ServerStore) {
    tenant(store).await;
    let since = store.head().await.unwrap();
    store.update(id(3), change("Third")).await.unwrap();
    store.update(id(1), change("First")).await.unwrap();
    let until = store.head().await.unwrap();
    store.update(id(4), change("Fourth")).await.unwrap();
    let feed = store.feed(FeedRequest { since, until, ..users() }).await.unwrap();
    assert_eq!(ids(&feed), [id(3), id(1)]);
    let limited = store.feed(FeedRequest { since, until, limit: 1, ..users() }).await.unwrap();
    assert_eq!(ids(&limited), [id(3)]);
    assert_eq!(store.feed_count(FeedRequest { since, until, ..users() }).await.unwrap(), 2);
    let rest = store.feed(FeedRequest { since: until, ..users() }).await.unwrap();
    assert_eq!(ids(&rest), [id(4)]);
}

pub(crate) async fn assignments_merge_into_the_feed(store: &dyn ServerStore) {
    tenant(store).await;
    let since = store.head().await.unwrap();
    assign(store, 1, 2, 20).await;
    store.update(id(1), change("Unassigned")).await.unwrap();
    assign(store, 2, 3, 20).await;
    store.update(id(3), change("Assigned")).await.unwrap();
    store.update(id(4), change("Fourth")).await.unwrap();
    assign(store, 3, 4, 20).await;
    let until = store.head().await.unwrap();
    let feed = store.feed(assigned_users(since)).await.unwrap();
    assert_eq!(entitled(&feed), [(id(2), true), (id(1), false), (id(3), true), (id(4), true)]);
    assert!(feed.is_sorted_by(|left, right| left.at < right.at), "each once, in order");
    store.unassign("assignment-1").await.unwrap();
    assign(store, 4, 1, 20).await;
    let later = store.feed(assigned_users(until)).await.unwrap();
    assert_eq!(entitled(&later), [(id(2), false), (id(1), true)]);
    let before = store.feed(FeedRequest { until, ..assigned_users(since) }).await.unwrap();
    assert_eq!(ids(&before), [id(1), id(3), id(4)], "a later touch takes no change out of the window");
    let unknown = FeedRequest { assigned_to: Some(id(99)), ..assigned_users(until) };
    assert!(store.feed(unknown).await.unwrap().is_empty());
}

pub(crate) async fn members_come_with_their_group(store: &dyn ServerStore) {
    tenant(store).await;
    store.add_edge(id(10), member(1)).await.unwrap();
    store.add_edge(id(10), member(11)).await.unwrap();
    let changes = async |since| entitled(&store.feed(assigned_users(since)).await.unwrap());
    let mut since = store.head().await.unwrap();
    let mut advance = async || std::mem::replace(&mut since, store.head().await.unwrap());
    assign(store, 1, 10, 20).await;
    let before = advance().await;
    assert_eq!(changes(before).await, [(id(1), true)]);
    let groups = store.feed(FeedRequest { kind: ObjectKind::Group, ..assigned_users(before) }).await.unwrap();
    assert_eq!(entitled(&groups), [(id(10), true), (id(11), false)], "a group in it is not assigned");
    store.add_edge(id(10), member(2)).await.unwrap();
    assert_eq!(changes(advance().await).await, [(id(2), true)]);
    store.remove_edge(id(10), member(1)).await.unwrap();
    assert_eq!(changes(advance().await).await, [(id(1), false)]);
    store.soft_delete(id(10), at(1)).await.unwrap();
    assert_eq!(changes(advance().await).await, [(id(2), false)]);
    store.restore(id(10)).await.unwrap();
    assert_eq!(changes(advance().await).await, [(id(2), true)]);
    store.unassign("assignment-1").await.unwrap();
    assert_eq!(changes(advance().await).await, [(id(2), false)]);
}

pub(crate) async fn full_readings_of_the_assigned_give_each_once(store: &dyn ServerStore) {
    tenant(store).await;
    store.add_edge(id(10), member(1)).await.unwrap();
    store.add_edge(id(10), member(2)).await.unwrap();
    assign(store, 1, 10, 20).await;
    assign(store, 2, 1, 20).await;
    assign(store, 3, 3, 20).await;
    store.unassign("assignment-3").await.unwrap();
    store.update(id(2), change("Renamed")).await.unwrap();
    let request = FeedRequest { full: true, ..assigned_users(ChangeNumber(0)) };
    let mut seen = Vec::new();
    let mut since = ChangeNumber(0);
    loop {
        let page = store.feed(FeedRequest { since, limit: 1, ..request }).await.unwrap();
        let Some(last) = page.last() else { break };
        assert!(last.assigned && last.at > since);
        since = last.at;
        seen.extend(ids(&page));
    }
    assert_eq!(super::set(seen.clone()), super::set([id(1), id(2)]));
    assert_eq!(seen.len(), 2);
    assert!(store.feed_count(request).await.unwrap() >= 2);
}

pub(crate) async fn pages_go_on_where_they_ended(store: &dyn ServerStore) {
    tenant(store).await;
    for number in 1..=3 {
        assign(store, number, number, 20).await;
    }
    store.update(id(1), change("Renamed")).await.unwrap();
    let whole = store.feed(assigned_users(ChangeNumber(0))).await.unwrap();
    let mut paged = Vec::new();
    let mut since = ChangeNumber(0);
    loop {
        let page = store.feed(FeedRequest { limit: 2, ..assigned_users(since) }).await.unwrap();
        paged.extend(page.clone());
        match page.last() {
            Some(last) => since = last.at,
            None => break,
        }
    }
    assert_eq!(paged, whole);
    assert_eq!(ids(&whole), [id(4), id(2), id(3), id(1)]);
}
