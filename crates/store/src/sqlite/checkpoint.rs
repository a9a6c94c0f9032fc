//! The thread that copies the write-ahead log into the file, so that no commit has to wait for it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;

use super::BUSY;
use super::fault::Fault;
use super::spare::Spares;

/// Bytes that the log may grow before they are copied.
const GROWTH: u64 = 32 * 1024 * 1024;
/// Bytes from which on writers wait until the log begins anew: one that never rests would let it grow
/// without end.
const CEILING: u64 = 256 * 1024 * 1024;
/// Bytes that stay in the log when nobody writes. What lies there is found by a detour, and is not mapped.
const REST: u64 = 4 * 1024 * 1024;
/// How long nobody has written when the log is put away.
const QUIET: Duration = Duration::from_millis(250);
/// How long readers of an older state are waited for then. Writers wait meanwhile.
const PATIENCE: Duration = Duration::from_millis(20);

/// Tells the thread that something was committed.
pub(super) struct Nudge(SyncSender<()>);

impl Nudge {
    pub(super) fn give(&self) {
        // A full channel means that the thread will look anyway.
        let _it_will_look = self.0.try_send(());
    }
}

/// The way to the thread.
pub(super) struct Checkpointer {
    sender: Option<SyncSender<()>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpointer {
    /// Starts the thread for the database at `path`. While there is something to copy, `spares` keep no
    /// snapshots.
    pub(super) fn start(connection: Connection, path: &Path, spares: Arc<Spares>) -> Result<Self, Fault> {
        let (sender, nudges) = sync_channel(1);
        let stop = Arc::new(AtomicBool::new(false));
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        let log = log.into();
        let limits = Limits { rest: REST, growth: GROWTH, ceiling: CEILING };
        let mut thread = Thread { connection, spares, log, copied: 0, limits };
        let stopped = Arc::clone(&stop);
        let thread = std::thread::Builder::new()
            .name("store-checkpoint".into())
            .spawn(move || thread.serve(&nudges, &stopped))
            .map_err(|error| Fault::refused(format!("no thread for checkpoints: {error}")))?;
        Ok(Self { sender: Some(sender), stop, thread: Some(thread) })
    }

    /// For the writer.
    pub(super) fn nudge(&self) -> Nudge {
        // The sender is there until `stop`; a sender without a receiver is as good as none.
        Nudge(self.sender.clone().unwrap_or_else(|| sync_channel(1).0))
    }

    /// Lets the thread end.
    pub(super) fn stop(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(sender) = self.sender.take() {
            let _it_will_look = sender.try_send(());
        }
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that makes checkpoints panicked");
        }
    }
}

struct Thread {
    connection: Connection,
    spares: Arc<Spares>,
    log: PathBuf,
    /// How long the log was when it was copied last.
    copied: u64,
    limits: Limits,
}

/// Lengths of the log, in bytes.
struct Limits {
    rest: u64,
    growth: u64,
    ceiling: u64,
}

impl Thread {
    fn serve(&mut self, nudges: &Receiver<()>, stopped: &AtomicBool) {
        let mut is_long = false;
        loop {
            // Without anything to put away nobody needs to look at the clock.
            let nudge = if is_long {
                nudges.recv_timeout(QUIET)
            } else {
                nudges.recv().map_err(|_| RecvTimeoutError::Disconnected)
            };
            if stopped.load(Ordering::Acquire) {
                return;
            }
            let length = match nudge {
                Ok(()) => self.look(),
                Err(RecvTimeoutError::Timeout) => self.put_away(),
                Err(RecvTimeoutError::Disconnected) => return,
            };
            is_long = length >= self.limits.rest;
        }
    }

    fn length(&self) -> u64 {
        std::fs::metadata(&self.log).map_or(0, |metadata| metadata.len())
    }

    /// Something was committed. Gives the length of the log.
    fn look(&mut self) -> u64 {
        let length = self.length();
        if length < self.copied {
            self.copied = 0;
        }
        self.spares.keep(length < self.limits.growth);
        let mode = if length >= self.limits.ceiling {
            "RESTART"
        } else if length - self.copied >= self.limits.growth {
            "PASSIVE"
        } else {
            return length;
        };
        self.copied = length;
        self.checkpoint(mode, BUSY);
        length
    }

