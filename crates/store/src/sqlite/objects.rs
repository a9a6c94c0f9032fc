//! Objects of the directory.

use jiff::Timestamp;
use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, Row, ToSql, params};
use serde_json::Map;
use uuid::Uuid;

use super::fault::Fault;
use super::writer::Writing;
use super::{assignments, codec, edges, indexed_values, query, unique_values};
use crate::directory::{
    ChangeNumber, DirectoryObject, IndexedKeys, NewObject, ObjectChange, ObjectKind, ObjectPage, Place,
};
use crate::properties::Properties;

/// The columns of an object `o`, as [`object`] reads them.
pub(super) const COLUMNS: &str = "o.seq, o.id, o.kind, o.state, o.body, o.created, o.deleted, o.changed";

/// An object with the store's key.
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) seq: i64,
    pub(super) object: DirectoryObject,
}

impl ToSql for ObjectKind {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(match self {
            Self::User => 0,
            Self::Group => 1,
            Self::Application => 2,
            Self::ServicePrincipal => 3,
        }))
    }
}

/// Reads back an [`ObjectKind`].
pub(super) fn kind(row: &Row<'_>, column: usize) -> Result<ObjectKind, Fault> {
    match row.get::<_, i64>(column)? {
        0 => Ok(ObjectKind::User),
        1 => Ok(ObjectKind::Group),
        2 => Ok(ObjectKind::Application),
        3 => Ok(ObjectKind::ServicePrincipal),
        other => Err(codec::unreadable(row, column, format!("there is no kind {other}"))),
    }
}

/// Reads [`COLUMNS`] beginning with column `first`.
pub(super) fn object(row: &Row<'_>, first: usize) -> Result<Stored, Fault> {
    let purged = row.get::<_, i64>(first + 3)? == 2;
    let deleted = match row.get::<_, Option<i64>>(first + 6)? {
        Some(_) => Some(codec::time(row, first + 6)?),
        None => None,
    };
    let object = DirectoryObject {
        id: codec::id(row, first + 1)?,
        kind: kind(row, first + 2)?,
        properties: if purged { Properties::default() } else { codec::properties(row, first + 4)? },
        created: codec::time(row, first + 5)?,
        deleted,
        purged,
        changed: ChangeNumber(row.get(first + 7)?),
    };
    Ok(Stored { seq: row.get(first)?, object })
}

/// The object with this id, in whatever state.
pub(super) fn find(connection: &Connection, id: Uuid) -> Result<Option<Stored>, Fault> {
    let sql = format!("SELECT {COLUMNS} FROM directory_object o WHERE o.id = ?1");
    query::first(connection, &sql, [id.as_bytes()], |row| object(row, 0))
}

/// The object with this id, if it is there and not deleted.
pub(super) fn find_live(connection: &Connection, id: Uuid) -> Result<Option<Stored>, Fault> {
    Ok(find(connection, id)?.filter(|stored| stored.object.deleted.is_none() && !stored.object.purged))
}

/// The object of a kind with this unique key, not deleted.
pub(super) fn find_by_key(
    connection: &Connection,
    kind: ObjectKind,
    key: &str,
) -> Result<Option<DirectoryObject>, Fault> {
    let sql = format!(
        "SELECT {COLUMNS} FROM directory_object o WHERE o.kind = ?1 AND o.unique_key = ?2 AND o.state = 0"
    );
    query::first(connection, &sql, params![kind, key], |row| Ok(object(row, 0)?.object))
}

/// As [`find_live`], and an error when it is not there.
pub(super) fn need_live(connection: &Connection, id: Uuid) -> Result<Stored, Fault> {
    find_live(connection, id)?.ok_or_else(|| Fault::not_found(format!("object {id}")))
}

/// The newest change that is stored.
pub(super) fn newest_change(connection: &Connection) -> Result<ChangeNumber, Fault> {
    // Every change of a relationship is one of the object that has it. A kind at a time, as the index is.
    let mut newest: i64 =
        connection.query_row("SELECT coalesce(max(seq), 0) FROM touch", [], |row| row.get(0))?;
    for kind in [ObjectKind::User, ObjectKind::Group, ObjectKind::Application, ObjectKind::ServicePrincipal] {
        let sql = "SELECT coalesce(max(changed), 0) FROM directory_object WHERE kind = ?1";
        newest = newest.max(connection.query_row(sql, [kind], |row| row.get(0))?);
    }
    Ok(ChangeNumber(newest))
}

/// Gives an object a new change number.
pub(super) fn bump(writing: &Writing<'_>, seq: i64) -> Result<ChangeNumber, Fault> {
    let changed = writing.next_change();
    query::execute(writing, "UPDATE directory_object SET changed = ?2 WHERE seq = ?1", [seq, changed.0])?;
    Ok(changed)
}

/// Refuses a unique key that another object of the kind has.
fn check_unique(
    writing: &Writing<'_>,
    kind: ObjectKind,
    key: &str,
    own: i64,
    name: &str,
) -> Result<(), Fault> {
    let sql =
        "SELECT 1 FROM directory_object WHERE kind = ?1 AND unique_key = ?2 AND state = 0 AND seq <> ?3";
    if query::exists(writing, sql, params![kind, key, own])? {
        return Err(Fault::conflict(name));
    }
    Ok(())
}

/// The property behind the unique key of a kind: what a restored object clashes over.
fn unique_property(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::User => "userPrincipalName",
        ObjectKind::Group => "displayName",
        ObjectKind::Application | ObjectKind::ServicePrincipal => "appId",
    }
}

