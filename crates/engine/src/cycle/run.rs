//! A whole cycle: begins or goes on, runs the steps, ends.

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::feed::Feed;
use super::object::{ObjectResult, Shared};
use super::objects::{StepEnd, drain};
use super::outcome::{CycleEnd, CycleError, Observer, Report};
use super::{Environment, entry, inventory, references};
use crate::job::{Execution, ExecutionResult};
use crate::log::Initiator;
use crate::ports::{Checkpoint, CycleState, EscrowChange, Findings, ReadRequest, Settlement};

/// How a cycle is run; the defaults are right but for tests.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Objects a page.
    pub page: usize,
    /// Failed objects that are tried again in one cycle.
    pub escrows: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { page: 500, escrows: 1000 }
    }
}

/// What a cycle listens to and tells.
pub(super) struct Watch<'a> {
    pub(super) stop: &'a CancellationToken,
    pub(super) observer: &'a dyn Observer,
}

/// Where the cycle stands, in memory; written with every batch.
pub(super) struct Progressing {
    pub(super) checkpoint: Checkpoint,
    delta: bool,
}

impl Progressing {
    fn state(&mut self) -> Option<&mut CycleState> {
        self.checkpoint.cycle.as_mut()
    }

    /// Counts one object that is done with.
    pub(super) fn count(&mut self, result: &ObjectResult) {
        let delta = self.delta;
        let Some(state) = self.state() else { return };
        let execution = &mut state.execution;
        execution.imported += 1;
        execution.imported_deltas += u64::from(delta);
        execution.imported_reference_deltas +=
            u64::try_from(result.settled.references.len()).unwrap_or_default();
        execution.entitled += u64::from(result.in_scope);
        execution.exports += u64::from(result.to_export);
        execution.exported += u64::from(result.exported);
        execution.escrowed += u64::from(matches!(result.settled.escrow, EscrowChange::Set(_)));
    }

    /// Counts writes of references.
    pub(super) fn count_references(&mut self, written: u64, failed: u64) {
        let Some(state) = self.state() else { return };
        state.execution.exports += written + failed;
        state.execution.exported += written;
        state.execution.escrowed += failed;
    }

    /// Writes where the cycle stands.
    pub(super) async fn store(&self, environment: &Environment) -> Result<(), CycleError> {
        let batch = Settlement { checkpoint: Some(self.checkpoint.clone()), ..Settlement::default() };
        environment.store.settle(environment.job, environment.lease, batch).await?;
        Ok(())
    }
}

/// Runs a cycle: goes on with the one that was interrupted, or begins a new one, which is an initial cycle
/// when nothing is known of where the last one ended.
///
/// # Errors
/// When the source, the target or the store cannot be used. What was settled stays settled.
pub async fn run(
    environment: &Environment,
    options: Options,
    stop: &CancellationToken,
    observer: &dyn Observer,
) -> Result<Report, CycleError> {
    let watch = Watch { stop, observer };
    let mut checkpoint = environment.store.checkpoint(environment.job).await?.unwrap_or_default();
    let resumed = checkpoint.cycle.is_some();
    let state = match checkpoint.cycle.take() {
        Some(state) => state,
        None => begin(environment, &mut checkpoint).await?,
    };
    let (id, initial) = (state.id, state.initial);
    checkpoint.cycle = Some(state);
    let mut progressing = Progressing { checkpoint, delta: !initial };
    let mut shared = Shared::new(environment, id, Initiator::System, stop.clone());
    let end = match work(&mut shared, &mut progressing, options, &watch, resumed).await {
        Err(CycleError::Stopped) => StepEnd::Stopped,
        end => end?,
    };
    let mut execution = progressing.state().map(|state| state.execution.clone()).unwrap_or_default();
    if end == StepEnd::Stopped {
        return Ok(Report { end: CycleEnd::Stopped, execution, initial });
    }
    execution.ended = Some(environment.clock.now());
    execution.state =
        if execution.escrowed > 0 { ExecutionResult::EntryLevelErrors } else { ExecutionResult::Succeeded };
    if let Some(state) = progressing.checkpoint.cycle.take() {
        for mapping in &environment.schema.mappings {
            progressing.checkpoint.positions.insert(mapping.title(), state.until.clone());
        }
    }
    progressing.store(environment).await?;
    Ok(Report { end: CycleEnd::Completed, execution, initial })
}

/// The cycle between its beginning and its end.
async fn work(
    shared: &mut Shared<'_>,
    progressing: &mut Progressing,
    options: Options,
    watch: &Watch<'_>,
    resumed: bool,
) -> Result<StepEnd, CycleError> {
    let environment = shared.environment;
    prepare(shared, progressing, resumed).await?;
    progressing.store(environment).await?;
    expect(environment, progressing, options, watch.observer).await?;
    steps(shared, progressing, options, watch).await
}

async fn begin(environment: &Environment, checkpoint: &mut Checkpoint) -> Result<CycleState, CycleError> {
    let mapped = environment.schema.mappings.iter();
    let initial = mapped.clone().any(|mapping| !checkpoint.positions.contains_key(&mapping.title()));
    if initial {
        checkpoint.positions.clear();
        checkpoint.sweep += 1;
    }
    let until = environment.source.head().await?;
    let id = environment.ids.uuid();
    let began = Some(environment.clock.now());
    let execution = Execution { id: Some(id), began, ..Execution::default() };
    Ok(CycleState { id, initial, until, step: 0, execution })
}

