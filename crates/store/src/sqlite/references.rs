//! References that are to be written once both of their ends are linked.
//!
//! A row is a reference that is to be there and is not known to be there (it waits, or is due), that is there
//! (nothing to do), or that is to go (due). A reference that is not to be there and never was has no row.
//! `due` is kept right by every change, so that finding what is due costs what is due.

use std::collections::BTreeMap;

use jiff::Timestamp;
use provisor_engine::object::{Anchor, ObjectType, TargetId};
use provisor_engine::ports::{DueReference, JobKey, ReferenceIntent, ReferenceOutcome};
use rusqlite::{Connection, Row, params};

use super::fault::Fault;
use super::links::{self, Object};
use super::writer::Writing;
use super::{codec, query};

/// What is known of the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exported {
    No,
    Yes,
    /// A write failed: it may have been carried out.
    Perhaps,
}

/// A row, as far as a settlement needs it.
#[derive(Clone, Copy, Debug)]
struct Stored {
    key: i64,
    desired: bool,
    exported: Exported,
    part: Option<i64>,
}

/// [`Stored`], beginning with column 0.
const STORED: &str = "SELECT key, desired, exported, part";

fn stored(row: &Row<'_>) -> Result<Stored, Fault> {
    let exported = match row.get::<_, i64>(2)? {
        0 => Exported::No,
        1 => Exported::Yes,
        2 => Exported::Perhaps,
        other => return Err(codec::unreadable(row, 2, format!("there is no state {other}"))),
    };
    Ok(Stored { key: row.get(0)?, desired: row.get(1)?, exported, part: row.get(3)? })
}

/// The references of one object that is being settled.
#[derive(Clone, Copy)]
pub(super) struct Referring {
    pub(super) object: Object,
    /// Whether the object is linked.
    pub(super) linked: bool,
    /// The sweep, when this settlement tells a part of the references and another one will tell the rest.
    pub(super) part: Option<i64>,
}

impl Referring {
    /// Only what is listed changes.
    pub(super) fn listed(self, writing: &Writing<'_>, intents: &[ReferenceIntent]) -> Result<(), Fault> {
        let Object { job, object_type, key: source } = self.object;
        let sql = format!(
            "{STORED} FROM reference WHERE source = ?1 AND type = ?2 AND slot = ?3 AND destination = ?4"
        );
        for intent in intents {
            let slot = codec::slot(intent.slot);
            let destination = links::make_anchor_key(writing, job, &intent.to)?;
            let found = query::first(writing, &sql, [source, object_type, slot, destination], stored)?;
            self.apply(writing, slot, destination, intent.present, found)?;
        }
        Ok(())
    }

    /// What is listed neither here nor in an earlier part of the same reading is gone.
    pub(super) fn complete(
        self,
        writing: &Writing<'_>,
        intents: &[ReferenceIntent],
        sweep: i64,
    ) -> Result<(), Fault> {
        let Object { job, object_type, key: source } = self.object;
        let sql = format!("{STORED}, slot, destination FROM reference WHERE source = ?1 AND type = ?2");
        let rows = query::all(writing, &sql, [source, object_type], |row| {
            Ok(((row.get(4)?, row.get(5)?), stored(row)?))
        })?;
        let had_parts = rows.iter().any(|(_, row)| row.part.is_some());
        let mut rows: BTreeMap<(i64, i64), Stored> = BTreeMap::from_iter(rows);
        // What is said last counts.
        let mut wanted: BTreeMap<(i64, i64), bool> = BTreeMap::new();
        for intent in intents {
            let destination = links::make_anchor_key(writing, job, &intent.to)?;
            wanted.insert((codec::slot(intent.slot), destination), intent.present);
        }
        for ((slot, destination), present) in wanted {
            self.apply(writing, slot, destination, present, rows.remove(&(slot, destination)))?;
        }
        for row in rows.into_values().filter(|row| row.part != Some(sweep)) {
            self.take_away(writing, row)?;
        }
        if had_parts {
            let sql = "UPDATE reference SET part = NULL WHERE source = ?1 AND type = ?2 AND part IS NOT NULL";
            query::execute(writing, sql, [source, object_type])?;
        }
        Ok(())
    }