pub(super) fn create(writing: &Writing<'_>, new: &NewObject) -> Result<DirectoryObject, Fault> {
    let NewObject { id, kind, properties, keys, created, edges } = new;
    if find(writing, *id)?.is_some() {
        return Err(Fault::conflict("id"));
    }
    let IndexedKeys { unique, name, further } = keys;
    if let Some((property, key)) = unique {
        check_unique(writing, *kind, key, 0, property)?;
    }
    let changed = writing.next_change();
    let body = codec::json("object", properties)?;
    let created = codec::micros(*created);
    let unique = unique.as_ref().map(|(_, key)| key);
    let sql = "INSERT INTO directory_object (id, kind, state, body, unique_key, name_key, created, changed) \
               VALUES (?1, ?2, 0, ?3, ?4, ?5, ?6, ?7)";
    query::execute(writing, sql, params![id.as_bytes(), kind, body, unique, name, created, changed.0])?;
    let stored = need_live(writing, *id)?;
    unique_values::set(writing, *kind, stored.seq, further)?;
    indexed_values::set(writing, *kind, stored.seq, &Map::new(), properties)?;
    for edge in edges {
        edges::add(writing, &stored, *edge)?;
    }
    Ok(need_live(writing, *id)?.object)
}

pub(super) fn update(
    writing: &Writing<'_>,
    id: Uuid,
    change: &ObjectChange,
) -> Result<Option<DirectoryObject>, Fault> {
    let Some(stored) = find_live(writing, id)? else { return Ok(None) };
    let ObjectChange { properties, keys: IndexedKeys { unique, name, further }, edges } = change;
    if let Some((property, key)) = unique {
        check_unique(writing, stored.object.kind, key, stored.seq, property)?;
    }
    if stored.object.properties != *properties {
        let changed = writing.next_change();
        let body = codec::json("object", properties)?;
        let unique = unique.as_ref().map(|(_, key)| key);
        let sql = "UPDATE directory_object SET body = ?2, unique_key = ?3, name_key = ?4, changed = ?5 \
                   WHERE seq = ?1";
        query::execute(writing, sql, params![stored.seq, body, unique, name, changed.0])?;
        unique_values::set(writing, stored.object.kind, stored.seq, further)?;
        indexed_values::set(writing, stored.object.kind, stored.seq, &stored.object.properties, properties)?;
    }
    for edge in edges {
        edges::add(writing, &stored, *edge)?;
    }
    Ok(Some(need_live(writing, id)?.object))
}

pub(super) fn soft_delete(writing: &Writing<'_>, id: Uuid, at: Timestamp) -> Result<bool, Fault> {
    let Some(stored) = find_live(writing, id)? else { return Ok(false) };
    bump(writing, stored.seq)?;
    let sql = "UPDATE directory_object SET state = 1, deleted = ?2 WHERE seq = ?1";
    query::execute(writing, sql, [stored.seq, codec::micros(at)])?;
    assignments::touch_members(writing, &stored)?;
    Ok(true)
}

fn find_deleted(connection: &Connection, id: Uuid) -> Result<Option<Stored>, Fault> {
    Ok(find(connection, id)?.filter(|stored| stored.object.deleted.is_some() && !stored.object.purged))
}

pub(super) fn restore(writing: &Writing<'_>, id: Uuid) -> Result<Option<DirectoryObject>, Fault> {
    let Some(stored) = find_deleted(writing, id)? else { return Ok(None) };
    let sql = "SELECT unique_key FROM directory_object WHERE seq = ?1";
    let key: Option<String> = query::first(writing, sql, [stored.seq], |row| Ok(row.get(0)?))?.flatten();
    if let Some(key) = key {
        let kind = stored.object.kind;
        check_unique(writing, kind, &key, stored.seq, unique_property(kind))?;
    }
    unique_values::check_restored(writing, stored.object.kind, stored.seq)?;
    bump(writing, stored.seq)?;
    query::execute(
        writing,
        "UPDATE directory_object SET state = 0, deleted = NULL WHERE seq = ?1",
        [stored.seq],
    )?;
    assignments::touch_members(writing, &stored)?;
    Ok(Some(need_live(writing, id)?.object))
}

pub(super) fn purge(writing: &Writing<'_>, id: Uuid) -> Result<bool, Fault> {
    let Some(stored) = find_deleted(writing, id)? else { return Ok(false) };
    edges::purge(writing, stored.seq)?;
    assignments::purge(writing, stored.seq)?;
    unique_values::purge(writing, stored.seq)?;
    let Stored { seq, object } = &stored;
    indexed_values::set(writing, object.kind, *seq, &object.properties, &Map::new())?;
    bump(writing, stored.seq)?;
    let sql = "UPDATE directory_object SET state = 2, deleted = NULL, body = '', unique_key = NULL, \
               name_key = NULL WHERE seq = ?1";
    query::execute(writing, sql, [stored.seq])?;
    Ok(true)
}

/// A page of rows that consist of a place and an object.
pub(super) fn page(
    connection: &Connection,
    sql: &str,
    params: impl rusqlite::Params,
    limit: usize,
) -> Result<ObjectPage, Fault> {
    let mut page = ObjectPage::default();
    for (seq, object) in query::all(connection, sql, params, |row| Ok((row.get(0)?, object(row, 1)?.object)))?
    {
        page.places.push(Place { seq, ..Place::default() });
        page.objects.push(object);
    }
    page.next = page.places.last().filter(|_| page.places.len() >= limit).cloned();
    Ok(page)
}
