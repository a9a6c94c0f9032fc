//! References (managers, members): written once both ends are linked, many of one object in one request.

use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream;

use super::entry;
use super::feed::UNMAPPED;
use super::object::Shared;
use super::objects::StepEnd;
use super::outcome::CycleError;
use super::requests::Failed;
use super::run::{Progressing, Watch};
use crate::log::LogEntry;
use crate::object::TargetId;
use crate::ports::{
    ConnectorError, DueReference, ErrorClass, Escrow, EscrowChange, ReferenceOutcome, ReferenceWrite,
    Settled, Settlement,
};
use crate::schema::{Mapping, ReferenceFlow};

/// References that one transaction takes.
const PAGE: usize = 1000;
/// When a reference whose write failed is tried again.
const RETRY: Duration = Duration::from_secs(10 * 60);
/// When a reference that the target refused is tried again.
const REFUSED: Duration = Duration::from_secs(3600);

/// What became of the references of one object and attribute.
#[derive(Debug, Default)]
struct Done {
    outcomes: Vec<(i64, ReferenceOutcome)>,
    log: Vec<LogEntry>,
    written: u64,
    failed: u64,
    /// Objects whose target object turned out to be gone.
    lost: Vec<Settled>,
}

impl Done {
    fn settle(&mut self, references: &[DueReference], outcome: &ReferenceOutcome) {
        self.outcomes.extend(references.iter().map(|reference| (reference.key, outcome.clone())));
    }
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
    // One object at a time: its attributes are written one after the other.
    let owners: Vec<Vec<DueReference>> =
        due.chunk_by(|left, right| left.from == right.from).map(<[_]>::to_vec).collect();
    let mut results = stream::iter(owners)
        .map(|references| write_owner(shared, references))
        .buffer_unordered(environment.limiter.ceiling().saturating_mul(2));
    let mut batch = Settlement::default();
    let mut broken = None;
    while let Some((done, error)) = results.next().await {
        batch.references.extend(done.outcomes);
        batch.log.extend(done.log);
        batch.objects.extend(done.lost);
        progressing.count_references(done.written, done.failed);
        broken = broken.or(error);
    }
    batch.checkpoint = Some(progressing.checkpoint.clone());
    Ok(Page { batch: Some(batch), broken })
}

/// Writes the references of one object. What was done before the run broke stays done.
async fn write_owner(shared: &Shared<'_>, references: Vec<DueReference>) -> (Done, Option<CycleError>) {
    let mut done = Done::default();
    for group in references.chunk_by(|left, right| left.slot == right.slot) {
        if let Err(error) = write_group(shared, group, &mut done).await {
            return (done, Some(error));
        }
    }
    (done, None)
}

/// Writes the references of one object and attribute, in as many requests as the target allows at a time.
async fn write_group(shared: &Shared<'_>, group: &[DueReference], done: &mut Done) -> Result<(), CycleError> {
    let environment = shared.environment;
    let Some(first) = group.first() else { return Ok(()) };
    let Some((index, mapping, flow)) = find_flow(shared, first) else {
        let later = later(shared, UNMAPPED);
        done.settle(group, &later);
        return Ok(());
    };
    if shared.dropped.get(index).is_some_and(|dropped| dropped.contains(&flow.slot)) {
        // The target does not have the attribute: what is not sent is not to be told as written.
        done.settle(group, &later(shared, UNMAPPED));
        return Ok(());
    }
    let most = if flow.multivalued {
        environment.target.capabilities().references_per_write.max(1)
    } else {
        usize::MAX
    };
    let mut chunks: Vec<&[DueReference]> = group.chunks(most).rev().collect();
    while let Some(chunk) = chunks.pop() {
        let write = plan(flow, chunk);
        if write.add.is_empty() && write.remove.is_empty() {
            done.settle(chunk, &ReferenceOutcome::Written);
            continue;
        }
        let id = &first.from_target;
        let began = environment.clock.elapsed();
        let error =
            match shared.requests.send(|| environment.target.write_references(index, id, &write)).await {
                Ok(()) => {
                    done.written += 1;
                    done.log.push(entry::of_references(shared, mapping, flow, chunk, None, began).await);
                    done.settle(chunk, &ReferenceOutcome::Written);
                    continue;
                }
                Err(Failed::Object(error)) => error,
                Err(failed) => return Err(failed.into()),
            };
        let refused =
            matches!(error.class, ErrorClass::Invalid | ErrorClass::NotFound | ErrorClass::Conflict);
        if refused && flow.multivalued && chunk.len() > 1 {
            // One that the target does not take must not keep all the others out.
            let (left, right) = chunk.split_at(chunk.len() / 2);
            chunks.extend([right, left]);
            continue;
        }
        if error.class == ErrorClass::NotFound && is_gone(shared, index, first).await? {
            done.lost.push(evaluate_anew(shared, first, &error));
        }
        done.failed += 1;
        done.log.push(entry::of_references(shared, mapping, flow, chunk, Some(&error), began).await);
        done.settle(chunk, &later(shared, if refused { REFUSED } else { RETRY }));
    }
    Ok(())
}

/// Whether the object that refers is not in the target any more.
async fn is_gone(shared: &Shared<'_>, index: usize, reference: &DueReference) -> Result<bool, CycleError> {
    let target = &shared.environment.target;
    match shared.requests.send(|| target.get(index, &reference.from_target)).await {
        Ok(found) => Ok(found.is_none()),
        Err(Failed::Object(error)) => Ok(error.class == ErrorClass::NotFound),
        Err(failed) => Err(failed.into()),
    }
}

/// An object whose target object is gone is to be matched, or created, anew: the next cycle does that first
/// of all, and its references are due again then.
fn evaluate_anew(shared: &Shared<'_>, reference: &DueReference, error: &ConnectorError) -> Settled {
    let now = shared.environment.clock.now();
    let escrow = Escrow {
        anchor: reference.from.clone(),
        object_type: reference.from_type.clone(),
        attempts: 1,
        since: now,
        due: now,
        class: error.class,
        message: error.to_string(),
    };
    let untouched = Settled::untouched(reference.from.clone(), reference.from_type.clone());
    Settled { escrow: EscrowChange::Set(escrow), ..untouched }
}

fn find_flow<'a>(
    shared: &'a Shared<'_>,
    reference: &DueReference,
) -> Option<(usize, &'a Mapping, &'a ReferenceFlow)> {
    let schema = &shared.environment.schema;
    let index = schema.mapping_of(reference.from_type.as_str())?;
    let flow = |mapping: &'a Mapping| {
        let flow = mapping.references.iter().find(|flow| flow.key == reference.slot)?;
        Some((index, mapping, flow))
    };
    schema.beside(index).find_map(flow)
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