    fn apply(
        self,
        writing: &Writing<'_>,
        slot: i64,
        destination: i64,
        present: bool,
        found: Option<Stored>,
    ) -> Result<(), Fault> {
        match found {
            Some(row) if !present => self.take_away(writing, row),
            None if !present => Ok(()),
            None => {
                let due = self.both_linked(writing, destination)?;
                let Object { job, object_type, key: source } = self.object;
                let sql = "INSERT INTO reference \
                           (job, type, source, slot, destination, desired, exported, due, part) \
                           VALUES (?1, ?2, ?3, ?4, ?5, 1, 0, ?6, ?7)";
                let params = params![job, object_type, source, slot, destination, due, self.part];
                query::execute(writing, sql, params)?;
                Ok(())
            }
            // The removal may have been carried out without being settled yet: it is added again, which does
            // no harm where it is there still.
            Some(row) if !row.desired => {
                let due = self.both_linked(writing, destination)?;
                turn(writing, row.key, Turned { desired: true, due, part: self.part })
            }
            Some(row) if self.part.is_some() && row.part != self.part => {
                let sql = "UPDATE reference SET part = ?2 WHERE key = ?1";
                query::execute(writing, sql, params![row.key, self.part])?;
                Ok(())
            }
            Some(_) => Ok(()),
        }
    }

    fn both_linked(self, writing: &Writing<'_>, destination: i64) -> Result<bool, Fault> {
        Ok(self.linked && links::is_linked(writing, destination)?)
    }

    fn take_away(self, writing: &Writing<'_>, row: Stored) -> Result<(), Fault> {
        if !row.desired {
            return Ok(());
        }
        if row.exported == Exported::No {
            query::execute(writing, "DELETE FROM reference WHERE key = ?1", [row.key])?;
            return Ok(());
        }
        turn(writing, row.key, Turned { desired: false, due: self.linked, part: None })
    }
}

/// A reference of which the opposite is wanted from now on.
#[derive(Clone, Copy)]
struct Turned {
    desired: bool,
    due: bool,
    part: Option<i64>,
}

/// Turns a reference around. It gets another key: the outcome of a write that is on its way tells nothing of
/// what is wanted now. What the target has is uncertain until the next write.
fn turn(writing: &Writing<'_>, key: i64, turned: Turned) -> Result<(), Fault> {
    let Turned { desired, due, part } = turned;
    let sql = "INSERT OR REPLACE INTO reference \
               (job, type, source, slot, destination, desired, exported, due, part) \
               SELECT job, type, source, slot, destination, ?2, 2, ?3, ?4 FROM reference WHERE key = ?1";
    query::execute(writing, sql, params![key, desired, due, part])?;
    Ok(())
}

/// The object is linked now: what waited for it is due.
pub(super) fn wake(writing: &Writing<'_>, object: Object) -> Result<(), Fault> {
    let Object { object_type, key, .. } = object;
    let sql = "UPDATE reference SET due = 1 WHERE destination = ?1 AND due = 0 AND desired = 1 \
               AND exported <> 1 AND EXISTS (SELECT 1 FROM link l WHERE l.object = reference.source \
               AND l.type = reference.type)";
    query::execute(writing, sql, [key])?;
    let sql = "UPDATE reference SET due = 1 WHERE source = ?1 AND type = ?2 AND due = 0 AND desired = 1 \
               AND exported <> 1 AND EXISTS (SELECT 1 FROM link l WHERE l.object = reference.destination)";
    query::execute(writing, sql, [key, object_type])?;
    Ok(())
}

/// The object is linked no more: its own references go, and those to it wait for a new link. What was to be
/// taken away from others stays due.
pub(super) fn unlink(writing: &Writing<'_>, object: Object) -> Result<(), Fault> {
    let Object { object_type, key, .. } = object;
    let sql = "DELETE FROM reference WHERE source = ?1 AND type = ?2";
    query::execute(writing, sql, [key, object_type])?;
    if !links::is_linked(writing, key)? {
        let sql = "UPDATE reference SET exported = 0, due = 0, not_before = 0 \
                   WHERE destination = ?1 AND desired = 1";
        query::execute(writing, sql, [key])?;
    }
    Ok(())
}

/// The object is linked to another target object: nothing that was written about the old one holds.
pub(super) fn forget_exports(writing: &Writing<'_>, object: Object) -> Result<(), Fault> {
    let Object { object_type, key, .. } = object;
    let sql = "DELETE FROM reference WHERE source = ?1 AND type = ?2 AND desired = 0";
    query::execute(writing, sql, [key, object_type])?;
    let sql = "UPDATE reference SET exported = 0, not_before = 0 WHERE source = ?1 AND type = ?2";
    query::execute(writing, sql, [key, object_type])?;
    let sql = "UPDATE reference SET exported = 0, not_before = 0 WHERE destination = ?1 AND desired = 1";
    query::execute(writing, sql, [key])?;
    wake(writing, object)
}

