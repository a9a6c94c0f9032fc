//! The directory's trait, answered by the modules of objects, relationships, assignments and the feed.

use jiff::Timestamp;
use rusqlite::Connection;
use tokio::sync::watch;
use uuid::Uuid;

use super::{SqliteStore, assignments, codec, edges, feed, listing, objects, query, transitive};
use crate::StoreError;
use crate::directory::{
    Assignment, AssignmentsOf, ChangeNumber, Directory, DirectoryObject, EdgeChange, EdgeKind, FeedEntry,
    FeedRequest, ListRequest, NewEdge, NewObject, ObjectChange, ObjectKind, ObjectPage, Place, Transitive,
};

#[async_trait::async_trait]
impl Directory for SqliteStore {
    async fn create(&self, object: NewObject) -> Result<DirectoryObject, StoreError> {
        self.write("create an object", move |writing| objects::create(writing, &object)).await
    }

    async fn get(&self, id: Uuid) -> Result<Option<DirectoryObject>, StoreError> {
        self.read_few("read an object", move |connection| {
            Ok(objects::find(connection, id)?.map(|stored| stored.object).filter(|object| !object.purged))
        })
        .await
    }

    async fn get_many(&self, ids: &[Uuid]) -> Result<Vec<DirectoryObject>, StoreError> {
        let ids = ids.to_vec();
        self.read("read objects", move |connection| {
            let mut objects = Vec::with_capacity(ids.len());
            for id in ids {
                objects.extend(objects::find_live(connection, id)?.map(|stored| stored.object));
            }
            Ok(objects)
        })
        .await
    }

    async fn get_by_key(&self, kind: ObjectKind, key: &str) -> Result<Option<DirectoryObject>, StoreError> {
        let key = key.to_owned();
        self.read_few("read an object by its key", move |connection| {
            objects::find_by_key(connection, kind, &key)
        })
        .await
    }

    async fn list(&self, request: ListRequest) -> Result<ObjectPage, StoreError> {
        const OPERATION: &str = "list objects";
        let small = listing::is_small(&request);
        let work = move |connection: &Connection| listing::list(connection, &request);
        if small { self.read_few(OPERATION, work).await } else { self.read(OPERATION, work).await }
    }

    async fn count(&self, kind: ObjectKind) -> Result<u64, StoreError> {
        self.read("count objects", move |connection| {
            let sql = "SELECT count(*) FROM directory_object WHERE kind = ?1 AND state = 0";
            Ok(query::first(connection, sql, [kind], |row| codec::count(row, 0))?.unwrap_or(0))
        })
        .await
    }

    async fn update(&self, id: Uuid, change: ObjectChange) -> Result<Option<DirectoryObject>, StoreError> {
        self.write("update an object", move |writing| objects::update(writing, id, &change)).await
    }

    async fn soft_delete(&self, id: Uuid, at: Timestamp) -> Result<bool, StoreError> {
        self.write("delete an object", move |writing| objects::soft_delete(writing, id, at)).await
    }

    async fn restore(&self, id: Uuid) -> Result<Option<DirectoryObject>, StoreError> {
        self.write("restore an object", move |writing| objects::restore(writing, id)).await
    }

    async fn purge(&self, id: Uuid) -> Result<bool, StoreError> {
        self.write("purge an object", move |writing| objects::purge(writing, id)).await
    }

    async fn add_edge(&self, from: Uuid, edge: NewEdge) -> Result<bool, StoreError> {
        self.write("add a relationship", move |writing| {
            let holder = objects::need_live(writing, from)?;
            edges::add(writing, &holder, edge)
        })
        .await
    }

    async fn remove_edge(&self, from: Uuid, edge: NewEdge) -> Result<bool, StoreError> {
        self.write("remove a relationship", move |writing| match objects::find_live(writing, from)? {
            Some(holder) => edges::remove(writing, &holder, edge),
            None => Ok(false),
        })
        .await
    }

    async fn related(
        &self,
        from: Uuid,
        kind: EdgeKind,
        after: Option<Place>,
        limit: usize,
    ) -> Result<ObjectPage, StoreError> {
        self.read("list related objects", move |connection| {
            edges::related(connection, from, kind, after, limit)
        })
        .await
    }

    async fn edges_from(&self, from: &[Uuid], kind: EdgeKind) -> Result<Vec<(Uuid, Uuid)>, StoreError> {
        let from = from.to_vec();
        self.read("read relationships", move |connection| edges::from_many(connection, &from, kind)).await
    }

    async fn relating(
        &self,
        to: Uuid,
        kind: EdgeKind,
        after: Option<Place>,
        limit: usize,
    ) -> Result<ObjectPage, StoreError> {
        self.read("list relating objects", move |connection| {
            edges::relating(connection, to, kind, after, limit)
        })
        .await
    }

    async fn transitive(
        &self,
        from: Uuid,
        over: Transitive,
        after: Option<Place>,
        limit: usize,
    ) -> Result<ObjectPage, StoreError> {
        self.read("list what is reached", move |connection| {
            transitive::list(connection, from, over, after, limit)
        })
        .await
    }

    async fn is_related(&self, from: Uuid, edge: NewEdge) -> Result<bool, StoreError> {
        self.read("read a relationship", move |connection| edges::is_related(connection, from, edge)).await
    }

    async fn assign(&self, assignment: Assignment) -> Result<Assignment, StoreError> {
        self.write("create an assignment", move |writing| assignments::create(writing, &assignment)).await
    }

    async fn assignment(&self, id: &str) -> Result<Option<Assignment>, StoreError> {
        let id = id.to_owned();
        self.read("read an assignment", move |connection| assignments::find(connection, &id)).await
    }

    async fn unassign(&self, id: &str) -> Result<bool, StoreError> {
        let id = id.to_owned();
        self.write("remove an assignment", move |writing| assignments::remove(writing, &id)).await
    }

    async fn assignments(
        &self,
        of: AssignmentsOf,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Vec<Assignment>, StoreError> {
        self.read("list assignments", move |connection| assignments::list(connection, of, after, limit)).await
    }

    async fn is_assigned(&self, principal: Uuid, resource: Uuid) -> Result<bool, StoreError> {
        self.read("read assignments", move |connection| {
            assignments::is_assigned(connection, principal, resource)
        })
        .await
    }

    async fn head(&self) -> Result<ChangeNumber, StoreError> {
        Ok(*self.head.borrow())
    }

    fn changes_signal(&self) -> watch::Receiver<ChangeNumber> {
        self.head.clone()
    }

    async fn feed(&self, request: FeedRequest) -> Result<Vec<FeedEntry>, StoreError> {
        self.read("read the change feed", move |connection| feed::read(connection, &request)).await
    }

    async fn feed_count(&self, request: FeedRequest) -> Result<u64, StoreError> {
        self.read("count the change feed", move |connection| feed::count(connection, &request)).await
    }

    async fn edge_changes(
        &self,
        from: Uuid,
        kind: EdgeKind,
        since: ChangeNumber,
        until: ChangeNumber,
        limit: usize,
    ) -> Result<Vec<EdgeChange>, StoreError> {
        self.read("read changes of relationships", move |connection| {
            edges::changes(connection, from, kind, (since, until), limit)
        })
        .await
    }
}
