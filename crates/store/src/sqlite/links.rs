//! Which source object belongs to which target object.

use provisor_engine::object::{Anchor, Link, ObjectType, TargetId};
use provisor_engine::ports::{JobKey, LinkChange, LinkRow};
use rusqlite::{Connection, params};

use super::codec::{self, Foreign};
use super::fault::Fault;
use super::writer::Writing;
use super::{query, references};

/// An object that is being settled.
#[derive(Clone, Copy)]
pub(super) struct Object {
    pub(super) job: i64,
    pub(super) object_type: i64,
    /// The key of its anchor.
    pub(super) key: i64,
}

/// The key of an anchor; `None` when the job has nothing to remember of it.
pub(super) fn anchor_key(connection: &Connection, job: i64, anchor: &Anchor) -> Result<Option<i64>, Fault> {
    let sql = "SELECT key FROM source_object WHERE job = ?1 AND anchor = ?2";
    query::first(connection, sql, params![job, Foreign(anchor.as_str())], |row| Ok(row.get(0)?))
}

/// As [`anchor_key`], and made when it is new.
pub(super) fn make_anchor_key(writing: &Writing<'_>, job: i64, anchor: &Anchor) -> Result<i64, Fault> {
    if let Some(key) = anchor_key(writing, job, anchor)? {
        return Ok(key);
    }
    let sql = "INSERT INTO source_object (job, anchor) VALUES (?1, ?2)";
    query::execute(writing, sql, params![job, Foreign(anchor.as_str())])?;
    Ok(writing.last_insert_rowid())
}

/// The key of an object type; `None` when the store has never seen it.
pub(super) fn type_key(connection: &Connection, name: &ObjectType) -> Result<Option<i64>, Fault> {
    let sql = "SELECT key FROM object_type WHERE name = ?1";
    query::first(connection, sql, [name.as_str()], |row| Ok(row.get(0)?))
}

/// As [`type_key`], and made when it is new.
pub(super) fn make_type_key(writing: &Writing<'_>, name: &ObjectType) -> Result<i64, Fault> {
    if let Some(key) = type_key(writing, name)? {
        return Ok(key);
    }
    query::execute(writing, "INSERT INTO object_type (name) VALUES (?1)", [name.as_str()])?;
    Ok(writing.last_insert_rowid())
}

pub(super) fn links(
    connection: &Connection,
    job: JobKey,
    object_type: &ObjectType,
    anchors: &[Anchor],
) -> Result<Vec<Option<TargetId>>, Fault> {
    let Some(object_type) = type_key(connection, object_type)? else { return Ok(vec![None; anchors.len()]) };
    let sql = "SELECT o.key, l.target FROM source_object o JOIN link l ON l.object = o.key AND l.type = ?3 \
               WHERE o.job = ?1 AND o.anchor = ?2";
    let find = |anchor: &Anchor| {
        let params = params![job.0, Foreign(anchor.as_str()), object_type];
        query::first(connection, sql, params, |row| codec::foreign(row, 1).map(TargetId::new))
    };
    anchors.iter().map(find).collect()
}

pub(super) fn linked_anchor(
    connection: &Connection,
    job: JobKey,
    object_type: &ObjectType,
    target: &TargetId,
) -> Result<Option<Anchor>, Fault> {
    let Some(object_type) = type_key(connection, object_type)? else { return Ok(None) };
    let sql = "SELECT l.key, o.anchor FROM link l JOIN source_object o ON o.key = l.object \
               WHERE l.job = ?1 AND l.target = ?2 AND l.type = ?3 ORDER BY l.key LIMIT 1";
    let params = params![job.0, Foreign(target.as_str()), object_type];
    query::first(connection, sql, params, |row| codec::foreign(row, 1).map(Anchor::new))
}

