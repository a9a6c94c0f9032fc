//! Relationships between directory objects.
//!
//! A relationship that was taken away keeps its row, so that the change feed can tell of it. The number of
//! its newest change orders listings too: of one that is there, that is its making.

use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, ToSql, params};
use uuid::Uuid;

use super::fault::Fault;
use super::objects::{self, COLUMNS, Stored};
use super::writer::Writing;
use super::{assignments, codec, query};
use crate::directory::{ChangeNumber, EdgeChange, EdgeKind, NewEdge, ObjectPage, Place};

impl ToSql for EdgeKind {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(match self {
            Self::Member => 0,
            Self::Manager => 1,
            Self::Owner => 2,
        }))
    }
}

/// Adds a relationship of `holder`; `false` when it is there.
pub(super) fn add(writing: &Writing<'_>, holder: &Stored, edge: NewEdge) -> Result<bool, Fault> {
    let other = objects::need_live(writing, edge.to)?;
    let sql = "SELECT 1 FROM edge WHERE from_object = ?1 AND kind = ?2 AND to_object = ?3 AND present = 1";
    if query::exists(writing, sql, params![holder.seq, edge.kind, other.seq])? {
        return Ok(false);
    }
    if edge.kind == EdgeKind::Manager {
        let sql = "SELECT to_object FROM edge WHERE from_object = ?1 AND kind = ?2 AND present = 1";
        for before in query::all(writing, sql, params![holder.seq, edge.kind], |row| Ok(row.get(0)?))? {
            set(writing, holder.seq, edge.kind, before, false)?;
        }
    }
    set(writing, holder.seq, edge.kind, other.seq, true)?;
    if edge.kind == EdgeKind::Member {
        assignments::touch_member(writing, holder.seq, &other)?;
    }
    Ok(true)
}

/// Takes a relationship of `holder` away; `false` when it is not there.
pub(super) fn remove(writing: &Writing<'_>, holder: &Stored, edge: NewEdge) -> Result<bool, Fault> {
    let Some(other) = objects::find(writing, edge.to)? else { return Ok(false) };
    let sql = "SELECT 1 FROM edge WHERE from_object = ?1 AND kind = ?2 AND to_object = ?3 AND present = 1";
    if !query::exists(writing, sql, params![holder.seq, edge.kind, other.seq])? {
        return Ok(false);
    }
    set(writing, holder.seq, edge.kind, other.seq, false)?;
    if edge.kind == EdgeKind::Member {
        assignments::touch_member(writing, holder.seq, &other)?;
    }
    Ok(true)
}

