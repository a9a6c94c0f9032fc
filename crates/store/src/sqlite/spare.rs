//! Connections for reading at once. Each keeps its snapshot after it was used: as long as nothing is committed,
//! the next reading goes on with it and takes none of SQLite's locks, which all connections share.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use super::fault::Fault;
use super::query;

/// Counts what is committed, by the writer's process alone.
#[derive(Clone, Debug, Default)]
pub(super) struct Commits(Arc<AtomicU64>);

impl Commits {
    /// Something was committed; to be called before anybody is told of it.
    pub(super) fn count(&self) {
        self.0.fetch_add(1, Ordering::Release);
    }

    fn so_far(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

/// A connection, and the state of [`Commits`] that its snapshot is at least as new as.
pub(super) struct Spare {
    connection: Connection,
    snapshot: Option<u64>,
}

impl Spare {
    pub(super) const fn connection(&self) -> &Connection {
        &self.connection
    }

    fn end(&mut self) {
        // After some failures SQLite has ended it by itself.
        if self.snapshot.take().is_some()
            && !self.connection.is_autocommit()
            && let Err(fault) = query::execute(&self.connection, "COMMIT", [])
        {
            tracing::warn!(?fault, "a snapshot of the store cannot be ended");
        }
    }
}

struct Idle {
    spares: Vec<Spare>,
    /// Whether snapshots are kept.
    keep: bool,
}

/// Those that are not in use.
pub(super) struct Spares {
    idle: Mutex<Idle>,
    commits: Commits,
}

impl Spares {
    pub(super) fn new(connections: Vec<Connection>, commits: Commits) -> Self {
        let spares = connections.into_iter().map(|connection| Spare { connection, snapshot: None }).collect();
        Self { idle: Mutex::new(Idle { spares, keep: true }), commits }
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One that nobody uses.
    pub(super) fn take(&self) -> Option<Spare> {
        self.idle().spares.pop()
    }

    /// Sees to it that the snapshot has everything that is committed by now.
    pub(super) fn refresh(&self, spare: &mut Spare) -> Result<(), Fault> {
        // Read before the snapshot is taken: what is committed in between is in it without being counted.
        let now = self.commits.so_far();
        if spare.snapshot == Some(now) && !spare.connection.is_autocommit() {
            return Ok(());
        }
        spare.end();
        if !spare.connection.is_autocommit() {
            // Only after a failure: its transaction was never ended.
            spare.connection.execute_batch("ROLLBACK")?;
        }
        query::execute(&spare.connection, "BEGIN", [])?;
        spare.snapshot = Some(now);
        Ok(())
    }

    /// For the next one who reads.
    pub(super) fn give_back(&self, mut spare: Spare) {
        let mut idle = self.idle();
        if !idle.keep {
            spare.end();
        }
        idle.spares.push(spare);
    }

    /// Says whether snapshots are kept. A kept one stands in the way of the write-ahead log's beginning anew.
    pub(super) fn keep(&self, keep: bool) {
        let mut idle = self.idle();
        idle.keep = keep;
        if !keep {
            idle.spares.iter_mut().for_each(Spare::end);
        }
    }

    /// Closes those that are not in use.
    pub(super) fn close(&self) {
        self.idle().spares.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(spares: &Spares) -> i64 {
        let mut spare = spares.take().unwrap();
        spares.refresh(&mut spare).unwrap();
        let count = spare.connection().query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap();
        spares.give_back(spare);
        count
    }

    fn fixture() -> (tempfile::TempDir, Connection, Commits, Spares) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.db");
        let writer = Connection::open(&path).unwrap();
        writer
            .execute_batch("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (a)")
            .unwrap();
        let commits = Commits::default();
        let spares = Spares::new(vec![Connection::open(&path).unwrap()], commits.clone());
        (folder, writer, commits, spares)
    }

    #[test]
    fn a_snapshot_lasts_until_something_is_committed() {
        let (_folder, writer, commits, spares) = fixture();
        assert_eq!(count(&spares), 0);
        writer.execute("INSERT INTO t VALUES (1)", []).unwrap();
        assert_eq!(count(&spares), 0, "nobody was told yet");
        commits.count();
        assert_eq!(count(&spares), 1);
    }

    #[test]
    fn without_kept_snapshots_the_log_can_begin_anew() {
        let (_folder, writer, _commits, spares) = fixture();
        let busy = || -> i64 {
            writer.busy_timeout(std::time::Duration::ZERO).unwrap();
            writer.query_row("PRAGMA wal_checkpoint(RESTART)", [], |row| row.get(0)).unwrap()
        };
        assert_eq!(count(&spares), 0);
        assert_eq!(busy(), 1, "the snapshot is kept");
        spares.keep(false);
        assert_eq!(busy(), 0, "the kept one was ended");
        assert_eq!(count(&spares), 0);
        assert_eq!(busy(), 0, "and none is kept any more");
    }

    #[test]
    fn a_snapshot_that_sqlite_ended_is_taken_anew() {
        let (_folder, writer, _commits, spares) = fixture();
        let mut spare = spares.take().unwrap();
        spares.refresh(&mut spare).unwrap();
        spare.connection().execute_batch("ROLLBACK").unwrap();
        spares.give_back(spare);
        writer.execute("INSERT INTO t VALUES (1)", []).unwrap();
        let mut spare = spares.take().unwrap();
        spares.refresh(&mut spare).unwrap();
        assert!(!spare.connection().is_autocommit(), "several statements see one state");
    }

    #[test]
    fn a_reading_that_fails_leaves_the_connection_fit_for_the_next() {
        let (_folder, _writer, commits, spares) = fixture();
        let mut spare = spares.take().unwrap();
        spares.refresh(&mut spare).unwrap();
        assert!(spare.connection().query_row("SELECT a FROM nothing", [], |_| Ok(())).is_err());
        spares.give_back(spare);
        commits.count();
        assert_eq!(count(&spares), 0);
    }
}
