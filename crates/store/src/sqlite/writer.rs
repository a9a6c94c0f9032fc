//! The thread that writes.
//!
//! Everything that is queued when it looks becomes one transaction, so that many small writes share one sync
//! of the disk. Each request runs in a savepoint of its own: one that fails undoes nothing of its neighbours.
//! Nobody is answered before the transaction is committed.

use std::cell::Cell;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot, watch};

use super::checkpoint::Nudge;
use super::fault::Fault;
use super::query;
use super::spare::Commits;
use crate::StoreError;
use crate::directory::ChangeNumber;

/// Requests that wait before senders have to.
const QUEUE: usize = 256;
/// The most requests that one transaction takes.
const MOST: usize = 256;

/// When a commit counts as done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Durability {
    /// When the system has it; a power failure may undo it.
    Normal,
    /// When the disk has it.
    Full,
}

/// What a request writes with: the connection, within the transaction, and the counter of changes.
pub(super) struct Writing<'c> {
    connection: &'c Connection,
    head: &'c Cell<i64>,
}

impl Writing<'_> {
    /// A change number that was never given before.
    pub(super) fn next_change(&self) -> ChangeNumber {
        let next = self.head.get() + 1;
        self.head.set(next);
        ChangeNumber(next)
    }
}

impl Deref for Writing<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
    }
}

trait Request: Send {
    fn durability(&self) -> Durability;
    /// Does the work; `false` when what it wrote is to be undone.
    fn run(&mut self, writing: &Writing<'_>) -> bool;
    /// Tells the result, or why there is none.
    fn answer(self: Box<Self>, committed: Result<(), &str>);
}

struct Task<T, F> {
    operation: &'static str,
    durability: Durability,
    work: Option<F>,
    result: Option<Result<T, Fault>>,
    answer: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Request for Task<T, F>
where
    T: Send,
    F: FnOnce(&Writing<'_>) -> Result<T, Fault> + Send,
{
    fn durability(&self) -> Durability {
        self.durability
    }

    fn run(&mut self, writing: &Writing<'_>) -> bool {
        let Some(work) = self.work.take() else { return false };
        let result = catch_unwind(AssertUnwindSafe(|| work(writing)))
            .unwrap_or_else(|_| Err(Fault::refused("the work panicked".into())));
        let keep = result.is_ok();
        self.result = Some(result);
        keep
    }

    fn answer(self: Box<Self>, committed: Result<(), &str>) {
        let result = match (self.result, committed) {
            (Some(Err(fault)), _) => Err(fault.into_store(self.operation)),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (_, Err(reason)) => Err(Fault::refused(reason.to_owned()).into_store(self.operation)),
            (None, Ok(())) => Err(StoreError::Closed),
        };
        let _nobody_waits_any_more = self.answer.send(result);
    }
}

/// The way to the thread.
pub(super) struct Writer {
    requests: Option<mpsc::Sender<Box<dyn Request>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread. `signal` carries the newest change number that is committed.
    pub(super) fn start(
        connection: Connection,
        signal: watch::Sender<ChangeNumber>,
        commits: Commits,
        nudge: Nudge,
    ) -> Result<Self, Fault> {
        let (sender, requests) = mpsc::channel(QUEUE);
        let head = Cell::new(signal.borrow().0);
        let mut thread = Thread { connection, head, signal, commits, nudge, durability: Durability::Full };
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || thread.serve(requests))
            .map_err(|error| Fault::refused(format!("no thread for writing: {error}")))?;
        Ok(Self { requests: Some(sender), thread: Some(thread) })
    }

    /// Has `work` done within a transaction; returns when that is committed.
    pub(super) async fn write<T, F>(
        &self,
        operation: &'static str,
        durability: Durability,
        work: F,
    ) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Writing<'_>) -> Result<T, Fault> + Send + 'static,
    {
        let requests = self.requests.as_ref().ok_or(StoreError::Closed)?;
        let (answer, result) = oneshot::channel();
        let task = Task { operation, durability, work: Some(work), result: None, answer };
        requests.send(Box::new(task)).await.map_err(|_| StoreError::Closed)?;
        result.await.map_err(|_| StoreError::Closed)?
    }

    /// Lets the thread commit what is queued and end.
    pub(super) fn stop(&mut self) {
        self.requests = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that writes to the store panicked");
        }
    }
}

struct Thread {
    connection: Connection,
    /// The newest change number given.
    head: Cell<i64>,
    signal: watch::Sender<ChangeNumber>,
    commits: Commits,
    nudge: Nudge,
    /// What the connection is set to.
    durability: Durability,
}

impl Thread {
    fn serve(&mut self, mut requests: mpsc::Receiver<Box<dyn Request>>) {
        while let Some(first) = requests.blocking_recv() {
            let mut batch = vec![first];
            while batch.len() < MOST {
                match requests.try_recv() {
                    Ok(request) => batch.push(request),
                    Err(_) => break,
                }
            }
            self.transact(batch);
        }
    }

    fn transact(&mut self, mut batch: Vec<Box<dyn Request>>) {
        let before = self.head.get();
        let result = self.commit(&mut batch).map_err(|fault| match fault.into_store("commit") {
            StoreError::Backend { reason, .. } => reason,
            other => other.to_string(),
        });
        if let Err(reason) = &result {
            tracing::error!(reason, "a transaction of the store failed");
            self.head.set(before);
            if !self.connection.is_autocommit()
                && let Err(error) = self.connection.execute_batch("ROLLBACK")
            {
                tracing::error!(%error, "the failed transaction cannot be rolled back");
            }
        }
        self.commits.count();
        let now = ChangeNumber(self.head.get());
        self.signal.send_if_modified(|head| std::mem::replace(head, now) != now);
        for request in batch {
            request.answer(result.as_ref().copied().map_err(String::as_str));
        }
        self.nudge.give();
    }

    fn commit(&mut self, batch: &mut [Box<dyn Request>]) -> Result<(), Fault> {
        let wanted = batch.iter().map(|request| request.durability()).max().unwrap_or(Durability::Full);
        self.set_durability(wanted)?;
        let connection = &self.connection;
        query::execute(connection, "BEGIN IMMEDIATE", [])?;
        let writing = Writing { connection, head: &self.head };
        for request in batch {
            let before = self.head.get();
            query::execute(connection, "SAVEPOINT request", [])?;
            let keep = request.run(&writing);
            // SQLite ends the transaction by itself when the disk is full or failing.
            if connection.is_autocommit() {
                return Err(Fault::refused("the database gave the transaction up; is the disk full?".into()));
            }
            if !keep {
                query::execute(connection, "ROLLBACK TO request", [])?;
                self.head.set(before);
            }
            query::execute(connection, "RELEASE request", [])?;
        }
        query::execute(connection, "COMMIT", [])?;
        Ok(())
    }

    fn set_durability(&mut self, wanted: Durability) -> Result<(), Fault> {
        if self.durability != wanted {
            let value = match wanted {
                Durability::Normal => "NORMAL",
                Durability::Full => "FULL",
            };
            self.connection.pragma_update(None, "synchronous", value)?;
            self.durability = wanted;
        }
        Ok(())
    }
}
