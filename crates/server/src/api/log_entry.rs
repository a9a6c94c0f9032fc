//! Log entries as `provisioningObjectSummary`.

use std::borrow::Cow;

use jiff::Unit;
use provisor_engine::log::{Action, Initiator, ModifiedProperty, Status, StepKind};
use provisor_graph::error::GraphError;
use provisor_graph::odata::filter::{Case, Comparison, Filter};
use provisor_store::log::LogRow;
use serde_json::{Map, Value as Json, json};

use crate::http::request::Call;

/// What the built-in directory is called in logs and answers, as in Entra's.
pub const SOURCE_SYSTEM: &str = "Azure Active Directory";
/// What the target is called.
pub const TARGET_SYSTEM: &str = "customappsso";
const SERVICE: &str = "Provisor";

/// The properties of an entry, as printed.
const PROPERTIES: [&str; 17] = [
    "id",
    "activityDateTime",
    "tenantId",
    "jobId",
    "cycleId",
    "changeId",
    "provisioningAction",
    "durationInMilliseconds",
    "initiatedBy",
    "servicePrincipal",
    "sourceSystem",
    "targetSystem",
    "sourceIdentity",
    "targetIdentity",
    "provisioningStatusInfo",
    "provisioningSteps",
    "modifiedProperties",
];
/// Old names that clients of the first beta filter by, and what became of them.
const OLD_NAMES: [(&str, &str); 2] =
    [("statusInfo", "provisioningStatusInfo"), ("action", "provisioningAction")];
/// Properties whose values are members of enumerations.
const ENUMERATIONS: [&str; 4] = [
    "provisioningAction",
    "provisioningStatusInfo/status",
    "provisioningStatusInfo/errorInformation/errorCategory",
    "initiatedBy/initiatorType",
];
/// Members of the complex properties that a filter may name.
const MEMBERS: [&str; 6] =
    ["id", "displayName", "identityType", "initiatorType", "status", "errorInformation"];
/// Members of `errorInformation` that a filter may name.
const ERROR_MEMBERS: [&str; 5] =
    ["errorCode", "reason", "additionalDetails", "recommendedAction", "errorCategory"];

/// An entry as JSON.
///
/// # Errors
/// None at present.
pub fn render(call: &Call, row: &LogRow, principal: &str) -> Result<Json, GraphError> {
    let entry = &row.entry;
    let at = entry.at.round(jiff::TimestampRound::new().smallest(Unit::Second).mode(jiff::RoundMode::Trunc));
    let steps: Vec<Json> = entry
        .steps
        .iter()
        .map(|step| {
            json!({
                "name": step.name,
                "provisioningStepType": step.kind,
                "status": step.status,
                "description": step.description,
                "details": details(&step.details),
            })
        })
        .collect();
    let target_details = json!({
        "ServicePrincipalId": row.service_principal, "ServicePrincipalDisplayName": principal,
    });
    Ok(json!({
        "id": entry.id,
        "activityDateTime": at.unwrap_or(entry.at),
        "tenantId": call.state.tenant.id,
        "jobId": row.job_id,
        "cycleId": entry.cycle,
        "changeId": entry.change,
        "provisioningAction": entry.action,
        "durationInMilliseconds": entry.duration_ms,
        "initiatedBy": initiator(entry.initiator),
        "servicePrincipal": {"id": row.service_principal, "displayName": principal},
        "sourceSystem": {"id": "", "displayName": SOURCE_SYSTEM, "details": {}},
        "targetSystem": {"id": "", "displayName": target_system(&row.job_id), "details": target_details},
        "sourceIdentity": identity(&entry.source),
        "targetIdentity": identity(&entry.target),
        "provisioningStatusInfo": {
            "status": entry.status,
            "errorInformation": entry.reason.as_ref().map(|reason| json!({
                "errorCode": reason.code,
                "reason": reason.message,
                "additionalDetails": null,
                "errorCategory": category(entry.status),
                "recommendedAction": null,
            })),
        },
        "provisioningSteps": steps,
        "modifiedProperties": modified(&entry.modified),
    }))
}

/// The template's id, which a job's id begins with, is what Entra calls the target system.
fn target_system(job_id: &str) -> &str {
    job_id.split('.').next().unwrap_or(TARGET_SYSTEM)
}

fn initiator(initiator: Initiator) -> Json {
    match initiator {
        Initiator::System => json!({"id": "", "displayName": SERVICE, "initiatorType": "system"}),
        Initiator::OnDemand => json!({"id": "", "displayName": "On demand", "initiatorType": "application"}),
    }
}

