//! What the engine remembers: its port, answered by the modules of the aggregates.

use jiff::Timestamp;
use provisor_engine::log::Identity;
use provisor_engine::object::{Anchor, ObjectType, TargetId};
use provisor_engine::ports::{
    Checkpoint, DueReference, Escrow, JobKey, LeaseToken, LinkRow, Reset, Settlement, Store,
};
use rusqlite::{Connection, params};

use super::codec;
use super::fault::Fault;
use super::settle::{Batch, check_lease, set_checkpoint};
use super::writer::Writing;
use super::{SqliteStore, escrows, jobs, links, log, query, references};
use crate::StoreError;

fn acquire(writing: &Writing<'_>, job: JobKey) -> Result<LeaseToken, Fault> {
    jobs::need(writing, job)?;
    query::execute(writing, "UPDATE job SET lease = lease + 1 WHERE key = ?1", [job.0])?;
    let lease =
        query::first(writing, "SELECT lease FROM job WHERE key = ?1", [job.0], |row| Ok(row.get(0)?))?;
    Ok(LeaseToken(lease.unwrap_or_default()))
}

fn checkpoint(connection: &Connection, job: JobKey) -> Result<Option<Checkpoint>, Fault> {
    let sql = "SELECT job, body FROM checkpoint WHERE job = ?1";
    query::first(connection, sql, [job.0], |row| codec::parse(row, 1))
}

fn inventory(
    connection: &Connection,
    job: JobKey,
    object_type: &ObjectType,
    slot: usize,
    value: &str,
) -> Result<Vec<TargetId>, Fault> {
    let Some(object_type) = links::type_key(connection, object_type)? else { return Ok(Vec::new()) };
    let sql = "SELECT key, target FROM inventory WHERE job = ?1 AND type = ?2 AND slot = ?3 AND value = ?4 \
               ORDER BY key";
    let params = params![job.0, object_type, codec::slot(slot), value];
    query::all(connection, sql, params, |row| codec::foreign(row, 1).map(TargetId::new))
}

fn reset(writing: &Writing<'_>, job: JobKey, reset: Reset) -> Result<(), Fault> {
    jobs::need(writing, job)?;
    let mut tables = Vec::new();
    if reset.links {
        references::clear(writing, job)?;
        tables.extend(["link", "link_count", "inventory"]);
    }
    if reset.escrows {
        references::hurry(writing, job)?;
        tables.push("escrow");
    }
    for table in tables {
        query::execute(writing, &format!("DELETE FROM {table} WHERE job = ?1"), [job.0])?;
    }
    // Only a reading of everything matches everything anew.
    if (reset.watermark || reset.links)
        && let Some(before) = checkpoint(writing, job)?
    {
        // A sweep number that came again would take links for seen that the new sweep has not seen.
        let kept = Checkpoint { sweep: before.sweep, ..Checkpoint::default() };
        set_checkpoint(writing, job, &codec::json("checkpoint", &kept)?)?;
    }
    Ok(())
}

fn next_due(connection: &Connection, job: JobKey) -> Result<Option<Timestamp>, Fault> {
    let due = [escrows::next_due(connection, job)?, references::next_due(connection, job)?];
    let next = due.into_iter().flatten().min();
    let read = |micros| {
        Timestamp::from_microsecond(micros).map_err(|error| Fault::corrupt("time of the next retry", error))
    };
    next.map(read).transpose()
}

#[async_trait::async_trait]
impl Store for SqliteStore {
    async fn acquire(&self, job: JobKey) -> Result<LeaseToken, StoreError> {
        self.write("take a job over", move |writing| acquire(writing, job)).await
    }

    async fn checkpoint(&self, job: JobKey) -> Result<Option<Checkpoint>, StoreError> {
        self.read("read the checkpoint of a job", move |connection| checkpoint(connection, job)).await
    }

