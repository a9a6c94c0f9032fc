//! References (managers, members): written once both ends are linked, many of one object in one request.

use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream;

use super::entry;
use super::object::Shared;
use super::objects::StepEnd;
use super::outcome::CycleError;
use super::requests::Failed;
use super::run::{Progressing, Watch};
use crate::log::LogEntry;
use crate::object::TargetId;
use crate::ports::{ConnectorError, DueReference, ReferenceOutcome, ReferenceWrite, Settlement};
use crate::schema::{Mapping, ReferenceFlow};

/// References that one transaction takes.
const PAGE: usize = 1000;
/// When a reference whose write failed is tried again.
const RETRY: Duration = Duration::from_secs(10 * 60);
/// When a reference whose attribute is not mapped now is looked at again.
const UNMAPPED: Duration = Duration::from_secs(24 * 3600);

/// What became of the references of one object and attribute.
#[derive(Debug, Default)]
struct Done {
    outcomes: Vec<(i64, ReferenceOutcome)>,
    log: Vec<LogEntry>,
    written: u64,
    failed: u64,
}

/// Writes every reference that is due. While one page is settled, the next is written already.
pub(super) async fn write_due(
    shared: &Shared<'_>,
    progressing: &mut Progressing,
    watch: &Watch<'_>,
) -> Result<StepEnd, CycleError> {
    let environment = shared.environment;
    let mut written: Option<Settlement> = None;
    loop {
        let before = written.take();
        // What is being settled may or may not be gone from the due ones when they are read: skipping that
        // many leaves some for the next round at most, and gives none twice.
        let skip = before.as_ref().map_or(0, |batch| batch.references.len());
        let stopped = watch.stop.is_cancelled();
        let settling = async {
            match before {
                Some(batch) => environment.store.settle(environment.job, environment.lease, batch).await,
                None => Ok(()),
            }
        };
        let writing =
            async { if stopped { Ok(Page::default()) } else { write_page(shared, progressing, skip).await } };
        let (settled, page) = tokio::join!(settling, writing);
        settled?;
        let page = page?;
        let nothing_left = page.batch.is_none() && skip == 0;
        written = page.batch;
        if let Some(error) = page.broken {
            if let Some(batch) = written.take() {
                environment.store.settle(environment.job, environment.lease, batch).await?;
            }
            return Err(error);
        }
        if stopped {
            return Ok(StepEnd::Stopped);
        }
        if nothing_left {
            return Ok(StepEnd::Done);
        }
    }
}

/// A page of references that was written.
#[derive(Default)]
struct Page {
    /// What is to be settled; `None` when nothing was due.
    batch: Option<Settlement>,
    /// What broke the run.
    broken: Option<CycleError>,
}

async fn write_page(
    shared: &Shared<'_>,
    progressing: &mut Progressing,
    skip: usize,
) -> Result<Page, CycleError> {
    let environment = shared.environment;
    let now = environment.clock.now();
    let due = environment.store.due_references(environment.job, now, skip, PAGE).await?;
    if due.is_empty() {
        return Ok(Page::default());
    }
    let groups: Vec<Vec<DueReference>> = due
        .chunk_by(|left, right| left.from == right.from && left.slot == right.slot)
        .map(<[_]>::to_vec)
        .collect();
    let mut results = stream::iter(groups)
        .map(|group| write_group(shared, group))
        .buffer_unordered(environment.limiter.ceiling().saturating_mul(2));
    let mut batch = Settlement::default();
    let mut broken = None;
    while let Some(result) = results.next().await {
        match result {
            Ok(done) => {
                batch.references.extend(done.outcomes);
                batch.log.extend(done.log);
                progressing.count_references(done.written, done.failed);
            }
            Err(error) => broken = Some(error),
        }
    }
    batch.checkpoint = Some(progressing.checkpoint.clone());
    Ok(Page { batch: Some(batch), broken })
}

/// Writes the references of one object and attribute, in as many requests as the target allows at a time.
async fn write_group(shared: &Shared<'_>, group: Vec<DueReference>) -> Result<Done, CycleError> {
    let environment = shared.environment;
    let mut done = Done::default();
    let Some(first) = group.first() else { return Ok(done) };
    let Some((index, mapping, flow)) = find_flow(shared, first) else {
        let later = later(shared, UNMAPPED);
        done.outcomes.extend(group.iter().map(|reference| (reference.key, later.clone())));
        return Ok(done);
    };
    let most = if flow.multivalued {
        environment.target.capabilities().references_per_write.max(1)
    } else {
        usize::MAX
    };
    for chunk in group.chunks(most) {
        let write = plan(flow, chunk);
        if write.add.is_empty() && write.remove.is_empty() {
            done.outcomes.extend(chunk.iter().map(|reference| (reference.key, ReferenceOutcome::Written)));
            continue;
        }
        let id = &first.from_target;
        let began = environment.clock.elapsed();
        let result = shared.requests.send(|| environment.target.write_references(index, id, &write)).await;
        let outcome = match &result {
            Ok(()) => ReferenceOutcome::Written,
            Err(Failed::Run(_)) => return finish_run(result, done),
            Err(Failed::Object(_)) => later(shared, RETRY),
        };
        let error: Option<&ConnectorError> = match &result {
            Err(Failed::Object(error)) => Some(error),
            _ => None,
        };
        done.written += u64::from(error.is_none());
        done.failed += u64::from(error.is_some());
        done.log.push(entry::of_references(shared, mapping, flow, chunk, error, began));
        done.outcomes.extend(chunk.iter().map(|reference| (reference.key, outcome.clone())));
    }
    Ok(done)
}

fn finish_run(result: Result<(), Failed>, done: Done) -> Result<Done, CycleError> {
    match result {
        Err(Failed::Run(error) | Failed::Object(error)) => Err(error.into()),
        Ok(()) => Ok(done),
    }
}

fn find_flow<'a>(
    shared: &'a Shared<'_>,
    reference: &DueReference,
) -> Option<(usize, &'a Mapping, &'a ReferenceFlow)> {
    let schema = &shared.environment.schema;
    let index = schema.mapping_of(reference.from_type.as_str())?;
    let mapping = schema.mappings.get(index)?;
    let flow = mapping.references.iter().find(|flow| flow.key == reference.slot)?;
    Some((index, mapping, flow))
}

fn later(shared: &Shared<'_>, wait: Duration) -> ReferenceOutcome {
    let now = shared.environment.clock.now();
    ReferenceOutcome::Later(now.checked_add(wait).unwrap_or(now))
}

/// What is to be sent. A single-valued attribute is set to the new reference, which takes the old one away;
/// that it is empty now is sent only where the schema says that empty values flow.
fn plan(flow: &ReferenceFlow, chunk: &[DueReference]) -> ReferenceWrite {
    let targets = |present: bool| -> Vec<TargetId> {
        chunk
            .iter()
            .filter(|reference| reference.present == present)
            .filter_map(|reference| reference.to_target.clone())
            .collect()
    };
    let add = targets(true);
    let remove = match (flow.multivalued, add.is_empty()) {
        (true, _) => targets(false),
        (false, true) if flow.clears => targets(false),
        (false, _) => Vec::new(),
    };
    ReferenceWrite { slot: flow.slot, add, remove }
}