/// Tries the credentials, learns what the target can do, and takes an inventory where it must.
async fn prepare(
    shared: &mut Shared<'_>,
    progressing: &mut Progressing,
    resumed: bool,
) -> Result<(), CycleError> {
    let environment = shared.environment;
    let target = &environment.target;
    let probe = !progressing.delta && !resumed;
    shared.requests.send(|| target.check()).await?;
    let stop = shared.requests.stop_token();
    let findings = tokio::select! {
        biased;
        () = stop.cancelled() => return Err(CycleError::Stopped),
        findings = shared.requests.send(|| target.prepare(probe)) => findings?,
    };
    shared.learn(&findings);
    let mappings = &environment.schema.mappings;
    if probe {
        remark(shared, &findings).await?;
        progressing.checkpoint.inventoried = findings
            .unmatchable
            .iter()
            .filter_map(|unmatchable| {
                let mapping = mappings.iter().find(|m| *m.target_type() == unmatchable.object_type)?;
                Some((mapping.title(), mapping.target_name(unmatchable.slot).to_owned()))
            })
            .collect();
    }
    shared.inventoried = inventoried(environment, &progressing.checkpoint);
    if !shared.inventoried.is_empty() && (probe || resumed || has_escrows(environment).await?) {
        inventory::take(shared).await?;
    }
    Ok(())
}

/// Whether anything failed before: a create among it may have been carried out, and the inventory is behind.
async fn has_escrows(environment: &Environment) -> Result<bool, CycleError> {
    Ok(!environment.store.due_escrows(environment.job, Timestamp::MAX, 1).await?.is_empty())
}

/// Matching attributes that are looked up in the inventory, as places in the schema.
#[must_use]
pub(super) fn inventoried(environment: &Environment, checkpoint: &Checkpoint) -> Vec<(usize, usize)> {
    let place = |(title, name): &(String, String)| {
        let index = environment.schema.mappings.iter().position(|mapping| mapping.title() == *title)?;
        let mapping = environment.schema.mappings.get(index)?;
        let slot = mapping.target.attributes.iter().position(|attribute| *attribute.name == **name)?;
        Some((index, slot))
    };
    checkpoint.inventoried.iter().filter_map(place).collect()
}

/// Puts what was learnt of the target into the log of the job.
async fn remark(shared: &Shared<'_>, findings: &Findings) -> Result<(), CycleError> {
    if findings.remarks.is_empty() {
        return Ok(());
    }
    let environment = shared.environment;
    let log = findings.remarks.iter().map(|remark| entry::of_target(shared, remark)).collect();
    let batch = Settlement { log, ..Settlement::default() };
    environment.store.settle(environment.job, environment.lease, batch).await?;
    Ok(())
}

/// Tells how much there is to do.
async fn expect(
    environment: &Environment,
    progressing: &Progressing,
    options: Options,
    observer: &dyn Observer,
) -> Result<(), CycleError> {
    let Some(state) = &progressing.checkpoint.cycle else { return Ok(()) };
    let mut total = state.execution.imported;
    let left = environment.schema.mappings.iter().skip(state.step);
    for mapping in left.filter(|mapping| mapping.follows.is_none()) {
        let request = ReadRequest {
            shape: &mapping.source,
            since: progressing.checkpoint.positions.get(&mapping.title()),
            full: state.initial,
            until: &state.until,
            limit: options.page,
        };
        total += environment.source.count(request).await?;
    }
    observer.expected(total);
    observer.settled(state.execution.imported);
    Ok(())
}

/// The steps, from the one that is under way.
async fn steps(
    shared: &Shared<'_>,
    progressing: &mut Progressing,
    options: Options,
    watch: &Watch<'_>,
) -> Result<StepEnd, CycleError> {
    let mappings = shared.environment.schema.mappings.len();
    loop {
        let Some(state) = progressing.checkpoint.cycle.as_ref() else { return Ok(StepEnd::Done) };
        let (step, initial, until) = (state.step, state.initial, state.until.clone());
        let follows = |mapping: &crate::schema::Mapping| mapping.follows.is_some();
        let end = if shared.environment.schema.mappings.get(step).is_some_and(follows) {
            // Its objects came with those of the mapping that it follows.
            StepEnd::Done
        } else if step < mappings {
            let title = shared.environment.schema.mappings.get(step).map(crate::schema::Mapping::title);
            let since = title.as_ref().and_then(|title| progressing.checkpoint.positions.get(title)).cloned();
            let page = options.page;
            let feed = Feed::Changes { mapping: step, since, until, full: initial, page, exhausted: false };
            drain(shared, progressing, feed, title, watch).await?
        } else if step == mappings && initial {
            let feed = Feed::Unseen { sweep: progressing.checkpoint.sweep, after: 0, page: options.page };
            drain(shared, progressing, feed, None, watch).await?
        } else if step == mappings {
            StepEnd::Done
        } else if step == mappings + 1 {
            let feed = Feed::Escrows { page: options.escrows, exhausted: false };
            drain(shared, progressing, feed, None, watch).await?
        } else if step == mappings + 2 {
            references::write_due(shared, progressing, watch).await?
        } else {
            return Ok(StepEnd::Done);
        };
        if end == StepEnd::Stopped {
            return Ok(end);
        }
        if let Some(state) = progressing.state() {
            state.step = step + 1;
        }
        progressing.store(shared.environment).await?;
    }
}