/// Takes everything away that relates to or from an object that is gone for good.
pub(super) fn purge(writing: &Writing<'_>, seq: i64) -> Result<(), Fault> {
    query::execute(writing, "DELETE FROM edge WHERE from_object = ?1", [seq])?;
    let sql = "SELECT from_object, kind FROM edge WHERE to_object = ?1 AND present = 1 ORDER BY changed";
    let holders: Vec<(i64, i64)> = query::all(writing, sql, [seq], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for (holder, kind) in holders {
        set(writing, holder, kind, seq, false)?;
    }
    Ok(())
}

/// Makes or takes away; a change of the object that has the relationship.
fn set(writing: &Writing<'_>, holder: i64, kind: impl ToSql, other: i64, present: bool) -> Result<(), Fault> {
    let changed = objects::bump(writing, holder)?;
    let sql = "INSERT INTO edge (kind, from_object, to_object, changed, present, nested) \
               SELECT ?1, ?2, ?3, ?4, ?5, ?1 = 0 AND kind = 1 FROM directory_object WHERE seq = ?3 \
               ON CONFLICT DO UPDATE SET changed = excluded.changed, present = excluded.present";
    query::execute(writing, sql, params![kind, holder, other, changed.0, present])?;
    Ok(())
}

/// What `from` is related to.
pub(super) fn related(
    connection: &Connection,
    from: Uuid,
    kind: EdgeKind,
    after: Option<Place>,
    limit: usize,
) -> Result<ObjectPage, Fault> {
    let Some(from) = objects::find(connection, from)? else { return Ok(ObjectPage::default()) };
    let sql = format!(
        "SELECT e.changed, {COLUMNS} FROM edge e JOIN directory_object o ON o.seq = e.to_object \
         WHERE e.from_object = ?1 AND e.kind = ?2 AND e.changed > ?3 AND e.present = 1 AND o.state = 0 \
         ORDER BY e.changed LIMIT ?4"
    );
    let params = params![from.seq, kind, after.map_or(0, |place| place.seq), query::limit(limit)];
    objects::page(connection, &sql, params, limit)
}

/// Whether an object has a relationship, both ends not deleted.
pub(super) fn is_related(connection: &Connection, from: Uuid, edge: NewEdge) -> Result<bool, Fault> {
    let ends = (objects::find_live(connection, from)?, objects::find_live(connection, edge.to)?);
    let (Some(from), Some(to)) = ends else { return Ok(false) };
    let sql = "SELECT 1 FROM edge WHERE from_object = ?1 AND kind = ?2 AND to_object = ?3 AND present = 1";
    query::exists(connection, sql, params![from.seq, edge.kind, to.seq])
}

/// The relationships of many objects at once.
pub(super) fn from_many(
    connection: &Connection,
    from: &[Uuid],
    kind: EdgeKind,
) -> Result<Vec<(Uuid, Uuid)>, Fault> {
    let sql = "SELECT h.seq, o.id FROM directory_object h JOIN edge e ON e.from_object = h.seq AND e.kind = ?2 \
               AND e.present = 1 JOIN directory_object o ON o.seq = e.to_object WHERE h.id = ?1";
    let mut pairs = Vec::with_capacity(from.len());
    for holder in from {
        let ends = query::all(connection, sql, params![holder.as_bytes(), kind], |row| codec::id(row, 1))?;
        pairs.extend(ends.into_iter().map(|end| (*holder, end)));
    }
    Ok(pairs)
}

/// What is related to `to`.
pub(super) fn relating(
    connection: &Connection,
    to: Uuid,
    kind: EdgeKind,
    after: Option<Place>,
    limit: usize,
) -> Result<ObjectPage, Fault> {
    let Some(to) = objects::find(connection, to)? else { return Ok(ObjectPage::default()) };
    let sql = format!(
        "SELECT e.changed, {COLUMNS} FROM edge e JOIN directory_object o ON o.seq = e.from_object \
         WHERE e.to_object = ?1 AND e.kind = ?2 AND e.changed > ?3 AND e.present = 1 AND o.state = 0 \
         ORDER BY e.changed LIMIT ?4"
    );
    let params = params![to.seq, kind, after.map_or(0, |place| place.seq), query::limit(limit)];
    objects::page(connection, &sql, params, limit)
}

/// Changes after the first and up to the second number; since zero, only what is there.
pub(super) fn changes(
    connection: &Connection,
    from: Uuid,
    kind: EdgeKind,
    (since, until): (ChangeNumber, ChangeNumber),
    limit: usize,
) -> Result<Vec<EdgeChange>, Fault> {
    let Some(from) = objects::find(connection, from)? else { return Ok(Vec::new()) };
    let sql = "SELECT e.changed, e.present, o.id, o.kind FROM edge e JOIN directory_object o \
               ON o.seq = e.to_object WHERE e.from_object = ?1 AND e.kind = ?2 AND e.changed > ?3 \
               AND e.changed <= ?4 AND (e.present = 1 OR ?3 > 0) ORDER BY e.changed LIMIT ?5";
    let params = params![from.seq, kind, since.0, until.0, query::limit(limit)];
    query::all(connection, sql, params, |row| {
        Ok(EdgeChange {
            to: codec::id(row, 2)?,
            to_kind: objects::kind(row, 3)?,
            present: row.get(1)?,
            changed: ChangeNumber(row.get(0)?),
        })
    })
}