    /// Nobody has written for a while: copies what is left, and empties the log. When somebody still reads an older
    /// state, the next time. Gives what is left of it.
    fn put_away(&mut self) -> u64 {
        let length = self.length();
        if length < self.limits.rest {
            return length;
        }
        self.spares.keep(false);
        // This one keeps nobody waiting, and leaves little to the one that does.
        self.checkpoint("PASSIVE", PATIENCE);
        self.checkpoint("TRUNCATE", PATIENCE);
        let length = self.length();
        self.copied = length;
        self.spares.keep(length < self.limits.growth);
        length
    }

    fn checkpoint(&self, mode: &str, patience: Duration) {
        let pragma = format!("PRAGMA wal_checkpoint({mode})");
        let done = self
            .connection
            .busy_timeout(patience)
            .and_then(|()| self.connection.query_row(&pragma, [], |_| Ok(())));
        if let Err(error) = done {
            tracing::warn!(%error, mode, "a checkpoint failed; the next one will copy what this one did not");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::spare::Commits;

    /// A database whose log holds everything, and the thread's part of the work on it.
    fn fixture(growth: u64, ceiling: u64) -> (tempfile::TempDir, Connection, Thread) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.db");
        let writer = Connection::open(&path).unwrap();
        writer
            .execute_batch(
                "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 0; \
                 CREATE TABLE t (a); INSERT INTO t VALUES (zeroblob(1000000));",
            )
            .unwrap();
        let log = folder.path().join("test.db-wal");
        let connection = Connection::open(&path).unwrap();
        let spares = Arc::new(Spares::new(Vec::new(), Commits::default()));
        let limits = Limits { rest: 500_000, growth, ceiling };
        (folder, writer, Thread { connection, spares, log, copied: 0, limits })
    }

    fn length(folder: &tempfile::TempDir, name: &str) -> u64 {
        std::fs::metadata(folder.path().join(name)).unwrap().len()
    }

    #[test]
    fn a_log_that_grew_is_copied() {
        let (folder, writer, mut thread) = fixture(2_000_000, u64::MAX);
        thread.look();
        assert!(length(&folder, "test.db") < 100_000, "it has not grown enough");
        writer.execute_batch("INSERT INTO t VALUES (zeroblob(1000000))").unwrap();
        thread.look();
        assert!(length(&folder, "test.db") > 2_000_000);
        assert!(thread.copied > 2_000_000);
        writer.execute_batch("INSERT INTO t VALUES (1)").unwrap();
        assert!(length(&folder, "test.db-wal") < 100_000, "the log begins anew");
        thread.look();
        assert_eq!(thread.copied, 0);
    }

    #[test]
    fn above_the_ceiling_the_log_begins_anew() {
        let (folder, writer, mut thread) = fixture(u64::MAX, 1);
        thread.look();
        assert!(length(&folder, "test.db") > 1_000_000);
        writer.execute_batch("INSERT INTO t VALUES (1)").unwrap();
        assert!(length(&folder, "test.db-wal") < 100_000);
    }

    #[test]
    fn when_nobody_writes_the_log_is_put_away() {
        let (folder, writer, mut thread) = fixture(u64::MAX, u64::MAX);
        let reader = Connection::open(folder.path().join("test.db")).unwrap();
        reader.execute_batch("BEGIN; SELECT count(*) FROM t;").unwrap();
        writer.execute_batch("INSERT INTO t VALUES (2)").unwrap();
        thread.put_away();
        assert!(length(&folder, "test.db-wal") > 1_000_000, "somebody reads an older state");
        writer.execute_batch("INSERT INTO t VALUES (3)").unwrap();
        reader.execute_batch("COMMIT").unwrap();
        thread.put_away();
        assert_eq!(length(&folder, "test.db-wal"), 0);
        writer.execute_batch("INSERT INTO t VALUES (4)").unwrap();
        thread.put_away();
        assert!(length(&folder, "test.db-wal") > 0, "a short log may stay");
        let count = |connection: &Connection| -> i64 {
            connection.query_row("SELECT count(*) FROM t", [], |row| row.get(0)).unwrap()
        };
        assert_eq!((count(&writer), count(&reader)), (4, 4));
    }
}
