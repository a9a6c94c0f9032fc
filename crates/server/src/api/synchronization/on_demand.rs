//! Provisioning single objects now.

use provisor_engine::log::{LogEntry, Status};
use provisor_engine::object::Anchor;
use provisor_graph::edm;
use provisor_graph::error::GraphError;
use provisor_graph::resources::synchronization::mapping::ObjectMapping;
use provisor_graph::resources::synchronization::on_demand::{
    ApplicationParameters, JobSubject, ProvisionOnDemand,
};
use provisor_graph::resources::synchronization::rule::SynchronizationRule;
use provisor_graph::resources::synchronization::schema::SynchronizationSchema;
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

/// The most objects of one request: they are provisioned one after the other while the client waits.
const MAX_OBJECTS: usize = 100;

/// `POST …/provisionOnDemand`: 200 whether the objects were written, skipped or failed; the answer tells.
/// What is linked to a subject (manager, members, owners) goes before it.
///
/// # Errors
/// 404 when there is no such job, 400 for a rule or an object that there is not; then nothing is provisioned.
pub async fn provision(call: Call) -> Answer {
    let host = Host::resolve(&call).await?;
    let job = host.job(&call).await?;
    let body: Option<ProvisionOnDemand> = call.optional("provisionOnDemand")?;
    let parameters = body.map(|body| body.parameters).unwrap_or_default();
    let schema = schema::of_job(&call, &host, &job).await?;
    let objects = objects(&parameters, &schema)?;
    templates::check_connector(&call, &host, &job.template_id).await?;
    for object in &objects {
        check_object(&call, object).await?;
    }
    let mut entries = Vec::new();
    for object in objects {
        let entry = call.state.runtime.provision(job.key, object.subject).await.map_err(refused)?;
        entries.push((object.main, entry));
    }
    let answer = answer(&entries, &schema);
    Ok(Reply::entity(&call, "microsoft.graph.stringKeyStringValuePair", &answer)?)
}

/// An object to provision.
struct Object {
    /// Where the request names it.
    at: String,
    /// Whether it is a subject itself, and not linked to one.
    main: bool,
    subject: Subject,
}

/// The objects of a request, in the order in which they are provisioned.
fn objects(
    parameters: &[ApplicationParameters],
    schema: &SynchronizationSchema,
) -> Result<Vec<Object>, GraphError> {
    let mut objects = Vec::new();
    for (index, parameter) in parameters.iter().enumerate() {
        let rule = known_rule(schema, parameter.rule_id.as_deref().unwrap_or_default(), index)?;
        for (number, subject) in parameter.subjects.iter().enumerate() {
            let at = format!("parameters[{index}]/subjects[{number}]");
            for (name, linked) in linked(subject) {
                objects.push(object(linked, format!("{at}/links/{name}"), None, schema)?);
            }
            objects.push(object(subject, at, Some(rule), schema)?);
        }
        if parameter.subjects.is_empty() {
            let message = format!("'parameters[{index}]/subjects' must name an object.");
            return Err(GraphError::bad_request(message));
        }
    }
    match objects.len() {
        0 => Err(GraphError::bad_request("'parameters' must have an entry with a rule and subjects.")),
        1..=MAX_OBJECTS => Ok(objects),
        count => Err(GraphError::bad_request(format!(
            "A request can name at most {MAX_OBJECTS} objects, linked ones included; this one names {count}."
        ))),
    }
}

/// What is to be provisioned with a subject, with its place.
fn linked(subject: &JobSubject) -> Vec<(String, &JobSubject)> {
    let Some(links) = &subject.links else { return Vec::new() };
    let manager = links.manager.iter().map(|manager| ("manager".to_owned(), &**manager));
    let many = |name: &'static str, list: &'_ [JobSubject]| -> Vec<String> {
        (0..list.len()).map(|index| format!("{name}[{index}]")).collect()
    };
    let members = many("members", &links.members).into_iter().zip(&links.members);
    let owners = many("owners", &links.owners).into_iter().zip(&links.owners);
    manager.chain(members).chain(owners).collect()
}

