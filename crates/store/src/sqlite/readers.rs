//! The threads that read: one connection each, fed by one queue. Beside them a few spare connections for what
//! is read at once, by whoever asks.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::fault::Fault;
use super::query;
use super::spare::{Spare, Spares};
use crate::StoreError;

/// Requests that wait before senders have to.
const QUEUE: usize = 256;

type Request = Box<dyn FnOnce(&Connection) + Send>;
type Queue = Arc<Mutex<mpsc::Receiver<Request>>>;

/// The way to the threads.
pub(super) struct Readers {
    requests: Option<mpsc::Sender<Request>>,
    threads: Vec<JoinHandle<()>>,
    spares: Arc<Spares>,
}

impl Readers {
    /// Starts a thread for each connection. `spares` are those for [`Readers::read_few`].
    pub(super) fn start(connections: Vec<Connection>, spares: Arc<Spares>) -> Result<Self, Fault> {
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
        Ok(Self { requests: Some(sender), threads, spares })
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

    /// As [`Readers::read`], for a few rows that an index finds. They lie in a few pages, mostly in memory:
    /// reading them here, by whoever asks, costs less than waking a thread and being woken by it. While all
    /// spare connections are in use, it goes to the threads.
    pub(super) async fn read_few<T, F>(&self, operation: &'static str, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    {
        match self.spares.take() {
            Some(spare) => self.here(spare, work).map_err(|fault| fault.into_store(operation)),
            None => self.read(operation, work).await,
        }
    }

    fn here<T>(
        &self,
        mut spare: Spare,
        work: impl FnOnce(&Connection) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let result = self.spares.refresh(&mut spare).and_then(|()| {
            catch_unwind(AssertUnwindSafe(|| work(spare.connection())))
                .unwrap_or_else(|_| Err(Fault::refused("the work panicked".into())))
        });
        self.spares.give_back(spare);
        result
    }

    /// Lets the threads work off what is queued and end.
    pub(super) fn stop(&mut self) {
        self.requests = None;
        self.spares.close();
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

/// Has everything in `work` done on one committed state.
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
