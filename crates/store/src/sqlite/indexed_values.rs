//! Values that lookups find objects by, in one table for all properties.

use rusqlite::{Connection, params};
use serde_json::Map;

use super::fault::Fault;
use super::objects::{self, COLUMNS, Stored};
use super::query;
use super::writer::Writing;
use crate::directory::ObjectKind;
use crate::indexed;

/// Objects that are read at a time when the table is filled.
const CHUNK: usize = 500;

/// Makes the rows of an object those of its new properties.
pub(super) fn set(
    writing: &Writing<'_>,
    kind: ObjectKind,
    seq: i64,
    before: &Map<String, serde_json::Value>,
    after: &Map<String, serde_json::Value>,
) -> Result<(), Fault> {
    let (before, after) = (indexed::rows(kind, before), indexed::rows(kind, after));
    for (property, value) in before.iter().filter(|row| !after.contains(row)) {
        let sql = "DELETE FROM indexed_value WHERE property = ?1 AND value = ?2 AND object = ?3";
        query::execute(writing, sql, params![property, value, seq])?;
    }
    insert(writing, seq, after.iter().filter(|row| !before.contains(row)))
}

fn insert<'a>(
    connection: &Connection,
    seq: i64,
    rows: impl Iterator<Item = &'a (i64, String)>,
) -> Result<(), Fault> {
    for (property, value) in rows {
        let sql = "INSERT INTO indexed_value (property, value, object) VALUES (?1, ?2, ?3)";
        query::execute(connection, sql, params![property, value, seq])?;
    }
    Ok(())
}

/// Writes the rows of every object of a file that has none yet.
pub(super) fn fill(connection: &Connection) -> Result<(), Fault> {
    let mut after = 0;
    loop {
        let sql = format!(
            "SELECT {COLUMNS} FROM directory_object o WHERE o.seq > ?1 AND o.state <> 2 ORDER BY o.seq LIMIT ?2"
        );
        let params = [after, query::limit(CHUNK)];
        let chunk: Vec<Stored> = query::all(connection, &sql, params, |row| objects::object(row, 0))?;
        let Some(last) = chunk.last() else { return Ok(()) };
        after = last.seq;
        for Stored { seq, object } in &chunk {
            insert(connection, *seq, indexed::rows(object.kind, &object.properties).iter())?;
        }
    }
}
