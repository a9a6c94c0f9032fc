//! The embedded store: one SQLite file.
//!
//! One thread owns the connection that writes and commits whatever is queued as one transaction
//! (`writer`); a few threads read (`readers`); one copies the write-ahead log into the file
//! (`checkpoint`). The rest is SQL, a module an aggregate.

mod assignments;
mod checkpoint;
mod codec;
mod directory;
mod edges;
mod engine;
mod escrows;
mod fault;
mod feed;
mod indexed_values;
mod jobs;
mod links;
mod listing;
mod log;
mod migrate;
mod objects;
mod query;
mod readers;
mod references;
mod secrets;
mod settings;
mod settle;
mod spare;
mod templates;
#[cfg(test)]
mod tests;
mod transitive;
mod unique_values;
mod uploads;
mod writer;

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use tokio::sync::watch;

use crate::StoreError;
use crate::directory::ChangeNumber;
use crate::master_key::MasterKey;
use checkpoint::Checkpointer;
use fault::Fault;
use readers::Readers;
use spare::{Commits, Spares};
use writer::{Durability, Writer, Writing};

/// The oldest SQLite that is safe with several connections: before it, a checkpoint that met a writer could
/// lose committed transactions.
const OLDEST_SQLITE: i32 = 3_051_003;
const READERS: usize = 4;
const STATEMENTS: usize = 128;
const BUSY: Duration = Duration::from_secs(10);
/// Pages kept in memory, in KiB, negative as SQLite wants it.
const WRITER_CACHE: i64 = -64 * 1024;
const READER_CACHE: i64 = -8 * 1024;
/// How much of the file readers see through the system's own cache, in bytes: nothing is copied, and all connections
/// share it. What lies beyond is read as ever.
const MAPPED: i64 = 1 << 30;

/// How durable the engine's settling is. What clients write is always durable when they are told so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Synchronous {
    /// Every settled batch is on the disk.
    #[default]
    Full,
    /// The newest batches may be lost at a power failure, together with their checkpoint; their objects are
    /// then matched again.
    Normal,
}

/// How to open a [`SqliteStore`].
#[derive(Debug)]
pub struct Options {
    /// The file; it is made when it is not there. Two more stand beside it while it is open (`-wal`, `-shm`),
    /// and `.lock` always.
    pub path: PathBuf,
    /// The key that secrets are encrypted with.
    pub master_key: MasterKey,
    /// How durable settling is.
    pub synchronous: Synchronous,
}

/// All durable state in one SQLite file.
///
/// Dropping it commits what is queued and waits for the threads to end. A request whose future is dropped is
/// carried out all the same.
pub struct SqliteStore {
    // In the order in which they end: the writer last, so that SQLite folds the write-ahead log into the file.
    readers: Readers,
    checkpointer: Checkpointer,
    writer: Writer,
    head: watch::Receiver<ChangeNumber>,
    master_key: Arc<MasterKey>,
    settling: Durability,
    path: PathBuf,
    _lock: File,
}

impl SqliteStore {
    /// Opens the file, or makes it, and brings its layout up to date.
    ///
    /// # Errors
    /// When the file cannot be used, is open elsewhere, was written by a newer version, or one of its
    /// migrations is not the one that this version has.
    pub fn open(options: Options) -> Result<Self, StoreError> {
        let Options { path, master_key, synchronous } = options;
        let fail = |fault: Fault| fault.into_store(&format!("open {}", path.display()));
        check_version().map_err(fail)?;
        let lock = lock(&path).map_err(fail)?;
        // The log and its index get the mode of the file that they belong to.
        open_private(&path).map_err(|error| fail(Fault::refused(error.to_string())))?;
        let mut connection = connect(&path, WRITER_CACHE).map_err(fail)?;
        prepare_writer(&connection).map_err(fail)?;
        migrate::migrate(&mut connection).map_err(fail)?;
        let head = objects::newest_change(&connection).map_err(fail)?;
        let (signal, head) = watch::channel(head);
        let connect_readers =
            || (0..READERS).map(|_| connect_reader(&path)).collect::<Result<Vec<_>, Fault>>();
        let commits = Commits::default();
        let spares = Arc::new(Spares::new(connect_readers().map_err(fail)?, commits.clone()));
        let readers = Readers::start(connect_readers().map_err(fail)?, Arc::clone(&spares)).map_err(fail)?;
        let checkpointer = connect(&path, READER_CACHE)
            .and_then(|other| Checkpointer::start(other, &path, spares))
            .map_err(fail)?;
        let writer = Writer::start(connection, signal, commits, checkpointer.nudge()).map_err(fail)?;
        let settling = match synchronous {
            Synchronous::Full => Durability::Full,
            Synchronous::Normal => Durability::Normal,
        };
        let master_key = Arc::new(master_key);
        Ok(Self { readers, checkpointer, writer, head, master_key, settling, path, _lock: lock })
    }

    /// Writes for a client: durable when it returns.
    async fn write<T: Send + 'static>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&Writing<'_>) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.writer.write(operation, Durability::Full, work).await
    }

    /// Writes for the engine.
    async fn write_settling<T: Send + 'static>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&Writing<'_>) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.writer.write(operation, self.settling, work).await
    }

    /// Reads everything from one committed state, at least as new as every write that returned.
    async fn read<T: Send + 'static>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.readers.read(operation, work).await
    }

    /// Reads a few rows that an index finds, as [`SqliteStore::read`] does.
    async fn read_few<T: Send + 'static>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.readers.read_few(operation, work).await
    }
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteStore").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        self.readers.stop();
        self.checkpointer.stop();
        self.writer.stop();
    }
}

fn check_version() -> Result<(), Fault> {
    if rusqlite::version_number() >= OLDEST_SQLITE {
        return Ok(());
    }
    let version = rusqlite::version();
    Err(Fault::refused(format!(
        "it is linked with SQLite {version}, which can lose committed data; build with SQLite 3.51.3 or later"
    )))
}

/// Change numbers are given in memory, so no other process may write. SQLite's own locks do not last that
/// long.
fn lock(path: &Path) -> Result<File, Fault> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let refuse = |error: &dyn std::fmt::Display| {
        Fault::refused(format!("the lock file {}: {error}", Path::new(&name).display()))
    };
    let file = open_private(Path::new(&name)).map_err(|error| refuse(&error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Fault::refused(
            "it is open in another process; stop that one first, or use another file".into(),
        )),
        Err(TryLockError::Error(error)) => Err(refuse(&error)),
    }
}

/// Opens a file, or makes one that only its owner can read: it holds everybody's data. The modes of files that are
/// there are their owner's choice.
fn open_private(path: &Path) -> std::io::Result<File> {
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn connect(path: &Path, cache: i64) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_EXRESCODE;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.busy_timeout(BUSY)?;
    // A plan depends on the text alone. Otherwise SQLite looks at the value of LIMIT while planning, and plans
    // a kept statement anew each time that value is bound.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "cache_size", cache)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(connection)
}

fn prepare_writer(connection: &Connection) -> Result<(), Fault> {
    let mode: String = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if !mode.eq_ignore_ascii_case("wal") {
        return Err(Fault::refused(format!("it cannot use a write-ahead log (journal mode is {mode})")));
    }
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    // The file shrinks when the log begins anew, so that its length tells how much waits to be copied.
    connection.pragma_update_and_check(None, "journal_size_limit", 0, |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(())
}

fn connect_reader(path: &Path) -> Result<Connection, Fault> {
    let connection = connect(path, READER_CACHE)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update_and_check(None, "mmap_size", MAPPED, |_| Ok(()))?;
    Ok(connection)
}
