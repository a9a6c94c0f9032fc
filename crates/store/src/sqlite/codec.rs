//! How values stand in columns.

use jiff::Timestamp;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Row, ToSql};
use uuid::Uuid;

use super::fault::Fault;
use crate::properties::Properties;

/// An id that another system gave: 16 bytes when it is a GUID in its canonical spelling, else text. Both read
/// back as they were written.
pub(super) struct Foreign<'a>(pub(super) &'a str);

impl ToSql for Foreign<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let canonical = self.0.len() == 36 && !self.0.bytes().any(|byte| byte.is_ascii_uppercase());
        match Uuid::try_parse(self.0) {
            Ok(id) if canonical => Ok(ToSqlOutput::Owned(id.into_bytes().to_vec().into())),
            _ => Ok(ToSqlOutput::Borrowed(ValueRef::Text(self.0.as_bytes()))),
        }
    }
}

/// Reads back what [`Foreign`] wrote.
pub(super) fn foreign(row: &Row<'_>, column: usize) -> Result<String, Fault> {
    match row.get_ref(column)? {
        ValueRef::Text(text) => {
            String::from_utf8(text.to_vec()).map_err(|error| unreadable(row, column, error))
        }
        ValueRef::Blob(bytes) => {
            let id = Uuid::from_slice(bytes).map_err(|error| unreadable(row, column, error))?;
            Ok(id.to_string())
        }
        other => Err(unreadable(row, column, format!("a foreign id of type {}", other.data_type()))),
    }
}

/// A directory id.
pub(super) fn id(row: &Row<'_>, column: usize) -> Result<Uuid, Fault> {
    Ok(Uuid::from_bytes(row.get(column)?))
}

/// A time; what is below a microsecond is lost.
pub(super) fn micros(time: Timestamp) -> i64 {
    time.as_microsecond()
}

/// Reads back what [`micros`] wrote.
pub(super) fn time(row: &Row<'_>, column: usize) -> Result<Timestamp, Fault> {
    Timestamp::from_microsecond(row.get(column)?).map_err(|error| unreadable(row, column, error))
}

/// A slot: a number of which all bits count.
pub(super) fn slot(slot: usize) -> i64 {
    (slot as u64).cast_signed()
}

/// Reads back what [`slot`] wrote.
pub(super) fn unslot(row: &Row<'_>, column: usize) -> Result<usize, Fault> {
    usize::try_from(row.get::<_, i64>(column)?.cast_unsigned())
        .map_err(|error| unreadable(row, column, error))
}

/// A count.
pub(super) fn count(row: &Row<'_>, column: usize) -> Result<u64, Fault> {
    u64::try_from(row.get::<_, i64>(column)?).map_err(|error| unreadable(row, column, error))
}

/// Writes a document.
pub(super) fn json(what: &str, value: &impl serde::Serialize) -> Result<String, Fault> {
    serde_json::to_string(value)
        .map_err(|error| Fault::refused(format!("the {what} cannot be written: {error}")))
}

/// Reads a document.
pub(super) fn parse<T: serde::de::DeserializeOwned>(row: &Row<'_>, column: usize) -> Result<T, Fault> {
    let text = row.get_ref(column)?.as_str().map_err(|error| unreadable(row, column, error))?;
    serde_json::from_str(text).map_err(|error| unreadable(row, column, error))
}

/// The properties of an object.
pub(super) fn properties(row: &Row<'_>, column: usize) -> Result<Properties, Fault> {
    let text = row.get_ref(column)?.as_str().map_err(|error| unreadable(row, column, error))?;
    Properties::parse(text).map_err(|error| unreadable(row, column, error))
}

/// The fault of a value that does not read back.
pub(super) fn unreadable(row: &Row<'_>, column: usize, reason: impl std::fmt::Display) -> Fault {
    let key: i64 = row.get(0).unwrap_or_default();
    let name = row.as_ref().column_name(column).unwrap_or("value").to_owned();
    Fault::corrupt(format!("column {name} of the row beginning with {key}"), reason)
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    #[test]
    fn foreign_ids_read_back_as_they_were_written() {
        let connection = Connection::open_in_memory().unwrap();
        for (text, kind) in [
            ("0f8fad5b-d9cb-469f-a165-70867728950e", "blob"),
            ("0F8FAD5B-D9CB-469F-A165-70867728950E", "text"),
            ("0f8fad5bd9cb469fa16570867728950e", "text"),
            ("{0f8fad5b-d9cb-469f-a165-70867728950e}", "text"),
            ("0123456789abcdef", "text"),
            ("cn=Ida,ou=Ærø", "text"),
            ("", "text"),
        ] {
            let sql = "SELECT ?1, typeof(?1)";
            let (read, stored) = connection
                .query_row(sql, [Foreign(text)], |row| {
                    Ok((foreign(row, 0).unwrap(), row.get::<_, String>(1)?))
                })
                .unwrap();
            assert_eq!((read.as_str(), stored.as_str()), (text, kind));
        }
    }

    #[test]
    fn slots_keep_all_their_bits() {
        let connection = Connection::open_in_memory().unwrap();
        for number in [0, 7, usize::MAX, 1 << (usize::BITS - 1)] {
            let read =
                connection.query_row("SELECT ?1", [slot(number)], |row| Ok(unslot(row, 0).unwrap())).unwrap();
            assert_eq!(read, number);
        }
    }
}
