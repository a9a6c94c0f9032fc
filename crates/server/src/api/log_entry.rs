//! Log entries as `provisioningObjectSummary`.

use std::borrow::Cow;

use jiff::Unit;
use provisor_engine::log::{Action, Initiator, ModifiedProperty, Status, StepKind};
use provisor_graph::edm;
use provisor_graph::error::GraphError;
use provisor_graph::odata::filter::{Case, Comparison, Field, Filter, Kind, Members, Table};
use provisor_graph::resources::synchronization::log::{
    InitiatorType, ProvisioningAction, ProvisioningResult, ProvisioningStatusErrorCategory,
};
use provisor_store::log::LogRow;
use serde_json::{Map, Value as Json, json};

use super::log_about::About;
use crate::http::request::Call;

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
/// What a filter may name: every simple property, and every simple member of the others but the lists.
static FILTERABLE: Table = Table(&[
    ("id", Field::one(Kind::Guid)),
    ("activityDateTime", Field::TIME),
    ("tenantId", Field::one(Kind::Guid)),
    ("jobId", Field::TEXT),
    ("cycleId", Field::one(Kind::Guid)),
    ("changeId", Field::one(Kind::Guid)),
    ("provisioningAction", Field::one(Kind::OneOf(ProvisioningAction::NAMES))),
    ("durationInMilliseconds", Field::NUMBER),
    ("initiatedBy", Field::object(&INITIATOR)),
    ("servicePrincipal", Field::object(&NAMED)),
    ("sourceSystem", Field::object(&NAMED)),
    ("targetSystem", Field::object(&NAMED)),
    ("sourceIdentity", Field::object(&IDENTITY)),
    ("targetIdentity", Field::object(&IDENTITY)),
    ("provisioningStatusInfo", Field::object(&STATUS)),
]);
static NAMED: Table = Table(&[("id", Field::TEXT), ("displayName", Field::TEXT)]);
static INITIATOR: Table = Table(&[
    ("id", Field::TEXT),
    ("displayName", Field::TEXT),
    ("initiatorType", Field::one(Kind::OneOf(InitiatorType::NAMES))),
]);
static IDENTITY: Table =
    Table(&[("id", Field::TEXT), ("displayName", Field::TEXT), ("identityType", Field::TEXT)]);
static STATUS: Table = Table(&[
    ("status", Field::one(Kind::OneOf(ProvisioningResult::NAMES))),
    ("errorInformation", Field::object(&ERROR)),
]);
static ERROR: Table = Table(&[
    ("errorCode", Field::TEXT),
    ("reason", Field::TEXT),
    ("additionalDetails", Field::TEXT),
    ("recommendedAction", Field::TEXT),
    ("errorCategory", Field::one(Kind::OneOf(ProvisioningStatusErrorCategory::NAMES))),
]);

/// What a filter may name, by old names too.
#[derive(Debug)]
struct Entry;

impl Members for Entry {
    fn field(&self, name: &str) -> Option<Field> {
        let renamed = OLD_NAMES.iter().find(|(old, _)| old.eq_ignore_ascii_case(name));
        FILTERABLE.field(renamed.map_or(name, |(_, new)| new))
    }
}

/// An entry as JSON.
#[must_use]
pub fn render(call: &Call, row: &LogRow, about: &About) -> Json {
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
    let About { principal, systems } = about;
    let target_details = json!({
        "ApplicationId": principal.app_id,
        "ServicePrincipalId": row.service_principal,
        "ServicePrincipalDisplayName": principal.name,
    });
    json!({
        "id": entry.id,
        "activityDateTime": edm::print(at.unwrap_or(entry.at)),
        "tenantId": call.state.tenant.id,
        "jobId": row.job_id,
        "cycleId": entry.cycle,
        "changeId": entry.change,
        "provisioningAction": entry.action,
        "durationInMilliseconds": entry.duration_ms,
        "initiatedBy": initiator(entry.initiator),
        "servicePrincipal": {"id": row.service_principal, "displayName": principal.name},
        "sourceSystem": {"id": "", "displayName": systems.source, "details": {}},
        "targetSystem": {"id": "", "displayName": systems.target, "details": target_details},
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
    })
}

fn initiator(initiator: Initiator) -> Json {
    match initiator {
        Initiator::System => json!({"id": "", "displayName": SERVICE, "initiatorType": "system"}),
        Initiator::Upload => json!({"id": "", "displayName": "Bulk upload", "initiatorType": "application"}),
        Initiator::OnDemand => json!({"id": "", "displayName": "On demand", "initiatorType": "application"}),
    }
}

fn identity(identity: &provisor_engine::log::Identity) -> Json {
    let mut details = Map::new();
    if !identity.id.is_empty() {
        details.insert("id".into(), identity.id.as_str().into());
        details.insert("odatatype".into(), identity.object_type.as_str().into());
        details.insert("DisplayName".into(), identity.name.as_str().into());
        if identity.object_type.eq_ignore_ascii_case("User") && !identity.label.is_empty() {
            details.insert("UserPrincipalName".into(), identity.label.as_str().into());
        }
    }
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

/// Refuses filters on what an entry does not have, or has many of, and comparisons that can never hold.
///
/// # Errors
/// 400 that names the property.
pub fn check_filter(filter: &Filter) -> Result<(), GraphError> {
    for path in filter.properties() {
        let name = path.split('/').next().unwrap_or_default();
        let listed = ["provisioningSteps", "modifiedProperties"];
        if listed.iter().any(|listed| listed.eq_ignore_ascii_case(name)) {
            let message = format!("the provisioning log cannot be filtered by '{path}'.");
            return Err(GraphError::invalid_filter(&message));
        }
    }
    filter.check(&Entry, "provisioningObjectSummary")
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
