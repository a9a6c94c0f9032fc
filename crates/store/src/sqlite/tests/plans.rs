//! How SQLite carries the statements out: whichever test runs one, it must not read a table from end to end.

use std::collections::HashSet;
use std::sync::{LazyLock, Mutex, PoisonError};

use provisor_engine::log::Status;
use rusqlite::Connection;
use uuid::Uuid;

use crate::log::{LogPlace, LogQuery};
use crate::sqlite::codec::Foreign;
use crate::sqlite::{log, migrate};

/// Tables that are read as a whole on purpose: jobs are few, the log is walked by its key, page by page, and
/// what a recursive statement reached is what it gives.
const WALKED: [&str; 4] = ["SCAN CONSTANT ROW", "SCAN job", "SCAN provisioning_log", "SCAN reached"];

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

/// Whatever is asked of the log and in whichever order: an index leads to it, and nothing is sorted.
#[test]
fn the_log_is_read_in_the_order_of_its_indexes() {
    let mut connection = Connection::open_in_memory().unwrap();
    migrate::migrate(&mut connection).unwrap();
    let id = Some(Uuid::nil());
    for number in 0..32_u8 {
        let is = |bit: u8| number & (1 << bit) != 0;
        let query = LogQuery {
            cycle: id.filter(|_| is(0)),
            status: is(1).then_some(Status::Failure),
            after: is(2).then_some(LogPlace { micros: 0, sequence: 0 }),
            ascending: is(3),
            ..LogQuery::default()
        };
        // The index by status is one by job too.
        let sql = log::statement(&query, is(4) || (is(1) && !is(0)));
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().unwrap() {
            let step: String = row.get(3).unwrap();
            assert!(step.starts_with("SEARCH provisioning_log") && step.contains("at>"), "{step}: {sql}");
        }
    }
}

/// Entries of the first layout are found by change and by source as well.
#[test]
fn old_entries_are_looked_up_too() {
    let mut connection = Connection::open_in_memory().unwrap();
    migrate::apply_first(&mut connection).unwrap();
    let source = "5d2b9d0f-0d5d-4b7e-9a4d-1f6f2f2d7c10";
    for id in [source, "5D2B9D0F-0D5D-4B7E-9A4D-1F6F2F2D7C10", "701984", ""] {
        let body = format!(r#"{{"change":"{source}","source":{{"id":"{id}"}}}}"#);
        let sql = "INSERT INTO provisioning_log (id, job, cycle, at, status, body) VALUES (x'00', 1, x'00', 1, 0, ?1)";
        connection.execute(sql, [body]).unwrap();
    }
    migrate::migrate(&mut connection).unwrap();
    let count = |sql: &str, value: &dyn rusqlite::ToSql| -> i64 {
        connection.query_row(sql, [value], |row| row.get(0)).unwrap()
    };
    let sql = "SELECT count(*) FROM log_lookup WHERE part = 0 AND what = 1 AND value = ?1";
    for id in [source, "5D2B9D0F-0D5D-4B7E-9A4D-1F6F2F2D7C10", "701984"] {
        assert_eq!(count(sql, &Foreign(id)), 1, "{id}");
    }
    let sql = "SELECT count(*) FROM log_lookup WHERE part = 0 AND what = 0 AND value = ?1";
    assert_eq!(count(sql, &Foreign(source)), 4);
}
