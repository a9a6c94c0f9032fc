//! The worker of one job: an actor that runs its cycles one after the other.
//!
//! Commands interrupt a cycle: it puts down what is in flight and goes on afterwards from where it was, so an
//! on-demand run never meets a cycle at the same object.

pub(crate) mod connection;
mod on_demand;
mod record;
mod setup;
mod timing;
pub(crate) mod token;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use provisor_engine::cycle::{self, CycleEnd, CycleError, Observer, Report};
use provisor_engine::job::ScheduleState;
use provisor_engine::log::LogEntry;
use provisor_engine::ports::{JobKey, LeaseToken, Reset, StoreError};
use provisor_store::directory::ChangeNumber;
use provisor_store::jobs::JobRecord;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

use crate::runtime::{OnDemandError, Progress, Subject};
use crate::scheduler::Shared;
use setup::Setup;
use timing::Backoff;

/// Changes are gathered so long before a cycle starts, so that a burst of them makes one cycle.
const GATHER: Duration = Duration::from_millis(250);

/// What a worker can be told.
pub(crate) enum Command {
    /// Look at the job again.
    Wake,
    /// Put everything down and rest until woken.
    Stop(oneshot::Sender<()>),
    /// Put everything down, forget, and go on.
    Restart(Reset, oneshot::Sender<Result<(), StoreError>>),
    /// Provision one object now.
    Provision(Subject, oneshot::Sender<Result<LogEntry, OnDemandError>>),
}

/// Counts a cycle for whoever asks.
#[derive(Debug, Default)]
pub(crate) struct Counter {
    running: AtomicBool,
    completed: AtomicU64,
    total: AtomicU64,
}

impl Counter {
    pub(crate) fn progress(&self) -> Option<Progress> {
        let completed = self.completed.load(Ordering::Relaxed);
        let total = self.total.load(Ordering::Relaxed).max(completed);
        self.running.load(Ordering::Relaxed).then_some(Progress { completed, total })
    }

    fn begin(&self) {
        self.completed.store(0, Ordering::Relaxed);
        self.total.store(0, Ordering::Relaxed);
        self.running.store(true, Ordering::Relaxed);
    }

    fn end(&self) {
        self.running.store(false, Ordering::Relaxed);
    }
}

impl Observer for Counter {
    fn expected(&self, total: u64) {
        self.total.store(total, Ordering::Relaxed);
    }

    fn settled(&self, count: u64) {
        self.completed.fetch_add(count, Ordering::Relaxed);
    }
}

/// Runs the job until it is deleted, taken over by another owner, or the process shuts down.
pub(crate) async fn work(
    key: JobKey,
    shared: Arc<Shared>,
    commands: mpsc::UnboundedReceiver<Command>,
    counter: Arc<Counter>,
    shutdown: CancellationToken,
) {
    let Some(lease) = acquire(key, &shared, &shutdown).await else { return };
    let changes = shared.store.changes_signal();
    let worker = Worker {
        key,
        shared,
        lease,
        commands,
        changes,
        counter,
        shutdown,
        resting: false,
        setup: Setup::default(),
        backoff: Backoff::default(),
    };
    worker.run().await;
}

/// Takes the job over, as soon as the store allows it; `None` when there is nothing to take over.
async fn acquire(key: JobKey, shared: &Shared, shutdown: &CancellationToken) -> Option<LeaseToken> {
    let mut backoff = Backoff::default();
    loop {
        match shared.store.acquire(key).await {
            Ok(lease) => return Some(lease),
            Err(StoreError::NotFound { .. } | StoreError::Closed) => return None,
            Err(error) => tracing::error!(job = key.0, %error, "the job waits: it cannot be taken over"),
        }
        backoff.failed();
        tokio::select! {
            () = shutdown.cancelled() => return None,
            () = shared.clock.sleep(backoff.next()) => {}
        }
    }
}

struct Worker {
    key: JobKey,
    shared: Arc<Shared>,
    lease: LeaseToken,
    commands: mpsc::UnboundedReceiver<Command>,
    changes: watch::Receiver<ChangeNumber>,
    counter: Arc<Counter>,
    shutdown: CancellationToken,
    /// Told to stop, and not woken since.
    resting: bool,
    setup: Setup,
    backoff: Backoff,
}

/// What comes next.
enum Next {
    /// Look whether there is something to do.
    Look,
    /// The job is gone, or ours no longer, or the process ends.
    End,
}

impl Worker {
    async fn run(mut self) {
        loop {
            let next = match self.look().await {
                Ok(next) => next,
                Err(StoreError::LeaseLost | StoreError::Closed) => Next::End,
                Err(error) => {
                    tracing::error!(job = self.key.0, %error, "the job waits: the store failed");
                    self.wait(Some(self.backoff.next())).await
                }
            };
            if matches!(next, Next::End) || self.shutdown.is_cancelled() {
                return;
            }
        }
    }

