//! Log entries.

use std::time::Duration;

use super::object::{Shared, Written};
use crate::decide::{Decision, Verdict, Write, text_of};
use crate::log::{Action, Identity, LogEntry, ModifiedProperty, Reason, Status, Step, StepKind};
use crate::object::SourceObject;
use crate::ports::{ConnectorError, DueReference, ErrorClass};
use crate::schema::{Mapping, ReferenceFlow};

/// What stands in the log instead of a value that an expression marked with `Redact`.
const REDACTED: &str = "[Redact]";

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
        target.name = object.label.to_string();
    }
    LogEntry {
        id: environment.ids.sequential_uuid(),
        at: environment.clock.now(),
        duration_ms: milliseconds(environment, began),
        cycle: shared.cycle,
        change: environment.ids.uuid(),
        action: decision.action,
        status,
        reason,
        source: Identity {
            id: object.anchor.as_str().to_owned(),
            name: object.label.to_string(),
            object_type: mapping.source_type().as_str().to_owned(),
        },
        target,
        steps,
        modified,
        initiator: shared.initiator,
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

/// The entry of references that were written, or that could not be.
pub(super) fn of_references(
    shared: &Shared<'_>,
    mapping: &Mapping,
    flow: &ReferenceFlow,
    references: &[DueReference],
    error: Option<&ConnectorError>,
    began: Duration,
) -> LogEntry {
    let environment = shared.environment;
    let name = mapping.target_name(flow.slot);
    let from = references.first();
    let anchor = from.map_or("", |reference| reference.from.as_str());
    let status = if error.is_some() { Status::Failure } else { Status::Success };
    let reason = error.map(|error| Reason { code: code_of(error.class).into(), message: error.to_string() });
    let resolved = format!(
        "Resolved {} reference(s) of {} '{anchor}' to target objects for {name}",
        references.len(),
        mapping.source_type()
    );
    let exported = match &reason {
        None => format!("Wrote {name} of {} '{anchor}' in {}", mapping.source_type(), mapping.target_system),
        Some(reason) => format!("Failed to write {name}: {}; it is tried again", reason.message),
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
        duration_ms: milliseconds(environment, began),
        cycle: shared.cycle,
        change: environment.ids.uuid(),
        action: Action::Update,
        status,
        reason,
        source: Identity {
            id: anchor.to_owned(),
            name: String::new(),
            object_type: mapping.source_type().as_str().to_owned(),
        },
        target: Identity {
            id: target_id.to_owned(),
            name: String::new(),
            object_type: mapping.target_type().as_str().to_owned(),
        },
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
        change: environment.ids.uuid(),
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
