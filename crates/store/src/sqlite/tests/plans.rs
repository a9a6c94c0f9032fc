//! How SQLite carries the statements out: whichever test runs one, it must not read a table from end to end.

use std::collections::HashSet;
use std::sync::{LazyLock, Mutex, PoisonError};

use rusqlite::Connection;

/// Tables that are read as a whole on purpose: jobs are few, and the log is walked by its key, page by page.
const WALKED: [&str; 3] = ["SCAN CONSTANT ROW", "SCAN job", "SCAN provisioning_log"];

/// Statements whose plan was looked at.
static SEEN: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);

/// Fails when a statement scans a table, or makes an index of its own to get around that.
pub(in crate::sqlite) fn observe(connection: &Connection, sql: &str) {
    let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    if seen.contains(sql) {
        return;
    }
    if let Err(step) = check(connection, sql) {
        panic!("this statement costs as much as the table is long ({step}): {sql}");
    }
    seen.insert(sql.to_owned());
}

fn check(connection: &Connection, sql: &str) -> Result<(), String> {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next().unwrap() {
        let step: String = row.get(3).unwrap();
        let scans = step.starts_with("SCAN ") && !WALKED.contains(&step.as_str());
        if scans || step.contains("AUTOMATIC") {
            return Err(step);
        }
    }
    Ok(())
}

#[test]
fn scans_are_seen() {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch("CREATE TABLE a (b INTEGER PRIMARY KEY, c); CREATE TABLE d (e)").unwrap();
    check(&connection, "SELECT c FROM a WHERE b = ?1").unwrap();
    for sql in [
        "SELECT b FROM a WHERE c = ?1",
        "DELETE FROM d WHERE e = 1",
        "SELECT 1 FROM a JOIN d ON e = c WHERE b = 1",
    ] {
        check(&connection, sql).unwrap_err();
    }
}
