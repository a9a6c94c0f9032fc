//! One object from its source to its target: decide, write, and say what is to be remembered.

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::claims::{Claim, Claims};
use super::outcome::CycleError;
use super::requests::{Failed, Requests};
use super::{Environment, entry, export};
use crate::decide::{
    self, Answer, Candidate, Context, Decision, LinkDecision, Need, Progress, Verdict, Write,
};
use crate::failure::escrow_after;
use crate::log::{Initiator, LogEntry};
use crate::object::{Presence, ReferenceChange, References, SourceObject, TargetId};
use crate::ports::{
    ConnectorError, ErrorClass, EscrowChange, Findings, InventoryEntry, LinkChange, ReferenceIntent,
    ReferenceScope, Settled, Settlement, SlotValue, StoreError,
};
use crate::schema::Mapping;

/// How often one object is decided anew in one run, because its target object turned out to be another than
/// was thought (a conflict, a lost answer, a stale link).
const DECISIONS: u32 = 3;

/// What the objects of one run share.
#[derive(Debug)]
pub(super) struct Shared<'a> {
    pub(super) environment: &'a Environment,
    pub(super) requests: Requests<'a>,
    pub(super) claims: Claims,
    pub(super) cycle: Uuid,
    pub(super) initiator: Initiator,
    /// Matching attributes (mapping, slot) that are looked up in the inventory instead of the target.
    pub(super) inventoried: Vec<(usize, usize)>,
    /// Attributes that the target does not have: by mapping, their slots.
    pub(super) dropped: Vec<Vec<usize>>,
}

impl<'a> Shared<'a> {
    pub(super) fn new(
        environment: &'a Environment,
        cycle: Uuid,
        initiator: Initiator,
        stop: CancellationToken,
    ) -> Self {
        let requests = Requests::new(environment, stop);
        let (inventoried, dropped) = (Vec::new(), Vec::new());
        Self { environment, requests, claims: Claims::default(), cycle, initiator, inventoried, dropped }
    }

    /// Takes over what was learnt of the target.
    pub(super) fn learn(&mut self, findings: &Findings) {
        let mappings = self.environment.schema.mappings.iter();
        self.dropped = mappings
            .map(|mapping| {
                let dropped = findings.dropped.iter().filter(|(of, _)| of == mapping.target_type());
                dropped.map(|(_, slot)| *slot).collect()
            })
            .collect();
    }

    /// Whether a matching attribute is looked up in the inventory.
    pub(super) fn is_inventoried(&self, mapping: usize, slot: usize) -> bool {
        self.inventoried.contains(&(mapping, slot))
    }
}

/// What became of one object.
#[derive(Debug)]
pub struct ObjectResult {
    /// What is to be remembered.
    pub settled: Settled,
    /// Target objects for the inventory.
    pub(super) inventory: Vec<InventoryEntry>,
    /// Whether something was to be written.
    pub(super) to_export: bool,
    /// Whether it was written.
    pub(super) exported: bool,
    /// Whether the object is in scope.
    pub(super) in_scope: bool,
}

/// Provisions one object outside a cycle, now: same decision, same writes, same log entry. The result is
/// settled by the caller.
///
/// # Errors
/// When the source, the target or the store cannot be used at all.
pub async fn provision_object(
    environment: &Environment,
    mapping: usize,
    object: SourceObject,
) -> Result<ObjectResult, CycleError> {
    let never = CancellationToken::new();
    let mut shared = Shared::new(environment, environment.ids.uuid(), Initiator::OnDemand, never);
    shared.learn(&environment.target.prepare(false).await?);
    let checkpoint = environment.store.checkpoint(environment.job).await?.unwrap_or_default();
    shared.inventoried = super::run::inventoried(environment, &checkpoint);
    let anchors = [object.anchor.clone()];
    let Some(compiled) = environment.schema.mappings.get(mapping) else {
        return Err(no_mapping(mapping).into());
    };
    let links = environment.store.links(environment.job, compiled.source_type(), &anchors).await?;
    provision(&shared, mapping, &object, links.into_iter().next().flatten()).await
}

fn no_mapping(mapping: usize) -> ConnectorError {
    let message = format!("object mapping {mapping} is not in the schema");
    ConnectorError::new(ErrorClass::Fatal, "provision an object", message)
}

