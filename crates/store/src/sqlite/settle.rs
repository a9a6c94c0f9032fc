//! Settling: a batch of results as one request of the writer.
//!
//! Texts are made before it is queued, on the caller's thread: the writer is the one thing that all share.

use std::collections::BTreeMap;

use provisor_engine::object::ObjectType;
use provisor_engine::ports::{
    EscrowChange, InventoryEntry, JobKey, LeaseToken, LinkChange, ReferenceOutcome, ReferenceScope, Settled,
    Settlement,
};
use rusqlite::params;

use super::codec::{self, Foreign};
use super::fault::Fault;
use super::links::{self, Object};
use super::log::{self, LogLine};
use super::references::{self, Referring};
use super::writer::Writing;
use super::{escrows, query};
use crate::StoreError;

/// A batch, ready to be written.
pub(super) struct Batch {
    objects: Vec<Settled>,
    references: Vec<(i64, ReferenceOutcome)>,
    log: Vec<LogLine>,
    inventory: Vec<InventoryEntry>,
    checkpoint: Option<String>,
    sweep: i64,
}

impl Batch {
    pub(super) fn prepare(settlement: Settlement) -> Result<Self, Fault> {
        let Settlement { objects, references, log, inventory, checkpoint, sweep } = settlement;
        let entries = objects.iter().filter_map(|object| object.log.as_ref()).chain(&log);
        let log = entries.map(LogLine::of).collect::<Result<_, Fault>>()?;
        let checkpoint = checkpoint.map(|checkpoint| codec::json("checkpoint", &checkpoint)).transpose()?;
        Ok(Self { objects, references, log, inventory, checkpoint, sweep })
    }

    pub(super) fn write(&self, writing: &Writing<'_>, job: JobKey, lease: LeaseToken) -> Result<(), Fault> {
        let log_job = check_lease(writing, job, lease)?;
        let mut types = Types::default();
        let mut new_links: BTreeMap<i64, i64> = BTreeMap::new();
        for settled in &self.objects {
            let object_type = types.key(writing, &settled.object_type)?;
            if self.settle(writing, job, object_type, settled)? {
                *new_links.entry(object_type).or_default() += 1;
            }
        }
        for (key, outcome) in &self.references {
            references::settle(writing, job.0, *key, outcome)?;
        }
        self.log.iter().try_for_each(|line| log::insert(writing, log_job, line))?;
        for entry in &self.inventory {
            let object_type = types.key(writing, &entry.object_type)?;
            remember(writing, job, object_type, entry)?;
        }
        for (object_type, links) in new_links {
            let sql = "INSERT INTO link_count (job, type, links) VALUES (?1, ?2, ?3) \
                       ON CONFLICT DO UPDATE SET links = links + excluded.links";
            query::execute(writing, sql, [job.0, object_type, links])?;
        }
        if let Some(checkpoint) = &self.checkpoint {
            set_checkpoint(writing, job, checkpoint)?;
        }
        Ok(())
    }

    /// Settles one object; whether it is linked for the first time.
    fn settle(
        &self,
        writing: &Writing<'_>,
        job: JobKey,
        object_type: i64,
        settled: &Settled,
    ) -> Result<bool, Fault> {
        let Some(key) = object_key(writing, job, settled)? else { return Ok(false) };
        let object = Object { job: job.0, object_type, key };
        let linked = links::change(writing, object, &settled.link, self.sweep)?;
        escrows::change(writing, object, &settled.escrow)?;
        let told_whole = settled.reference_scope == ReferenceScope::Complete;
        if linked.now && (settled.missed_references || (told_whole && !linked.newly)) {
            links::set_missed(writing, object, settled.missed_references)?;
        }
        // An object without an entry is a part: the entry comes with the last one.
        let part = settled.log.is_none().then_some(self.sweep);
        let referring = Referring { object, linked: linked.now, part };
        match settled.reference_scope {
            ReferenceScope::Listed => referring.listed(writing, &settled.references)?,
            ReferenceScope::Complete => {
                let last = Referring { part: None, ..referring };
                last.complete(writing, &settled.references, self.sweep)?;
            }
        }
        Ok(linked.newly)
    }
}

/// The key of an object; `None` when nothing is remembered of it and nothing is to be. Many objects are out of
/// scope and shall leave nothing but their entries in the log.
fn object_key(writing: &Writing<'_>, job: JobKey, settled: &Settled) -> Result<Option<i64>, Fault> {
    let remembers = matches!(settled.link, LinkChange::Set(_))
        || matches!(settled.escrow, EscrowChange::Set(_))
        || !settled.references.is_empty();
    if remembers {
        return links::make_anchor_key(writing, job.0, &settled.anchor).map(Some);
    }
    links::anchor_key(writing, job.0, &settled.anchor)
}

/// The keys of the few types that a batch names.
#[derive(Default)]
struct Types(Vec<(ObjectType, i64)>);

impl Types {
    fn key(&mut self, writing: &Writing<'_>, name: &ObjectType) -> Result<i64, Fault> {
        if let Some((_, key)) = self.0.iter().find(|(known, _)| known == name) {
            return Ok(*key);
        }
        let key = links::make_type_key(writing, name)?;
        self.0.push((name.clone(), key));
        Ok(key)
    }
}

/// Refuses who lost the job; gives the job's name in the log.
pub(super) fn check_lease(writing: &Writing<'_>, job: JobKey, lease: LeaseToken) -> Result<i64, Fault> {
    let sql = "SELECT log_job FROM job WHERE key = ?1 AND lease = ?2";
    query::first(writing, sql, [job.0, lease.0], |row| Ok(row.get(0)?))?
        .ok_or(Fault::Store(StoreError::LeaseLost))
}

pub(super) fn set_checkpoint(writing: &Writing<'_>, job: JobKey, body: &str) -> Result<(), Fault> {
    let sql =
        "INSERT INTO checkpoint (job, body) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET body = excluded.body";
    query::execute(writing, sql, params![job.0, body])?;
    Ok(())
}

fn remember(
    writing: &Writing<'_>,
    job: JobKey,
    object_type: i64,
    entry: &InventoryEntry,
) -> Result<(), Fault> {
    let sql = "INSERT INTO inventory (job, type, slot, value, target) VALUES (?1, ?2, ?3, ?4, ?5) \
               ON CONFLICT DO NOTHING";
    let (slot, target) = (codec::slot(entry.slot), Foreign(entry.target.as_str()));
    query::execute(writing, sql, params![job.0, object_type, slot, entry.value, target])?;
    Ok(())
}