    async fn links(
        &self,
        job: JobKey,
        object_type: &ObjectType,
        anchors: &[Anchor],
    ) -> Result<Vec<Option<TargetId>>, StoreError> {
        let (object_type, anchors) = (object_type.clone(), anchors.to_vec());
        self.read("read links", move |connection| links::links(connection, job, &object_type, &anchors)).await
    }

    async fn missed_references(
        &self,
        job: JobKey,
        object_type: &ObjectType,
        anchor: &Anchor,
    ) -> Result<bool, StoreError> {
        let (object_type, anchor) = (object_type.clone(), anchor.clone());
        self.read("read a link", move |connection| links::missed(connection, job, &object_type, &anchor))
            .await
    }

    async fn linked_anchor(
        &self,
        job: JobKey,
        object_type: &ObjectType,
        target: &TargetId,
    ) -> Result<Option<Anchor>, StoreError> {
        let (object_type, target) = (object_type.clone(), target.clone());
        self.read("read a link", move |connection| {
            links::linked_anchor(connection, job, &object_type, &target)
        })
        .await
    }

    async fn last_known(&self, job: JobKey, anchor: &Anchor) -> Result<Option<Identity>, StoreError> {
        let anchor = anchor.clone();
        self.read("read who an object was", move |connection| log::last_known(connection, job, &anchor)).await
    }

    async fn unseen_links(
        &self,
        job: JobKey,
        sweep: i64,
        after: i64,
        limit: usize,
    ) -> Result<Vec<LinkRow>, StoreError> {
        self.read("read unseen links", move |connection| links::unseen(connection, job, sweep, after, limit))
            .await
    }

    async fn settle(&self, job: JobKey, lease: LeaseToken, batch: Settlement) -> Result<(), StoreError> {
        let operation = "settle a batch";
        let batch = Batch::prepare(batch).map_err(|fault| fault.into_store(operation))?;
        self.write_settling(operation, move |writing| batch.write(writing, job, lease)).await
    }

    async fn due_references(
        &self,
        job: JobKey,
        now: Timestamp,
        skip: usize,
        limit: usize,
    ) -> Result<Vec<DueReference>, StoreError> {
        let read = move |connection: &Connection| references::due(connection, job, now, skip, limit);
        self.read("read due references", read).await
    }

    async fn escrow(
        &self,
        job: JobKey,
        object_type: &ObjectType,
        anchor: &Anchor,
    ) -> Result<Option<Escrow>, StoreError> {
        let (object_type, anchor) = (object_type.clone(), anchor.clone());
        self.read("read an escrow", move |connection| escrows::find(connection, job, &object_type, &anchor))
            .await
    }

    async fn due_escrows(
        &self,
        job: JobKey,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Escrow>, StoreError> {
        self.read("read due escrows", move |connection| escrows::due(connection, job, now, limit)).await
    }

    async fn next_due(&self, job: JobKey) -> Result<Option<Timestamp>, StoreError> {
        self.read("read when a job has to retry", move |connection| next_due(connection, job)).await
    }

    async fn inventory(
        &self,
        job: JobKey,
        object_type: &ObjectType,
        slot: usize,
        value: &str,
    ) -> Result<Vec<TargetId>, StoreError> {
        let (object_type, value) = (object_type.clone(), value.to_owned());
        self.read("read the inventory", move |connection| {
            inventory(connection, job, &object_type, slot, &value)
        })
        .await
    }

    async fn clear_inventory(&self, job: JobKey, lease: LeaseToken) -> Result<(), StoreError> {
        self.write_settling("clear the inventory", move |writing| {
            check_lease(writing, job, lease)?;
            query::execute(writing, "DELETE FROM inventory WHERE job = ?1", [job.0])?;
            Ok(())
        })
        .await
    }

    async fn reset(&self, job: JobKey, what: Reset) -> Result<(), StoreError> {
        self.write("reset a job", move |writing| reset(writing, job, what)).await
    }
}