    /// Runs a cycle if one is due, and waits otherwise.
    async fn look(&mut self) -> Result<Next, StoreError> {
        // Changes after this line wake the worker again; those before are seen by what follows.
        self.changes.borrow_and_update();
        let Some(job) = self.shared.store.job_by_key(self.key).await? else { return Ok(Next::End) };
        // A service principal in the recycle bin keeps its jobs, but they do not run.
        let principal = self.shared.store.get(job.service_principal).await?;
        let there = principal.is_some_and(|principal| principal.deleted.is_none() && !principal.purged);
        if self.resting || !there || job.state.schedule != ScheduleState::Active {
            return Ok(self.wait_for_command().await);
        }
        match timing::due(&self.shared, &job, &mut self.setup, &self.backoff).await? {
            timing::Due::Now => self.cycle(&job).await,
            timing::Due::In(wait) => Ok(self.wait(Some(wait)).await),
        }
    }

    /// Waits for a command, a change of the directory, or the time.
    async fn wait(&mut self, time: Option<Duration>) -> Next {
        let clock = Arc::clone(&self.shared.clock);
        let sleep = async {
            match time {
                Some(time) => clock.sleep(time).await,
                None => std::future::pending().await,
            }
        };
        let held = self.backoff.is_waiting();
        tokio::select! {
            biased;
            () = self.shutdown.cancelled() => Next::End,
            command = self.commands.recv() => self.obey(command).await,
            changed = self.changes.changed(), if !held => match changed {
                Ok(()) => {
                    clock.sleep(GATHER).await;
                    Next::Look
                }
                Err(_) => Next::End,
            },
            () = sleep => {
                self.backoff.waited();
                Next::Look
            }
        }
    }

    async fn wait_for_command(&mut self) -> Next {
        tokio::select! {
            biased;
            () = self.shutdown.cancelled() => Next::End,
            command = self.commands.recv() => self.obey(command).await,
        }
    }

    async fn obey(&mut self, command: Option<Command>) -> Next {
        match command {
            None => return Next::End,
            Some(Command::Wake) => {
                self.resting = false;
                self.backoff = Backoff::default();
                self.setup.forget_idleness();
            }
            Some(Command::Stop(done)) => {
                self.resting = true;
                let _nobody_waits_any_more = done.send(());
            }
            Some(Command::Restart(reset, done)) => {
                let result = self.shared.store.reset(self.key, reset).await;
                self.resting = false;
                self.backoff = Backoff::default();
                self.setup.forget_idleness();
                let _nobody_waits_any_more = done.send(result);
            }
            Some(Command::Provision(subject, done)) => {
                let result =
                    on_demand::provision(&self.shared, self.key, self.lease, &mut self.setup, subject).await;
                let _nobody_waits_any_more = done.send(result);
            }
        }
        Next::Look
    }

    /// Runs a cycle to its end, or until a command interrupts it.
    async fn cycle(&mut self, job: &JobRecord) -> Result<Next, StoreError> {
        let environment = match self.setup.environment(&self.shared, job, self.lease).await {
            Ok(environment) => environment,
            Err(setup::SetupError::Store(error)) => return Err(error),
            Err(setup::SetupError::Run(error)) => {
                record::failed_before(&self.shared, job, error).await?;
                return Ok(Next::Look);
            }
        };
        let stop = self.shutdown.child_token();
        self.counter.begin();
        let mut interruption = None;
        let result = {
            let mut running = std::pin::pin!(cycle::run(
                &environment,
                cycle::Options::default(),
                &stop,
                self.counter.as_ref()
            ));
            loop {
                tokio::select! {
                    biased;
                    result = &mut running => break result,
                    command = self.commands.recv(), if interruption.is_none() => match command {
                        Some(Command::Wake) => {}
                        other => {
                            interruption = Some(other);
                            stop.cancel();
                        }
                    },
                }
            }
        };
        self.counter.end();
        self.settle(job, result).await?;
        match interruption {
            Some(command) => Ok(self.obey(command).await),
            None => Ok(Next::Look),
        }
    }

    async fn settle(
        &mut self,
        job: &JobRecord,
        result: Result<Report, CycleError>,
    ) -> Result<(), StoreError> {
        match result {
            Ok(report) => {
                self.backoff = Backoff::default();
                if report.end == CycleEnd::Completed {
                    self.setup.completed();
                    record::completed(&self.shared, job, report).await?;
                }
                Ok(())
            }
            Err(CycleError::Store(error)) => Err(error),
            Err(CycleError::Stopped) => Ok(()),
            Err(CycleError::Connector(error)) => {
                let grave = record::failed(&self.shared, job, &error).await?;
                if !grave {
                    self.backoff.failed();
                }
                Ok(())
            }
        }
    }
}
