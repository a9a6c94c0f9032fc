//! Log entries.

use std::sync::Arc;
use std::time::Duration;

use uuid::{Builder, Uuid, Variant, Version};

use super::object::{Shared, Written};
use crate::decide::{Decision, Verdict, Write, text_of};
use crate::log::{Action, Identity, LogEntry, ModifiedProperty, Reason, Status, Step, StepKind};
use crate::object::{Anchor, SourceObject};
use crate::ports::{ConnectorError, DueReference, ErrorClass, SourceAttribute, SourceShape};
use crate::schema::{Mapping, ReferenceFlow};

/// What stands in the log instead of a value that an expression marked with `Redact`.
const REDACTED: &str = "[Redact]";
/// The source attribute that holds what people call an object.
const DISPLAY_NAME: &str = "displayName";

/// The entry of one object.
pub(super) fn of_object(
    shared: &Shared<'_>,
    mapping: &Mapping,
    object: &SourceObject,
    decision: Decision,
    written: Result<&Written, &ConnectorError>,
    began: Duration,
) -> LogEntry {
    let environment = shared.environment;
    let modified = modified(mapping, &decision.write);
    let (status, reason) = judge(&decision.verdict, written);
    let mut steps = decision.steps;
    if decision.write != Write::Nothing || written.is_err() {
        steps.push(export_step(mapping, object, decision.action, &status, reason.as_ref()));
    }
    let mut target = decision.target;
    if let Ok(Written { created: Some(id), .. }) = written {
        target.id = id.as_str().to_owned();
    }
    // A link says that both are the same. An id is no name.
    let is_named = *object.label != *object.anchor.as_str();
    if is_named && target.name.is_empty() && !target.id.is_empty() {
        target.name = object.label.to_string();
    }
    LogEntry {
        id: environment.ids.sequential_uuid(),
        at: environment.clock.now(),
        duration_ms: milliseconds(environment, began),
        cycle: shared.cycle,
        change: change_of(shared.cycle, object.anchor.as_str()),
        action: decision.action,
        status,
        reason,
        source: source_identity(mapping, &mapping.source, object),
        target,
        steps,
        modified,
        initiator: shared.initiator,
    }
}

/// The id of an object's changes in one cycle: the same in all its entries.
fn change_of(cycle: Uuid, anchor: &str) -> Uuid {
    // FNV-1a with 128 bits: it tells objects apart, and nobody gains by forging one.
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let bytes = cycle.as_bytes().iter().chain(anchor.as_bytes());
    let hash = bytes.fold(BASIS, |hash, byte| (hash ^ u128::from(*byte)).wrapping_mul(PRIME));
    Builder::from_u128(hash).with_variant(Variant::RFC4122).with_version(Version::Custom).into_uuid()
}

/// Who an object is in its source; `shape` says where its values stand.
fn source_identity(mapping: &Mapping, shape: &SourceShape, object: &SourceObject) -> Identity {
    let slot =
        shape.attributes.iter().position(|attribute| attribute.name.eq_ignore_ascii_case(DISPLAY_NAME));
    let name = slot.and_then(|slot| object.values.get(slot)).and_then(text_of);
    Identity {
        id: object.anchor.as_str().to_owned(),
        name: name.unwrap_or_else(|| object.label.to_string()),
        label: object.label.to_string(),
        object_type: mapping.source_type().as_str().to_owned(),
    }
}

fn judge(verdict: &Verdict, written: Result<&Written, &ConnectorError>) -> (Status, Option<Reason>) {
    match (verdict, written) {
        (Verdict::Fail(_, reason), _) => (Status::Failure, Some(reason.clone())),
        (_, Err(error)) => {
            let reason = Reason { code: code_of(error.class).into(), message: error.to_string() };
            (Status::Failure, Some(reason))
        }
        (Verdict::Skip(reason), Ok(_)) => (Status::Skipped, Some(reason.clone())),
        (Verdict::Act, Ok(Written { remark: Some(remark), .. })) => {
            let reason = Reason { code: "ChangeNotApplied".into(), message: remark.clone() };
            (Status::Warning, Some(reason))
        }
        (Verdict::Act, Ok(_)) => (Status::Success, None),
    }
}

