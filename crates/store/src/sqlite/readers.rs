//! The threads that read: one connection each, fed by one queue. Beside them a few connections for what is
//! read at once, by whoever asks.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::fault::Fault;
use super::query;
use crate::StoreError;

/// Requests that wait before senders have to.
const QUEUE: usize = 256;

type Request = Box<dyn FnOnce(&Connection) + Send>;
type Queue = Arc<Mutex<mpsc::Receiver<Request>>>;

/// The way to the threads.
pub(super) struct Readers {
    requests: Option<mpsc::Sender<Request>>,
    threads: Vec<JoinHandle<()>>,
    spare: Mutex<Vec<Connection>>,
}

impl Readers {
    /// Starts a thread for each connection. `spare` are those for [`Readers::read_one`].
    pub(super) fn start(connections: Vec<Connection>, spare: Vec<Connection>) -> Result<Self, Fault> {
        let (sender, requests) = mpsc::channel(QUEUE);
        let queue: Queue = Arc::new(Mutex::new(requests));
        let mut threads = Vec::with_capacity(connections.len());
        for connection in connections {
            let queue = Arc::clone(&queue);
            let thread = std::thread::Builder::new()
                .name("store-reader".into())
                .spawn(move || serve(&connection, &queue))
                .map_err(|error| Fault::refused(format!("no thread for reading: {error}")))?;
            threads.push(thread);
        }
        Ok(Self { requests: Some(sender), threads, spare: Mutex::new(spare) })
    }

    /// Has `work` done on one committed state.
    pub(super) async fn read<T, F>(&self, operation: &'static str, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    {
        let requests = self.requests.as_ref().ok_or(StoreError::Closed)?;
        let (answer, result) = oneshot::channel();
        let request: Request = Box::new(move |connection| {
            let result = catch_unwind(AssertUnwindSafe(|| snapshot(connection, work)))
                .unwrap_or_else(|_| Err(Fault::refused("the work panicked".into())));
            let _nobody_waits_any_more = answer.send(result.map_err(|fault| fault.into_store(operation)));
        });
        requests.send(request).await.map_err(|_| StoreError::Closed)?;
        result.await.map_err(|_| StoreError::Closed)?
    }

    /// Has one statement done that finds at most one row by a key. Such a row lies in a page or two, mostly in
    /// memory: reading it here costs less than waking a thread and being woken by it. One statement sees one
    /// committed state by itself. While all spare connections are in use, it goes to the threads.
    pub(super) async fn read_one<T, F>(&self, operation: &'static str, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    {
        let Some(connection) = self.spare.lock().unwrap_or_else(PoisonError::into_inner).pop() else {
            return self.read(operation, work).await;
        };
        let result = catch_unwind(AssertUnwindSafe(|| work(&connection)))
            .unwrap_or_else(|_| Err(Fault::refused("the work panicked".into())));
        self.spare.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        result.map_err(|fault| fault.into_store(operation))
    }

    /// Lets the threads work off what is queued and end.
    pub(super) fn stop(&mut self) {
        self.requests = None;
        self.spare.lock().unwrap_or_else(PoisonError::into_inner).clear();
        for thread in self.threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a thread that reads from the store panicked");
            }
        }
    }
}

fn serve(connection: &Connection, queue: &Queue) {
    loop {
        let request = queue.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
        match request {
            Some(request) => request(connection),
            None => return,
        }
    }
}

fn snapshot<T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, Fault>,
) -> Result<T, Fault> {
    if !connection.is_autocommit() {
        // Only after a panic: its reading was never ended.
        connection.execute_batch("ROLLBACK")?;
    }
    query::execute(connection, "BEGIN", [])?;
    let result = work(connection);
    query::execute(connection, "COMMIT", [])?;
    result
}
