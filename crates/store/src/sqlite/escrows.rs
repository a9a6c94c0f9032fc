//! Objects whose export failed.

use jiff::Timestamp;
use provisor_engine::object::{Anchor, ObjectType};
use provisor_engine::ports::{ErrorClass, Escrow, EscrowChange, JobKey};
use rusqlite::{Connection, Row, params};

use super::codec::{self, Foreign};
use super::fault::Fault;
use super::links::{self, Object};
use super::query;
use super::writer::Writing;

const SELECT: &str = "SELECT e.key, o.anchor, t.name, e.attempts, e.since, e.due, e.class, e.message \
     FROM escrow e JOIN object_type t ON t.key = e.type JOIN source_object o ON o.key = e.object";

fn escrow(row: &Row<'_>) -> Result<Escrow, Fault> {
    let class: String = row.get(6)?;
    Ok(Escrow {
        anchor: Anchor::new(codec::foreign(row, 1)?),
        object_type: ObjectType::new(row.get::<_, String>(2)?),
        attempts: row.get(3)?,
        since: codec::time(row, 4)?,
        due: codec::time(row, 5)?,
        class: class_of(&class)
            .ok_or_else(|| codec::unreadable(row, 6, format!("there is no class '{class}'")))?,
        message: row.get(7)?,
    })
}

fn class_name(class: ErrorClass) -> &'static str {
    match class {
        ErrorClass::Throttled => "throttled",
        ErrorClass::Transient => "transient",
        ErrorClass::Conflict => "conflict",
        ErrorClass::NotFound => "notFound",
        ErrorClass::Invalid => "invalid",
        ErrorClass::Unauthorized => "unauthorized",
        ErrorClass::Fatal => "fatal",
    }
}

fn class_of(name: &str) -> Option<ErrorClass> {
    Some(match name {
        "throttled" => ErrorClass::Throttled,
        "transient" => ErrorClass::Transient,
        "conflict" => ErrorClass::Conflict,
        "notFound" => ErrorClass::NotFound,
        "invalid" => ErrorClass::Invalid,
        "unauthorized" => ErrorClass::Unauthorized,
        "fatal" => ErrorClass::Fatal,
        _ => return None,
    })
}

pub(super) fn change(writing: &Writing<'_>, object: Object, change: &EscrowChange) -> Result<(), Fault> {
    let Object { job, object_type, key } = object;
    match change {
        EscrowChange::Clear => {
            let sql = "DELETE FROM escrow WHERE object = ?1 AND type = ?2";
            query::execute(writing, sql, [key, object_type])?;
        }
        EscrowChange::Set(escrow) => {
            let sql = "INSERT INTO escrow (job, type, object, attempts, since, due, class, message) \
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO UPDATE SET \
                       attempts = excluded.attempts, since = excluded.since, due = excluded.due, \
                       class = excluded.class, message = excluded.message";
            let (since, due) = (codec::micros(escrow.since), codec::micros(escrow.due));
            let class = class_name(escrow.class);
            let params = params![job, object_type, key, escrow.attempts, since, due, class, escrow.message];
            query::execute(writing, sql, params)?;
        }
    }
    Ok(())
}

pub(super) fn find(
    connection: &Connection,
    job: JobKey,
    object_type: &ObjectType,
    anchor: &Anchor,
) -> Result<Option<Escrow>, Fault> {
    let Some(object_type) = links::type_key(connection, object_type)? else { return Ok(None) };
    let sql = format!("{SELECT} WHERE o.job = ?1 AND o.anchor = ?2 AND e.type = ?3");
    query::first(connection, &sql, params![job.0, Foreign(anchor.as_str()), object_type], escrow)
}

pub(super) fn due(
    connection: &Connection,
    job: JobKey,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<Escrow>, Fault> {
    let sql = format!("{SELECT} WHERE e.job = ?1 AND e.due <= ?2 ORDER BY e.due, e.key LIMIT ?3");
    query::all(connection, &sql, params![job.0, codec::micros(now), query::limit(limit)], escrow)
}

/// When the next escrow is due, in microseconds.
pub(super) fn next_due(connection: &Connection, job: JobKey) -> Result<Option<i64>, Fault> {
    let sql = "SELECT min(due) FROM escrow WHERE job = ?1";
    Ok(query::first(connection, sql, [job.0], |row| Ok(row.get(0)?))?.flatten())
}