/// The code of a failed request that readers of Entra's log know.
pub(super) fn code_of(class: ErrorClass) -> &'static str {
    match class {
        ErrorClass::Throttled => "TooManyRequests",
        ErrorClass::Transient => "WebExceptionProtocolError",
        ErrorClass::Conflict => "EntryConflict",
        ErrorClass::NotFound => "InvalidAnchor",
        ErrorClass::Invalid => "InvalidRequest",
        ErrorClass::Unauthorized => "InvalidCredentials",
        ErrorClass::Fatal => "ServiceIncompatible",
    }
}

fn export_step(
    mapping: &Mapping,
    object: &SourceObject,
    action: Action,
    status: &Status,
    reason: Option<&Reason>,
) -> Step {
    let (name, done, failed) = match action {
        Action::Create => ("EntryExportAdd", "Created", "create"),
        Action::Delete => ("EntryExportDelete", "Deleted", "delete"),
        Action::Disable => ("EntryExportUpdate", "Deactivated", "deactivate"),
        Action::Update => ("EntryExportUpdate", "Updated", "update"),
        Action::Other => ("EntryExport", "Provisioned", "provision"),
    };
    let subject = format!("{} '{}'", mapping.source_type(), object.label);
    let description = match (status, reason) {
        (Status::Failure, Some(reason)) => format!("Failed to {failed} {subject}: {}", reason.message),
        (_, Some(reason)) => format!("{done} {subject}: {}", reason.message),
        _ => format!("{done} {subject} in {}", mapping.target_system),
    };
    Step {
        name: name.into(),
        kind: StepKind::Export,
        status: *status,
        description,
        details: vec![("ReportableIdentifier".into(), object.label.to_string())],
    }
}

fn modified(mapping: &Mapping, write: &Write) -> Vec<ModifiedProperty> {
    let shown = |slot: usize, value: &provisor_expression::Value| {
        let redacted = mapping.attributes.iter().any(|flow| flow.slot == slot && flow.redacted);
        text_of(value).map(|text| if redacted { REDACTED.to_owned() } else { text })
    };
    match write {
        Write::Nothing | Write::Delete { .. } => Vec::new(),
        Write::Create(values) => values
            .iter()
            .map(|value| ModifiedProperty {
                name: mapping.target_name(value.slot).to_owned(),
                old: None,
                new: shown(value.slot, &value.value),
            })
            .collect(),
        Write::Update { changes, .. } => changes
            .iter()
            .map(|change| ModifiedProperty {
                name: mapping.target_name(change.slot).to_owned(),
                old: shown(change.slot, &change.old),
                new: shown(change.slot, &change.new),
            })
            .collect(),
    }
}

/// Who an object is that only its id is known of. The source is asked for the name alone; where it cannot
/// tell, the id has to do.
async fn look_up(shared: &Shared<'_>, mapping: &Mapping, anchor: &Anchor) -> Identity {
    let shape = SourceShape {
        object_type: mapping.source_type().clone(),
        attributes: vec![SourceAttribute { name: Arc::from(DISPLAY_NAME) }],
        references: Vec::new(),
    };
    match shared.environment.source.get(&shape, anchor).await {
        Ok(Some(object)) => source_identity(mapping, &shape, &object),
        Ok(None) | Err(_) => Identity {
            id: anchor.as_str().to_owned(),
            name: anchor.as_str().to_owned(),
            label: anchor.as_str().to_owned(),
            object_type: mapping.source_type().as_str().to_owned(),
        },
    }
}