/// Settles what became of a reference; one that is gone meanwhile is nobody's concern.
pub(super) fn settle(
    writing: &Writing<'_>,
    job: i64,
    key: i64,
    outcome: &ReferenceOutcome,
) -> Result<(), Fault> {
    match outcome {
        ReferenceOutcome::Written => {
            let sql = "DELETE FROM reference WHERE key = ?1 AND job = ?2 AND desired = 0";
            if query::execute(writing, sql, [key, job])? == 0 {
                let sql =
                    "UPDATE reference SET exported = 1, due = 0, not_before = 0 WHERE key = ?1 AND job = ?2";
                query::execute(writing, sql, [key, job])?;
            }
        }
        ReferenceOutcome::Later(time) => {
            let sql =
                "UPDATE reference SET exported = 2, not_before = ?3 WHERE key = ?1 AND job = ?2 AND due = 1";
            query::execute(writing, sql, [key, job, codec::micros(*time).max(1)])?;
        }
    }
    Ok(())
}

/// Forgets all references of a job.
pub(super) fn clear(writing: &Writing<'_>, job: JobKey) -> Result<(), Fault> {
    let sql = "DELETE FROM reference WHERE source IN (SELECT key FROM source_object WHERE job = ?1)";
    query::execute(writing, sql, [job.0])?;
    Ok(())
}

pub(super) fn due(
    connection: &Connection,
    job: JobKey,
    now: Timestamp,
    skip: usize,
    limit: usize,
) -> Result<Vec<DueReference>, Fault> {
    let sql = "SELECT r.key, f.anchor, t.name, l.target, r.slot, d.anchor, \
               (SELECT x.target FROM link x WHERE x.object = r.destination ORDER BY x.key LIMIT 1), r.desired \
               FROM reference r INDEXED BY reference_due \
               CROSS JOIN link l ON l.object = r.source AND l.type = r.type \
               CROSS JOIN object_type t ON t.key = r.type \
               CROSS JOIN source_object f ON f.key = r.source CROSS JOIN source_object d ON d.key = r.destination \
               WHERE r.job = ?1 AND r.due = 1 AND r.not_before <= ?2 \
               ORDER BY r.source, r.type, r.slot, r.key LIMIT ?3 OFFSET ?4";
    query::all(
        connection,
        sql,
        params![job.0, codec::micros(now), query::limit(limit), query::limit(skip)],
        |row| {
            let to_target = match row.get_ref(6)? {
                rusqlite::types::ValueRef::Null => None,
                _ => Some(TargetId::new(codec::foreign(row, 6)?)),
            };
            Ok(DueReference {
                key: row.get(0)?,
                from: Anchor::new(codec::foreign(row, 1)?),
                from_type: ObjectType::new(row.get::<_, String>(2)?),
                from_target: TargetId::new(codec::foreign(row, 3)?),
                slot: codec::unslot(row, 4)?,
                to: Anchor::new(codec::foreign(row, 5)?),
                to_target,
                present: row.get(7)?,
            })
        },
    )
}

/// Nothing is put off any longer.
pub(super) fn hurry(writing: &Writing<'_>, job: JobKey) -> Result<(), Fault> {
    let sql = "UPDATE reference SET not_before = 0 WHERE job = ?1 AND due = 1 AND not_before > 0";
    query::execute(writing, sql, [job.0])?;
    Ok(())
}

/// When the next reference is due, in microseconds; zero when there is one that was not put off.
pub(super) fn next_due(connection: &Connection, job: JobKey) -> Result<Option<i64>, Fault> {
    let sql = "SELECT 1 FROM reference INDEXED BY reference_due \
               WHERE job = ?1 AND due = 1 AND not_before = 0";
    if query::exists(connection, sql, [job.0])? {
        return Ok(Some(0));
    }
    let sql = "SELECT min(not_before) FROM reference WHERE job = ?1 AND due = 1 AND not_before > 0";
    Ok(query::first(connection, sql, [job.0], |row| Ok(row.get(0)?))?.flatten())
}