/// A sweep asks for these once, page by page: it walks the table and needs no index, which every settled
/// object would have to pay for.
pub(super) fn unseen(
    connection: &Connection,
    job: JobKey,
    sweep: i64,
    after: i64,
    limit: usize,
) -> Result<Vec<LinkRow>, Fault> {
    let sql = "SELECT l.key, t.name, o.anchor, l.target FROM link l NOT INDEXED \
               CROSS JOIN object_type t ON t.key = l.type CROSS JOIN source_object o ON o.key = l.object \
               WHERE l.key > ?1 AND l.job = ?2 AND l.seen < ?3 ORDER BY l.key LIMIT ?4";
    query::all(connection, sql, params![after, job.0, sweep, query::limit(limit)], |row| {
        Ok(LinkRow {
            key: row.get(0)?,
            object_type: ObjectType::new(row.get::<_, String>(1)?),
            link: Link {
                anchor: Anchor::new(codec::foreign(row, 2)?),
                target: TargetId::new(codec::foreign(row, 3)?),
            },
        })
    })
}

/// How an object stands after its link was settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Linked {
    pub(super) now: bool,
    /// Whether it was not linked before.
    pub(super) newly: bool,
}

/// Settles a link and what hangs on it.
pub(super) fn change(
    writing: &Writing<'_>,
    object: Object,
    change: &LinkChange,
    sweep: i64,
) -> Result<Linked, Fault> {
    let Object { job, object_type, key: object_key } = object;
    let sql = "SELECT key, seen, target FROM link WHERE object = ?1 AND type = ?2";
    let found = query::first(writing, sql, [object_key, object_type], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, codec::foreign(row, 2)?))
    })?;
    match (found, change) {
        (None, LinkChange::Keep) => Ok(Linked { now: false, newly: false }),
        (Some((key, seen, before)), LinkChange::Set(target)) if before != target.as_str() => {
            let sql = "UPDATE link SET target = ?2, seen = ?3 WHERE key = ?1";
            query::execute(writing, sql, params![key, Foreign(target.as_str()), sweep.max(seen)])?;
            references::forget_exports(writing, object)?;
            Ok(Linked { now: true, newly: false })
        }
        (Some((key, seen, _)), LinkChange::Keep | LinkChange::Set(_)) => {
            if seen < sweep {
                query::execute(writing, "UPDATE link SET seen = ?2 WHERE key = ?1", [key, sweep])?;
            }
            Ok(Linked { now: true, newly: false })
        }
        (None, LinkChange::Set(target)) => {
            let sql = "INSERT INTO link (job, type, object, target, seen) VALUES (?1, ?2, ?3, ?4, ?5)";
            let target = Foreign(target.as_str());
            query::execute(writing, sql, params![job, object_type, object_key, target, sweep])?;
            references::wake(writing, object)?;
            Ok(Linked { now: true, newly: true })
        }
        (found, LinkChange::Remove) => {
            if let Some((key, ..)) = found {
                query::execute(writing, "DELETE FROM link WHERE key = ?1", [key])?;
            }
            references::unlink(writing, object)?;
            Ok(Linked { now: false, newly: false })
        }
    }
}

/// Remembers, or forgets, that changes of a linked object's references were passed over.
pub(super) fn set_missed(writing: &Writing<'_>, object: Object, missed: bool) -> Result<(), Fault> {
    let sql = "UPDATE link SET missed = ?3 WHERE object = ?1 AND type = ?2 AND missed <> ?3";
    query::execute(writing, sql, params![object.key, object.object_type, missed])?;
    Ok(())
}

/// Whether changes of an object's references were passed over.
pub(super) fn missed(
    connection: &Connection,
    job: JobKey,
    object_type: &ObjectType,
    anchor: &Anchor,
) -> Result<bool, Fault> {
    let Some(object_type) = type_key(connection, object_type)? else { return Ok(false) };
    let Some(key) = anchor_key(connection, job.0, anchor)? else { return Ok(false) };
    let sql = "SELECT 1 FROM link WHERE object = ?1 AND type = ?2 AND missed = 1";
    query::exists(connection, sql, [key, object_type])
}

/// Whether an object is linked, whatever its type: references do not tell the type of what they refer to.
pub(super) fn is_linked(connection: &Connection, key: i64) -> Result<bool, Fault> {
    query::exists(connection, "SELECT 1 FROM link WHERE object = ?1", [key])
}