/// The entry of references that were written, or that could not be.
pub(super) async fn of_references(
    shared: &Shared<'_>,
    mapping: &Mapping,
    flow: &ReferenceFlow,
    references: &[DueReference],
    error: Option<&ConnectorError>,
    began: Duration,
) -> LogEntry {
    let environment = shared.environment;
    let name = mapping.target_name(flow.slot);
    let duration_ms = milliseconds(environment, began);
    let from = references.first();
    let source = match from {
        Some(reference) => look_up(shared, mapping, &reference.from).await,
        None => Identity::default(),
    };
    let label = &source.label;
    let status = if error.is_some() { Status::Failure } else { Status::Success };
    let reason = error.map(|error| Reason { code: code_of(error.class).into(), message: error.to_string() });
    let resolved = format!(
        "Resolved {} reference(s) of {} '{label}' to target objects for {name}",
        references.len(),
        mapping.source_type()
    );
    let exported = match &reason {
        None => format!("Wrote {name} of {} '{label}' in {}", mapping.source_type(), mapping.target_system),
        Some(reason) => {
            let owner = format!("{} '{label}'", mapping.source_type());
            format!("Failed to write {name} of {owner}: {}; it is tried again", reason.message)
        }
    };
    let step = |name: &'static str, kind, status, description| Step {
        name: name.into(),
        kind,
        status,
        description,
        details: Vec::new(),
    };
    let modified = modified_references(name, flow, references);
    let target_id = from.map_or("", |reference| reference.from_target.as_str());
    LogEntry {
        id: environment.ids.sequential_uuid(),
        at: environment.clock.now(),
        duration_ms,
        cycle: shared.cycle,
        change: change_of(shared.cycle, &source.id),
        action: Action::Update,
        status,
        reason,
        target: Identity {
            id: target_id.to_owned(),
            name: source.label.clone(),
            object_type: mapping.target_type().as_str().to_owned(),
            ..Identity::default()
        },
        source,
        steps: vec![
            step("EntrySynchronizationUpdate", StepKind::ReferenceResolution, Status::Success, resolved),
            step("EntryExportUpdate", StepKind::Export, status, exported),
        ],
        modified,
        initiator: shared.initiator,
    }
}

/// Each member that came or went; of a single reference the old one and the new one.
fn modified_references(
    name: &str,
    flow: &ReferenceFlow,
    references: &[DueReference],
) -> Vec<ModifiedProperty> {
    let id = |reference: &DueReference| reference.to_target.as_ref().map(|id| id.as_str().to_owned());
    let property = |old, new| ModifiedProperty { name: name.to_owned(), old, new };
    if !flow.multivalued {
        let find = |present| references.iter().find(|reference| reference.present == present).and_then(id);
        return vec![property(find(false), find(true))];
    }
    let changed = references.iter().filter_map(|reference| {
        let id = id(reference)?;
        Some(if reference.present { property(None, Some(id)) } else { property(Some(id), None) })
    });
    changed.collect()
}

/// A remark about the target as a whole.
pub(super) fn of_target(shared: &Shared<'_>, remark: &str) -> LogEntry {
    let environment = shared.environment;
    let step = Step {
        name: "TargetDiscovery".into(),
        kind: StepKind::Processing,
        status: Status::Warning,
        description: remark.to_owned(),
        details: Vec::new(),
    };
    LogEntry {
        id: environment.ids.sequential_uuid(),
        at: environment.clock.now(),
        duration_ms: 0,
        cycle: shared.cycle,
        change: change_of(shared.cycle, ""),
        action: Action::Other,
        status: Status::Warning,
        reason: Some(Reason { code: "TargetLimitation".into(), message: remark.to_owned() }),
        source: Identity::default(),
        target: Identity::default(),
        steps: vec![step],
        modified: Vec::new(),
        initiator: shared.initiator,
    }
}

fn milliseconds(environment: &super::Environment, began: Duration) -> u32 {
    let elapsed = environment.clock.elapsed().saturating_sub(began);
    u32::try_from(elapsed.as_millis()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_one_object_in_one_cycle() {
        let (first, second) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_eq!(change_of(first, "ida"), change_of(first, "ida"));
        assert_ne!(change_of(first, "ida"), change_of(first, "per"));
        assert_ne!(change_of(first, "ida"), change_of(second, "ida"));
        assert_eq!(change_of(first, "ida").get_version(), Some(Version::Custom));
    }
}
