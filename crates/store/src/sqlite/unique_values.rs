//! Values that only one object of a kind may have, besides its unique key. An object in the recycle bin keeps
//! its own, and they count again when it is restored.

use rusqlite::params;

use super::fault::Fault;
use super::query;
use super::writer::Writing;
use crate::directory::ObjectKind;

/// Makes these the values of an object.
///
/// # Errors
/// A conflict for a value that another object of the kind has.
pub(super) fn set(
    writing: &Writing<'_>,
    kind: ObjectKind,
    object: i64,
    values: &[(&'static str, String)],
) -> Result<(), Fault> {
    let mut wanted: Vec<(String, String)> =
        values.iter().map(|(property, value)| ((*property).to_owned(), value.clone())).collect();
    wanted.sort_unstable();
    wanted.dedup();
    if wanted == of(writing, object)? {
        return Ok(());
    }
    refuse_taken(writing, kind, object, &wanted)?;
    purge(writing, object)?;
    for (property, value) in wanted {
        let sql = "INSERT INTO unique_value (kind, property, value, object) VALUES (?1, ?2, ?3, ?4)";
        query::execute(writing, sql, params![kind, property, value, object])?;
    }
    Ok(())
}

/// Refuses to bring back an object whose values others have by now.
///
/// # Errors
/// A conflict that names the property.
pub(super) fn check_restored(writing: &Writing<'_>, kind: ObjectKind, object: i64) -> Result<(), Fault> {
    refuse_taken(writing, kind, object, &of(writing, object)?)
}

/// Forgets the values of an object.
pub(super) fn purge(writing: &Writing<'_>, object: i64) -> Result<(), Fault> {
    query::execute(writing, "DELETE FROM unique_value WHERE object = ?1", [object])?;
    Ok(())
}

fn of(writing: &Writing<'_>, object: i64) -> Result<Vec<(String, String)>, Fault> {
    let sql = "SELECT property, value FROM unique_value WHERE object = ?1 ORDER BY property, value";
    query::all(writing, sql, [object], |row| Ok((row.get(0)?, row.get(1)?)))
}

fn refuse_taken(
    writing: &Writing<'_>,
    kind: ObjectKind,
    own: i64,
    values: &[(String, String)],
) -> Result<(), Fault> {
    let sql = "SELECT 1 FROM unique_value v JOIN directory_object o ON o.seq = v.object \
               WHERE v.kind = ?1 AND v.property = ?2 AND v.value = ?3 AND o.state = 0 AND o.seq <> ?4";
    for (property, value) in values {
        if query::exists(writing, sql, params![kind, property, value, own])? {
            return Err(Fault::conflict(property));
        }
    }
    Ok(())
}
