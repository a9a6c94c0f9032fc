//! Runs jobs: one worker a job, woken by changes of the directory, by the clock and by the API.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use http::Uri;
use provisor_engine::clock::Clock;
use provisor_engine::ids::Ids;
use provisor_engine::limiter::Limiter;
use provisor_engine::log::LogEntry;
use provisor_engine::ports::{ConnectorError, JobKey, Reset, StoreError};
use provisor_engine::schema::definition::ObjectDefinition;
use provisor_scim::{ClientError, HttpClient};
use provisor_store::ServerStore;
use provisor_store::secrets::Secret;
use secrecy::SecretString;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::runtime::{OnDemandError, Progress, Runtime, Subject, TokenAnswer};
use crate::worker::{self, Command, Counter, connection, token};

/// Requests that may be under way at one target at once.
const CONCURRENCY: usize = 64;

/// What the workers share.
pub struct Shared {
    /// Everything that is kept.
    pub store: Arc<dyn ServerStore>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Ids and randomness.
    pub ids: Arc<dyn Ids>,
    /// Connections to targets.
    pub http: HttpClient,
    /// The tenant's default domain.
    pub default_domain: Arc<str>,
    limiters: Mutex<HashMap<String, Arc<Limiter>>>,
}

impl Shared {
    /// The limiter of a target endpoint: one for all jobs that write to it.
    pub(crate) fn limiter(&self, endpoint: &str) -> Arc<Limiter> {
        let mut limiters = self.limiters.lock().unwrap_or_else(PoisonError::into_inner);
        let limiter = limiters.entry(endpoint.to_owned());
        Arc::clone(limiter.or_insert_with(|| Arc::new(Limiter::new(Arc::clone(&self.clock), CONCURRENCY))))
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

struct Worker {
    commands: mpsc::UnboundedSender<Command>,
    counter: Arc<Counter>,
}

/// The scheduler.
pub struct Scheduler {
    shared: Arc<Shared>,
    workers: Arc<Mutex<HashMap<JobKey, Worker>>>,
    shutdown: CancellationToken,
    tasks: TaskTracker,
}

impl std::fmt::Debug for Scheduler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scheduler").finish_non_exhaustive()
    }
}

impl Scheduler {
    /// A scheduler that runs nothing yet. Call it inside a runtime.
    #[must_use]
    pub fn new(
        store: Arc<dyn ServerStore>,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
        http: HttpClient,
        default_domain: Arc<str>,
        shutdown: CancellationToken,
    ) -> Self {
        let shared = Shared { store, clock, ids, http, default_domain, limiters: Mutex::default() };
        Self { shared: Arc::new(shared), workers: Arc::default(), shutdown, tasks: TaskTracker::new() }
    }

    /// Goes on with every job that is kept in the store.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn resume(&self) -> Result<(), StoreError> {
        for job in self.shared.store.jobs(None).await? {
            self.wake(job.key);
        }
        Ok(())
    }

    /// Waits until every worker has put down what was in flight, after the shutdown token was cancelled.
    pub async fn finished(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Hands a command to the job's worker, starting one if there is none (any more).
    fn send(&self, job: JobKey, command: Command) {
        let mut workers = self.workers.lock().unwrap_or_else(PoisonError::into_inner);
        let command = match workers.get(&job) {
            None => command,
            Some(worker) => match worker.commands.send(command) {
                Ok(()) => return,
                Err(refused) => refused.0,
            },
        };
        let (commands, received) = mpsc::unbounded_channel();
        let counter = Arc::new(Counter::default());
        let own = commands.clone();
        if commands.send(command).is_ok() {
            workers.insert(job, Worker { commands, counter: Arc::clone(&counter) });
        }
        let shared = Arc::clone(&self.shared);
        let shutdown = self.shutdown.child_token();
        let registry = Arc::clone(&self.workers);
        self.tasks.spawn(async move {
            worker::work(job, shared, received, counter, shutdown).await;
            // Another worker may have taken its place already.
            let mut workers = registry.lock().unwrap_or_else(PoisonError::into_inner);
            if workers.get(&job).is_some_and(|worker| worker.commands.same_channel(&own)) {
                workers.remove(&job);
            }
        });
    }

    async fn ask<T>(&self, job: JobKey, command: impl FnOnce(oneshot::Sender<T>) -> Command) -> Option<T> {
        let (answer, answered) = oneshot::channel();
        self.send(job, command(answer));
        answered.await.ok()
    }
}

#[async_trait::async_trait]
impl Runtime for Scheduler {
    fn wake(&self, job: JobKey) {
        self.send(job, Command::Wake);
    }

    async fn stop(&self, job: JobKey) {
        let _stopped_or_gone: Option<()> = self.ask(job, Command::Stop).await;
    }

    async fn restart(&self, job: JobKey, reset: Reset) -> Result<(), StoreError> {
        self.ask(job, |answer| Command::Restart(reset, answer)).await.unwrap_or(Err(StoreError::Closed))
    }

    fn progress(&self, job: JobKey) -> Option<Progress> {
        self.workers.lock().unwrap_or_else(PoisonError::into_inner).get(&job)?.counter.progress()
    }

    async fn validate(&self, secrets: Vec<Secret>) -> Result<(), ConnectorError> {
        connection::validate(&self.shared, &secrets).await
    }

    async fn discover(&self, secrets: Vec<Secret>) -> Result<Vec<ObjectDefinition>, ConnectorError> {
        connection::discover(&self.shared, &secrets).await
    }

    async fn exchange(&self, endpoint: Uri, form: SecretString) -> Result<TokenAnswer, ClientError> {
        token::exchange(&self.shared, endpoint, &form).await
    }

    async fn provision(&self, job: JobKey, subject: Subject) -> Result<LogEntry, OnDemandError> {
        let answer = self.ask(job, |answer| Command::Provision(subject, answer)).await;
        answer.unwrap_or(Err(OnDemandError::Store(StoreError::Closed)))
    }
}