fn known_rule<'a>(
    schema: &'a SynchronizationSchema,
    rule: &str,
    index: usize,
) -> Result<&'a str, GraphError> {
    let rules = || schema.synchronization_rules.iter().filter_map(|rule| rule.id.as_deref());
    rules().find(|id| id.eq_ignore_ascii_case(rule)).ok_or_else(|| {
        let known: Vec<&str> = rules().collect();
        GraphError::bad_request(format!(
            "The rule '{rule}' in 'parameters[{index}]/ruleId' is not in the job's schema; its rules are: {}.",
            known.join(", ")
        ))
    })
}

/// One object; a linked one is provisioned by the rule that has an object mapping for its type.
fn object(
    subject: &JobSubject,
    at: String,
    rule: Option<&str>,
    schema: &SynchronizationSchema,
) -> Result<Object, GraphError> {
    let text = |value: &Option<String>, name: &str| {
        let text = value.clone().filter(|text| !text.is_empty());
        text.ok_or_else(|| GraphError::bad_request(format!("'{at}/{name}' must not be empty.")))
    };
    let id = text(&subject.object_id, "objectId")?;
    let object_type = text(&subject.object_type_name, "objectTypeName")?;
    let is_source = |mapping: &ObjectMapping| {
        mapping.source_object_name.as_deref().unwrap_or_default().eq_ignore_ascii_case(&object_type)
    };
    let mappings = || schema.synchronization_rules.iter().flat_map(|rule| &rule.object_mappings);
    let unknown = || {
        let known: Vec<&str> =
            mappings().filter_map(|mapping| mapping.source_object_name.as_deref()).collect();
        GraphError::bad_request(format!(
            "No rule of the job's schema provisions '{object_type}' ('{at}/objectTypeName'); its object types are: {}.",
            known.join(", ")
        ))
    };
    if !mappings().any(is_source) {
        return Err(unknown());
    }
    let has = |rule: &SynchronizationRule| rule.object_mappings.iter().any(is_source);
    if let Some(named) = rule
        && !schema.synchronization_rules.iter().any(|rule| rule.id.as_deref() == Some(named) && has(rule))
    {
        let fit = schema.synchronization_rules.iter().filter(|rule| has(rule));
        let fit: Vec<&str> = fit.filter_map(|rule| rule.id.as_deref()).collect();
        return Err(GraphError::bad_request(format!(
            "The rule '{named}' does not provision '{object_type}' ('{at}/objectTypeName'); these rules do: {}.",
            fit.join(", ")
        )));
    }
    let own = || {
        let maps = |rule: &&SynchronizationRule| {
            rule.object_mappings.iter().any(|mapping| mapping.enabled && is_source(mapping))
        };
        schema.synchronization_rules.iter().find(maps).and_then(|rule| rule.id.as_deref()).ok_or_else(unknown)
    };
    let rule_id = rule.map_or_else(own, Ok)?.to_owned();
    let subject = Subject { rule_id, object: Anchor::new(id), object_type };
    Ok(Object { at, main: rule.is_some(), subject })
}

/// An id that the built-in directory does not have is the caller's mistake, not a failed export.
async fn check_object(call: &Call, object: &Object) -> Result<(), Failure> {
    let id = &object.subject.object;
    let found = match Uuid::try_parse(id.as_str()) {
        Ok(id) => call.state.store.get(id).await?,
        Err(_) => None,
    };
    if found.is_some_and(|object| !object.purged) {
        return Ok(());
    }
    let message = format!("The object '{id}' in '{}/objectId' does not exist.", object.at);
    Err(GraphError::bad_request(message).into())
}

/// The answer: the result of the first subject, or of what failed; the record of the first subject, and within
/// it those of the others.
fn answer(entries: &[(bool, LogEntry)], schema: &SynchronizationSchema) -> Json {
    let record = |entry: &LogEntry| value(entry, Systems::of(schema, entry).as_ref());
    let first = entries.iter().position(|(main, _)| *main).unwrap_or_default();
    let Some((_, main)) = entries.get(first) else { return json!({}) };
    let failed = entries.iter().map(|(_, entry)| entry).find(|entry| entry.status == Status::Failure);
    let mut told = record(main);
    let others: Vec<Json> = entries
        .iter()
        .enumerate()
        .filter(|(index, _)| *index != first)
        .map(|(_, (_, entry))| record(entry))
        .collect();
    if !others.is_empty() {
        told["otherObjects"] = others.into();
    }
    json!({"key": key(failed.unwrap_or(main)).to_string(), "value": told.to_string()})
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
