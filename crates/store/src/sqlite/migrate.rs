//! Brings the layout of a file up to date: forward only, checked first.

use aws_lc_rs::digest;
use rusqlite::{Connection, TransactionBehavior, params};

use super::fault::Fault;
use super::indexed_values;

/// A change of the layout.
struct Migration {
    sql: &'static str,
    /// What SQL cannot say, in the same transaction.
    then: fn(&Connection) -> Result<(), Fault>,
}

impl Migration {
    const fn new(sql: &'static str) -> Self {
        Self { sql, then: |_| Ok(()) }
    }
}

/// All migrations, in their order; the first has number 1. One that was released never changes.
const MIGRATIONS: &[Migration] = &[
    Migration::new(include_str!("../../migrations/sqlite/0001_initial.sql")),
    Migration {
        sql: include_str!("../../migrations/sqlite/0002_directory_lookups.sql"),
        then: indexed_values::fill,
    },
    Migration::new(include_str!("../../migrations/sqlite/0003_log_lookups.sql")),
];

/// Applies what is missing, each migration in a transaction of its own.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), Fault> {
    apply(connection, MIGRATIONS)
}

/// Brings a file to the first layout, for tests of what comes after it.
#[cfg(test)]
pub(super) fn apply_first(connection: &mut Connection) -> Result<(), Fault> {
    apply(connection, &MIGRATIONS[..1])
}

fn apply(connection: &mut Connection, migrations: &[Migration]) -> Result<(), Fault> {
    let applied: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let applied = usize::try_from(applied).unwrap_or(usize::MAX);
    if applied > migrations.len() {
        return Err(Fault::refused(format!(
            "its layout has version {applied} and this program knows versions up to {}; it was written by a \
             newer version of the program, use that one",
            migrations.len()
        )));
    }
    for (index, migration) in migrations.iter().enumerate() {
        let checksum = digest::digest(&digest::SHA256, migration.sql.as_bytes());
        if index < applied {
            check(connection, index + 1, checksum.as_ref())?;
        } else {
            run(connection, index + 1, migration, checksum.as_ref())?;
        }
    }
    Ok(())
}

fn run(
    connection: &mut Connection,
    number: usize,
    migration: &Migration,
    checksum: &[u8],
) -> Result<(), Fault> {
    let stored = i64::try_from(number).unwrap_or(i64::MAX);
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if number == 1 {
        let tables: i64 =
            transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        if tables > 0 {
            return Err(Fault::refused("it is a database of another program; choose another file".into()));
        }
        transaction.execute_batch(
            "CREATE TABLE migration (number INTEGER PRIMARY KEY, checksum BLOB NOT NULL) STRICT;",
        )?;
    }
    transaction.execute_batch(migration.sql)?;
    (migration.then)(&transaction)?;
    transaction
        .execute("INSERT INTO migration (number, checksum) VALUES (?1, ?2)", params![stored, checksum])?;
    transaction.pragma_update(None, "user_version", stored)?;
    transaction.commit()?;
    Ok(())
}

fn check(connection: &Connection, number: usize, checksum: &[u8]) -> Result<(), Fault> {
    let stored = i64::try_from(number).unwrap_or(i64::MAX);
    let sql = "SELECT checksum = ?2 FROM migration WHERE number = ?1";
    let same: bool = connection.query_row(sql, params![stored, checksum], |row| row.get(0))?;
    if same {
        return Ok(());
    }
    Err(Fault::refused(format!(
        "migration {number} was applied with another content than this program has; the file was written by a \
         changed build, use that one or restore a backup"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Migration = Migration::new("CREATE TABLE first (a INTEGER) STRICT;");
    const SECOND: Migration = Migration::new("CREATE TABLE second (b INTEGER) STRICT;");

    fn memory() -> Connection {
        Connection::open_in_memory().unwrap()
    }

    fn reason(result: Result<(), Fault>) -> String {
        result.unwrap_err().into_store("open").to_string()
    }

    #[test]
    fn what_is_missing_is_applied_once() {
        let mut connection = memory();
        apply(&mut connection, &[FIRST]).unwrap();
        apply(&mut connection, &[FIRST, SECOND]).unwrap();
        apply(&mut connection, &[FIRST, SECOND]).unwrap();
        connection.execute_batch("INSERT INTO first VALUES (1); INSERT INTO second VALUES (2);").unwrap();
    }

    #[test]
    fn a_newer_layout_is_refused() {
        let mut connection = memory();
        apply(&mut connection, &[FIRST, SECOND]).unwrap();
        assert!(reason(apply(&mut connection, &[FIRST])).contains("newer version"));
    }

    #[test]
    fn a_changed_migration_is_refused() {
        let mut connection = memory();
        apply(&mut connection, &[FIRST]).unwrap();
        assert!(reason(apply(&mut connection, &[SECOND])).contains("migration 1"));
    }

    #[test]
    fn a_failing_migration_leaves_nothing() {
        let mut connection = memory();
        apply(&mut connection, &[FIRST]).unwrap();
        let broken =
            Migration::new("CREATE TABLE second (b INTEGER) STRICT; CREATE TABLE first (a INTEGER);");
        apply(&mut connection, &[FIRST, broken]).unwrap_err();
        apply(&mut connection, &[FIRST, SECOND]).unwrap();
    }

    #[test]
    fn another_programs_database_is_refused() {
        let mut connection = memory();
        connection.execute_batch("CREATE TABLE theirs (a)").unwrap();
        assert!(reason(apply(&mut connection, &[FIRST])).contains("another program"));
    }
}