/// Decides about an object, writes, and collects what is to be remembered. Of one that is gone for good the source
/// tells the id alone: its log tells who it was, by what the log knows of it.
pub(super) async fn provision(
    shared: &Shared<'_>,
    index: usize,
    object: &SourceObject,
    link: Option<TargetId>,
) -> Result<ObjectResult, CycleError> {
    let is_nameless = object.presence == Presence::Deleted && *object.label == *object.anchor.as_str();
    let store = shared.environment.store.as_ref();
    let known =
        if is_nameless { store.last_known(shared.environment.job, &object.anchor).await? } else { None };
    let Some(known) = known else { return provision_named(shared, index, object, link).await };
    let named = SourceObject { label: known.label.into(), ..object.clone() };
    let mut result = provision_named(shared, index, &named, link).await?;
    if let Some(entry) = &mut result.settled.log {
        entry.source.name = known.name;
    }
    Ok(result)
}

async fn provision_named(
    shared: &Shared<'_>,
    index: usize,
    object: &SourceObject,
    link: Option<TargetId>,
) -> Result<ObjectResult, CycleError> {
    let environment = shared.environment;
    let mapping = environment.schema.choose(index, &object.values).ok_or_else(|| no_mapping(index))?;
    let began = environment.clock.elapsed();
    let had_link = link.is_some();
    let mut known = link;
    let mut last_conflict = None;
    let mut doubt = Doubt::None;
    for round in 1..=DECISIONS {
        let decision = match decide_object(shared, index, mapping, object, known.clone(), doubt).await {
            Ok(decision) => decision,
            Err(DecideError::Failed(failed @ (Failed::Run(_) | Failed::Stopped))) => {
                return Err(failed.into());
            }
            Err(DecideError::Other(error)) => return Err(error),
            Err(DecideError::Failed(Failed::Object(error))) => {
                let decision = Decision::unreachable(mapping, &error);
                let result =
                    finish(shared, index, mapping, object, decision, Err(error), began, had_link).await?;
                return Ok(result);
            }
        };
        let error = match export::write(shared, index, mapping, object, &decision).await {
            Ok(written) => {
                return finish(shared, index, mapping, object, decision, Ok(written), began, had_link).await;
            }
            Err(failed @ (Failed::Run(_) | Failed::Stopped)) => return Err(failed.into()),
            Err(Failed::Object(error)) => error,
        };
        let creating = matches!(decision.write, Write::Create(_));
        let updating = matches!(decision.write, Write::Update { .. });
        // A create that met a conflict, or whose answer was lost, may have been carried out (by us): what
        // matches now is ours to link. An update whose object is gone has a stale link.
        let again = match error.class {
            ErrorClass::Conflict => creating && last_conflict.is_none(),
            ErrorClass::NotFound => updating,
            _ => creating && error.maybe_applied,
        };
        if again && round < DECISIONS {
            last_conflict = Some(error.class).filter(|class| *class == ErrorClass::Conflict);
            if creating {
                doubt = Doubt::MaybeCreated;
            }
            known = None;
            continue;
        }
        return finish(shared, index, mapping, object, decision, Err(error), began, had_link).await;
    }
    let message = format!("{} '{}' could not be settled", mapping.source_type(), object.label);
    Err(ConnectorError::new(ErrorClass::Transient, "provision an object", message).into())
}

/// Whether the target may hold an object that nobody knows of yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doubt {
    None,
    /// A create of this object may have been carried out: the inventory does not tell.
    MaybeCreated,
}

enum DecideError {
    Failed(Failed),
    Other(CycleError),
}

impl From<Failed> for DecideError {
    fn from(failed: Failed) -> Self {
        Self::Failed(failed)
    }
}

impl From<StoreError> for DecideError {
    fn from(error: StoreError) -> Self {
        Self::Other(error.into())
    }
}

impl From<CycleError> for DecideError {
    fn from(error: CycleError) -> Self {
        Self::Other(error)
    }
}

/// Drives a decision: answers what it asks.
async fn decide_object(
    shared: &Shared<'_>,
    index: usize,
    mapping: &Mapping,
    object: &SourceObject,
    link: Option<TargetId>,
    doubt: Doubt,
) -> Result<Decision, DecideError> {
    let environment = shared.environment;
    let context = Context {
        mapping,
        policy: &environment.policy,
        dropped: shared.dropped.get(index).map_or(&[], Vec::as_slice),
        now: environment.clock.now(),
        ids: environment.ids.as_ref(),
    };
    let mut progress = decide::begin(context, object, link);
    loop {
        match progress {
            Progress::Done(decision) => return Ok(*decision),
            Progress::Ask(need, pending) => {
                let answer = answer(shared, index, mapping, object, need, doubt).await?;
                progress = pending.answer(answer);
            }
        }
    }
}