fn identity(identity: &provisor_engine::log::Identity) -> Json {
    let details = if identity.id.is_empty() {
        json!({})
    } else {
        json!({"id": identity.id, "odatatype": identity.object_type, "DisplayName": identity.name})
    };
    json!({
        "id": identity.id, "displayName": identity.name, "identityType": identity.object_type,
        "details": details,
    })
}

const fn category(status: Status) -> &'static str {
    match status {
        Status::Success => "success",
        Status::Failure => "failure",
        Status::Skipped | Status::Warning => "nonServiceFailure",
    }
}

/// Facts of a step as an open object of texts.
#[must_use]
pub fn details(facts: &[(Cow<'static, str>, String)]) -> Json {
    let facts: Map<String, Json> =
        facts.iter().map(|(name, value)| (name.to_string(), value.as_str().into())).collect();
    Json::Object(facts)
}

/// Modified properties as printed.
#[must_use]
pub fn modified(properties: &[ModifiedProperty]) -> Vec<Json> {
    properties
        .iter()
        .map(|property| {
            json!({"displayName": property.name, "oldValue": property.old, "newValue": property.new})
        })
        .collect()
}

/// The kind of a step in the spelling of on-demand answers.
#[must_use]
pub const fn step_kind(kind: StepKind) -> &'static str {
    match kind {
        StepKind::Import => "Import",
        StepKind::Scoping => "Scoping",
        StepKind::Matching => "Matching",
        StepKind::Processing => "Processing",
        StepKind::ReferenceResolution => "ReferenceResolution",
        StepKind::Export => "Export",
    }
}

/// The action in the spelling of on-demand answers.
#[must_use]
pub const fn action_name(action: Action) -> &'static str {
    match action {
        Action::Create => "Create",
        Action::Update => "Update",
        Action::Delete => "Delete",
        Action::Disable => "Disable",
        Action::Other => "Other",
    }
}

/// Refuses filters on what an entry does not have, or has many of.
///
/// # Errors
/// 400 that names the property.
pub fn check_paths(filter: &Filter) -> Result<(), GraphError> {
    let known = |names: &[&str], name: &str| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    for path in filter.properties() {
        let mut segments: Vec<&str> = path.split('/').collect();
        if let Some(first) = segments.first_mut() {
            let renamed = OLD_NAMES.iter().find(|(old, _)| old.eq_ignore_ascii_case(first));
            *first = renamed.map_or(*first, |(_, new)| new);
        }
        let fits = match segments.as_slice() {
            [name] => known(&PROPERTIES[..8], name),
            [name, member] => known(&PROPERTIES[8..15], name) && known(&MEMBERS, member),
            [name, info, member] => {
                name.eq_ignore_ascii_case("provisioningStatusInfo")
                    && info.eq_ignore_ascii_case("errorInformation")
                    && known(&ERROR_MEMBERS, member)
            }
            _ => false,
        };
        if !fits {
            return Err(GraphError::bad_request(format!(
                "Invalid filter clause: the provisioning log cannot be filtered by '{path}'."
            )));
        }
    }
    Ok(())
}

/// Whether an entry passes a filter. Unlike in the directory, letter case counts, except in enumerations.
#[must_use]
pub fn passes(filter: &Filter, entry: &Json) -> bool {
    let comparison = Comparison { case: Case::Sensitive, enumerations: &ENUMERATIONS, renamed: &OLD_NAMES };
    filter.matches_by(entry, &comparison)
}

/// The names of a `$select`, in the spelling of the entry.
///
/// # Errors
/// 400 for a property that an entry does not have.
pub fn check_select(names: &[String]) -> Result<Vec<&'static str>, GraphError> {
    let name = |name: &String| {
        let found = PROPERTIES.iter().find(|known| known.eq_ignore_ascii_case(name)).copied();
        found.ok_or_else(|| GraphError::unknown_select(name, "provisioningObjectSummary"))
    };
    names.iter().filter(|name| *name != "*").map(name).collect()
}

/// The selected members of an entry.
#[must_use]
pub fn select(mut json: Json, names: Option<&[&'static str]>) -> Json {
    if let (Some(names), Some(members)) = (names.filter(|names| !names.is_empty()), json.as_object_mut()) {
        members.retain(|member, _| names.contains(&member.as_str()));
    }
    json
}
