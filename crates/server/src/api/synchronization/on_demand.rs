//! Provisioning one object now.

use provisor_engine::log::{LogEntry, Status};
use provisor_engine::object::Anchor;
use provisor_graph::edm;
use provisor_graph::error::GraphError;
use provisor_graph::resources::synchronization::on_demand::{ApplicationParameters, ProvisionOnDemand};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::host::Host;
use super::{schema, templates};
use crate::api::log_about::Systems;
use crate::api::log_entry;
use crate::http::error::{Answer, Failure};
use crate::http::request::Call;
use crate::http::response::Reply;
use crate::runtime::{OnDemandError, Subject};

/// `POST …/provisionOnDemand`: 200 whether the object was written, skipped or failed; the answer tells.
///
/// # Errors
/// 404 when there is no such job, 400 for a rule or an object that there is not.
pub async fn provision(call: Call) -> Answer {
    let host = Host::resolve(&call).await?;
    let job = host.job(&call).await?;
    let body: Option<ProvisionOnDemand> = call.optional("provisionOnDemand")?;
    let parameters = body.map(|body| body.parameters).unwrap_or_default();
    let (rule, subject) = only_subject(&parameters)?;
    templates::check_connector(&call, &host, &job.template_id).await?;
    let schema = schema::of_job(&call, &host, &job).await?;
    let rules = &schema.synchronization_rules;
    let known = rules.iter().filter_map(|rule| rule.id.as_deref()).find(|id| id.eq_ignore_ascii_case(rule));
    let rule_id = known.map(str::to_owned).ok_or_else(|| {
        let rules: Vec<&str> = rules.iter().filter_map(|rule| rule.id.as_deref()).collect();
        GraphError::bad_request(format!(
            "The rule '{rule}' in 'parameters[0]/ruleId' is not in the job's schema; its rules are: {}.",
            rules.join(", ")
        ))
    })?;
    check_object(&call, &subject.object).await?;
    let entry =
        call.state.runtime.provision(job.key, Subject { rule_id, ..subject }).await.map_err(refused)?;
    let systems = Systems::of(&schema, &entry);
    let answer =
        json!({"key": key(&entry).to_string(), "value": value(&entry, systems.as_ref()).to_string()});
    Ok(Reply::entity(&call, "microsoft.graph.stringKeyStringValuePair", &answer)?)
}

/// The one rule and subject of a request. Several at once are refused rather than half done.
fn only_subject(parameters: &[ApplicationParameters]) -> Result<(&str, Subject), GraphError> {
    let [parameter] = parameters else {
        let count = parameters.len();
        return Err(GraphError::bad_request(format!("'parameters' must have one entry; it has {count}.")));
    };
    let [subject] = parameter.subjects.as_slice() else {
        let count = parameter.subjects.len();
        let message = format!("'parameters[0]/subjects' must have one entry; it has {count}.");
        return Err(GraphError::bad_request(message));
    };
    let text = |value: &Option<String>, name: &str| {
        value.clone().filter(|text| !text.is_empty()).ok_or_else(|| {
            GraphError::bad_request(format!("'parameters[0]/subjects[0]/{name}' must not be empty."))
        })
    };
    let object = text(&subject.object_id, "objectId")?;
    let object_type = text(&subject.object_type_name, "objectTypeName")?;
    let rule = parameter.rule_id.as_deref().unwrap_or_default();
    Ok((rule, Subject { rule_id: String::new(), object: Anchor::new(object), object_type }))
}

/// An id that the built-in directory does not have is the caller's mistake, not a failed export.
async fn check_object(call: &Call, object: &Anchor) -> Result<(), Failure> {
    let found = match Uuid::try_parse(object.as_str()) {
        Ok(id) => call.state.store.get(id).await?,
        Err(_) => None,
    };
    if found.is_some_and(|object| !object.purged) {
        return Ok(());
    }
    let message = format!("The object '{object}' in 'parameters[0]/subjects[0]/objectId' does not exist.");
    Err(GraphError::bad_request(message).into())
}

fn refused(error: OnDemandError) -> Failure {
    match error {
        OnDemandError::Store(error) => error.into(),
        OnDemandError::BadRequest(_) | OnDemandError::Schema(_) | OnDemandError::Connector(_) => {
            GraphError::bad_request(error.to_string()).into()
        }
    }
}

fn pascal(status: Status) -> &'static str {
    match status {
        Status::Success => "Success",
        Status::Failure => "Failure",
        Status::Skipped => "Skipped",
        Status::Warning => "Warning",
    }
}

/// The answer's `key`: the result in a word, and why.
fn key(entry: &LogEntry) -> Json {
    let details = entry.reason.as_ref().map_or_else(
        || json!({}),
        |reason| json!({"errorCode": reason.code, "errorMessage": reason.message}),
    );
    json!({"result": pascal(entry.status), "details": details})
}

/// The answer's `value`: the log record, in the spelling of on-demand answers.
fn value(entry: &LogEntry, systems: Option<&Systems>) -> Json {
    let began = entry.at.saturating_sub(jiff::SignedDuration::from_millis(i64::from(entry.duration_ms)));
    let began = began.unwrap_or(entry.at);
    let steps: Vec<Json> = entry
        .steps
        .iter()
        .map(|step| {
            json!({
                "name": step.name,
                "type": log_entry::step_kind(step.kind),
                "status": pascal(step.status),
                "description": step.description,
                "timestamp": edm::print(entry.at),
                "details": log_entry::details(&step.details),
            })
        })
        .collect();
    let reason = entry.reason.as_ref();
    let source = &entry.source;
    let reportable = if source.label.is_empty() { &source.name } else { &source.label };
    json!({
        "action": log_entry::action_name(entry.action),
        "changeId": entry.change,
        "startTime": edm::print(began),
        "endTime": edm::print(entry.at),
        "modifiedProperties": log_entry::modified(&entry.modified),
        "provisioningSteps": steps,
        "reportableIdentifier": reportable,
        "statusInfo": {
            "status": pascal(entry.status),
            "errorCode": reason.map(|reason| &reason.code),
            "reason": reason.map(|reason| &reason.message),
            "additionalDetails": null,
            "errorCategory": null,
            "recommendedAction": null,
        },
        "sourceIdentity": {
            "id": entry.source.id, "type": entry.source.object_type, "displayName": null, "details": null,
        },
        "sourceSystem": {"id": null, "name": systems.map(|systems| &systems.source), "details": null},
        "targetIdentity": {
            "id": entry.target.id, "type": entry.target.object_type, "displayName": null, "details": null,
        },
        "targetSystem": {"id": null, "name": systems.map(|systems| &systems.target), "details": null},
    })
}