async fn answer(
    shared: &Shared<'_>,
    index: usize,
    mapping: &Mapping,
    object: &SourceObject,
    need: Need,
    doubt: Doubt,
) -> Result<Answer, DecideError> {
    let environment = shared.environment;
    let criterion = match need {
        Need::TargetById(id) => {
            let found = shared.requests.send(|| environment.target.get(index, &id)).await?;
            return Ok(Answer::Object(found));
        }
        Need::TargetTaken(value) => return is_taken(shared, index, mapping, object, &value).await,
        Need::TargetMatching(criterion) => criterion,
    };
    let value = super::inventory::key(mapping, &criterion);
    let claim = Claim::Value(index, criterion.slot, value.clone());
    shared.claims.wait_for(claim, &object.anchor).await.map_err(|_| CycleError::Store(StoreError::Closed))?;
    let objects = if shared.is_inventoried(index, criterion.slot) && doubt == Doubt::MaybeCreated {
        super::inventory::search(shared, index, criterion.slot, &value).await?
    } else if shared.is_inventoried(index, criterion.slot) {
        let job = environment.job;
        let ids = environment.store.inventory(job, mapping.target_type(), criterion.slot, &value).await?;
        let mut objects = Vec::with_capacity(ids.len());
        for id in ids {
            objects.extend(shared.requests.send(|| environment.target.get(index, &id)).await?);
        }
        objects
    } else {
        shared.requests.send(|| environment.target.find(index, &criterion)).await?
    };
    // Of several none is taken: the decision fails, and nobody else is to be kept from them.
    let only = objects.len() == 1;
    let mut candidates = Vec::with_capacity(objects.len());
    for found in objects {
        let linked =
            environment.store.linked_anchor(environment.job, mapping.source_type(), &found.id).await?;
        let linked_to = match linked {
            None if only => shared.claims.claim(Claim::Target(found.id.clone()), &object.anchor),
            linked => linked,
        };
        candidates.push(Candidate { object: found, linked_to });
    }
    Ok(Answer::Matches(candidates))
}

/// Whether the target has a value, or another object is just being given it. Nobody waits for the other here: two
/// objects that could take each other's first choice would wait for ever.
async fn is_taken(
    shared: &Shared<'_>,
    index: usize,
    mapping: &Mapping,
    object: &SourceObject,
    value: &SlotValue,
) -> Result<Answer, DecideError> {
    let claim = Claim::Value(index, value.slot, super::inventory::key(mapping, value));
    if shared.claims.claim(claim, &object.anchor).is_some() {
        return Ok(Answer::Taken(true));
    }
    match shared.requests.send(|| shared.environment.target.find(index, value)).await {
        Ok(found) => Ok(Answer::Taken(!found.is_empty())),
        // A target that cannot look this attribute up refuses what clashes when it is written.
        Err(Failed::Object(error)) if error.class == ErrorClass::Invalid => Ok(Answer::Taken(false)),
        Err(failed) => Err(failed.into()),
    }
}

/// What was written.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// The id of a new target object.
    pub(super) created: Option<TargetId>,
    /// What a read-back found amiss.
    pub(super) remark: Option<String>,
}

#[expect(clippy::too_many_arguments, reason = "the two ends of one object's way, called from one function")]
async fn finish(
    shared: &Shared<'_>,
    index: usize,
    mapping: &Mapping,
    object: &SourceObject,
    decision: Decision,
    written: Result<Written, ConnectorError>,
    began: std::time::Duration,
    had_link: bool,
) -> Result<ObjectResult, CycleError> {
    let environment = shared.environment;
    let failure = match (&decision.verdict, &written) {
        (Verdict::Fail(class, reason), _) => Some((*class, reason.message.clone())),
        (_, Err(error)) => Some((error.class, error.to_string())),
        _ => None,
    };
    let link = link_change(&decision, &written);
    let linked = match &link {
        LinkChange::Set(_) => true,
        LinkChange::Keep => had_link,
        LinkChange::Remove => false,
    };
    let newly = matches!(link, LinkChange::Set(_));
    let references = if failure.is_none() && decision.in_scope && linked {
        reference_intents(environment, mapping, object, newly).await?
    } else {
        // Whoever settles the object next has to tell all of its references.
        Told { missed: !mapping.references.is_empty(), ..Told::default() }
    };
    let escrow = match &failure {
        None => EscrowChange::Clear,
        Some((class, message)) => {
            let previous =
                environment.store.escrow(environment.job, mapping.source_type(), &object.anchor).await?;
            EscrowChange::Set(escrow_after(
                &object.anchor,
                mapping.source_type(),
                previous.as_ref(),
                environment.clock.now(),
                *class,
                message,
                environment.ids.random(),
            ))
        }
    };
    let inventory = inventory_entries(shared, index, mapping, &decision.write, &written);
    let to_export = failure.is_some() || decision.write != Write::Nothing;
    let exported = failure.is_none() && decision.write != Write::Nothing;
    let in_scope = decision.in_scope;
    let log: LogEntry = entry::of_object(shared, mapping, object, decision, written.as_ref(), began);
    let settled = Settled {
        anchor: object.anchor.clone(),
        object_type: mapping.source_type().clone(),
        link,
        escrow,
        references: references.intents,
        reference_scope: references.scope,
        missed_references: references.missed,
        log: Some(log),
    };
    Ok(ObjectResult { settled, inventory, to_export, exported, in_scope })
}

fn link_change(decision: &Decision, written: &Result<Written, ConnectorError>) -> LinkChange {
    let Ok(written) = written else {
        // The write failed: what was found out about the link still holds, the write's own effect does not.
        return match (&decision.link, &decision.write) {
            (LinkDecision::Set(target), _) => LinkChange::Set(target.clone()),
            (LinkDecision::Remove, Write::Delete { .. }) | (LinkDecision::Keep, _) => LinkChange::Keep,
            (LinkDecision::Remove, _) => LinkChange::Remove,
        };
    };
    if let Some(id) = &written.created {
        return LinkChange::Set(id.clone());
    }
    match &decision.link {
        LinkDecision::Keep => LinkChange::Keep,
        LinkDecision::Set(target) => LinkChange::Set(target.clone()),
        LinkDecision::Remove => LinkChange::Remove,
    }
}

/// What an object tells of its references.
#[derive(Debug, Default)]
struct Told {
    intents: Vec<ReferenceIntent>,
    scope: ReferenceScope,
    /// Changes are passed over.
    missed: bool,
}

/// The references that are to be there, by target attribute. An object that is newly linked, or whose changes
/// were passed over before (it failed, or was out of scope), tells all of its references, not only those that
/// changed since the position being read.
async fn reference_intents(
    environment: &Environment,
    mapping: &Mapping,
    object: &SourceObject,
    newly: bool,
) -> Result<Told, CycleError> {
    if mapping.references.is_empty() {
        return Ok(Told::default());
    }
    let whole;
    let mut told = object;
    let source_type = mapping.source_type();
    if matches!(object.references, References::Changed(_))
        && (newly
            || environment.store.missed_references(environment.job, source_type, &object.anchor).await?)
    {
        whole = environment.source.get(&mapping.source, &object.anchor).await?;
        told = whole.as_ref().unwrap_or(object);
    }
    let mut intents = Vec::new();
    let mut add = |changes: &[ReferenceChange]| {
        for change in changes {
            for flow in mapping.references.iter().filter(|flow| flow.reference == change.attribute) {
                intents.push(ReferenceIntent {
                    slot: flow.key,
                    to: change.to.clone(),
                    present: change.present,
                });
            }
        }
    };
    add(told.references.changes());
    let mut cursor = told.more_references.clone();
    while let Some(at) = cursor {
        let page = environment.source.references(&mapping.source, &object.anchor, &at).await?;
        add(&page.changes);
        cursor = page.next;
    }
    let scope = match told.references {
        References::All(_) => ReferenceScope::Complete,
        References::Changed(_) => ReferenceScope::Listed,
    };
    Ok(Told { intents, scope, missed: false })
}

fn inventory_entries(
    shared: &Shared<'_>,
    index: usize,
    mapping: &Mapping,
    write: &Write,
    written: &Result<Written, ConnectorError>,
) -> Vec<InventoryEntry> {
    let (Write::Create(values), Ok(Written { created: Some(target), .. })) = (write, written) else {
        return Vec::new();
    };
    let wanted = |value: &&SlotValue| shared.is_inventoried(index, value.slot);
    values
        .iter()
        .filter(wanted)
        .map(|value| InventoryEntry {
            object_type: mapping.target_type().clone(),
            slot: value.slot,
            value: super::inventory::key(mapping, value),
            target: target.clone(),
        })
        .collect()
}

impl ObjectResult {
    /// The batch that remembers this result alone.
    #[must_use]
    pub fn into_settlement(self) -> Settlement {
        Settlement { objects: vec![self.settled], inventory: self.inventory, ..Settlement::default() }
    }
}
