//! Jobs: create, list, read, change, delete.

use std::time::Duration;

use provisor_engine::job::JobState;
use provisor_graph::error::GraphError;
use provisor_graph::nearest::nearest;
use provisor_graph::odata::filter::{Field, Kind, Table};
use provisor_graph::resources::synchronization::job::{ScheduleState, SynchronizationJob};
use provisor_graph::resources::synchronization::schema::SynchronizationSchema;
use provisor_graph::resources::synchronization::status::{QuarantineReason, StatusCode, TaskExecutionResult};
use provisor_store::StoreError;
use provisor_store::jobs::{JobRecord, JobSetting, NewJob};
use serde::Deserialize;
use serde_json::Value as Json;
use uuid::Uuid;

use super::host::Host;
use super::{schema, templates, values, wire};
use crate::api::listing::{self, ItemType, Listing};
use crate::http::error::{Answer, Failure};
use crate::http::request::Call;
use crate::http::response::Reply;

/// The shortest time between cycles that a client may set.
const MIN_INTERVAL: Duration = Duration::from_secs(1);
/// The longest: the largest .NET time span, `P10675199DT2H48M5.4775807S`, which clients print.
const MAX_INTERVAL: Duration = Duration::new(922_337_203_685, 477_580_700);

static JOB: ItemType = ItemType {
    name: SYNCHRONIZATION_JOB,
    noun: "synchronization job",
    key: "id",
    members: &Table(&[
        ("id", Field::TEXT),
        ("templateId", Field::TEXT),
        ("schedule", Field::object(&SCHEDULE)),
        ("status", Field::object(&STATUS)),
        ("synchronizationJobSettings", Field::objects(&SETTING)),
    ]),
    expandable: Some("schema"),
};
static SCHEDULE: Table = Table(&[
    ("expiration", Field::TIME),
    ("interval", Field::TEXT),
    ("state", Field::one(Kind::OneOf(ScheduleState::NAMES))),
]);
static STATUS: Table = Table(&[
    ("code", Field::one(Kind::OneOf(StatusCode::NAMES))),
    ("countSuccessiveCompleteFailures", Field::NUMBER),
    ("escrowsPruned", Field::BOOLEAN),
    ("lastExecution", Field::object(&EXECUTION)),
    ("lastSuccessfulExecution", Field::object(&EXECUTION)),
    ("lastSuccessfulExecutionWithExports", Field::object(&EXECUTION)),
    ("progress", Field::objects(&PROGRESS)),
    ("quarantine", Field::object(&QUARANTINE)),
    ("steadyStateFirstAchievedTime", Field::TIME),
    ("steadyStateLastAchievedTime", Field::TIME),
    ("synchronizedEntryCountByType", Field::objects(&ENTRY_COUNT)),
    ("troubleshootingUrl", Field::TEXT),
]);
static EXECUTION: Table = Table(&[
    ("activityIdentifier", Field::one(Kind::Guid)),
    ("countEntitled", Field::NUMBER),
    ("countEntitledForProvisioning", Field::NUMBER),
    ("countEscrowed", Field::NUMBER),
    ("countEscrowedRaw", Field::NUMBER),
    ("countExported", Field::NUMBER),
    ("countExports", Field::NUMBER),
    ("countImported", Field::NUMBER),
    ("countImportedDeltas", Field::NUMBER),
    ("countImportedReferenceDeltas", Field::NUMBER),
    ("error", Field::object(&ERROR)),
    ("state", Field::one(Kind::OneOf(TaskExecutionResult::NAMES))),
    ("timeBegan", Field::TIME),
    ("timeEnded", Field::TIME),
]);
static QUARANTINE: Table = Table(&[
    ("currentBegan", Field::TIME),
    ("error", Field::object(&ERROR)),
    ("nextAttempt", Field::TIME),
    ("reason", Field::one(Kind::OneOf(QuarantineReason::NAMES))),
    ("seriesBegan", Field::TIME),
    ("seriesCount", Field::NUMBER),
]);
static ERROR: Table =
    Table(&[("code", Field::TEXT), ("message", Field::TEXT), ("tenantActionable", Field::BOOLEAN)]);
static PROGRESS: Table = Table(&[
    ("completedUnits", Field::NUMBER),
    ("progressObservationDateTime", Field::TIME),
    ("totalUnits", Field::NUMBER),
    ("units", Field::TEXT),
]);
static ENTRY_COUNT: Table = Table(&[("key", Field::TEXT), ("value", Field::NUMBER)]);
static SETTING: Table = Table(&[("name", Field::TEXT), ("value", Field::TEXT)]);

/// `GET …/jobs`
///
/// # Errors
/// 404 when the container is not there, 400 for query options that jobs do not have.
pub async fn list(call: Call) -> Answer {
    let host = Host::resolve(&call).await?;
    let listing = Listing::new(&call, &JOB)?;
    let expanded = call.options.expand.is_some();
    listing.reply(&format!("{}/jobs", host.context), all(&call, &host, expanded).await?)
}

/// `GET …/jobs/$count`
///
/// # Errors
/// As [`list`].
pub async fn count(call: Call) -> Answer {
    let host = Host::resolve(&call).await?;
    Ok(Listing::new(&call, &JOB)?.count(all(&call, &host, false).await?))
}

/// Every job of the container, with schemas when they are asked for.
///
/// # Errors
/// When the store fails.
pub(super) async fn all(call: &Call, host: &Host, expanded: bool) -> Result<Vec<Json>, Failure> {
    let mut items = Vec::new();
    for job in host.jobs(call).await? {
        items.push(printed(call, host, &job, expanded).await?);
    }
    Ok(items)
}

/// `POST …/jobs`: only `templateId` and `synchronizationJobSettings` are read; the rest is checked for its
/// types and ignored.
///
/// # Errors
/// 400 without a template or for a second job of the same, 404 for a template that the application does not
/// have or an application without a service principal.
pub async fn create(call: Call) -> Answer {
    let host = Host::resolve(&call).await?;
    let job: SynchronizationJob = call.declared(SYNCHRONIZATION_JOB)?;
    check_schema(&call)?;
    let owner = host.service_principal()?.id;
    let wanted = job.template_id.as_deref().unwrap_or_default();
    if wanted.is_empty() {
        let missing = GraphError::missing_property("templateId", "SynchronizationJob");
        let sent = call.json()?;
        let near = sent.as_object().and_then(|members| {
            members.keys().find(|name| nearest(name, ["templateId"]).is_some() && *name != "templateId")
        });
        return Err(match near {
            Some(near) => missing.because(format!("'{near}' is not known; did you mean 'templateId'?")),
            None => missing,
        }
        .into());
    }
    let template = templates::find(&call, &host, wanted).await?;
    let tenant = call.state.tenant.id.simple();
    let id = format!("{}.{tenant}.{}", template.id, host.app_id);
    let mut settings = default_settings();
    merge_settings(&mut settings, given_settings(&job)?);
    let new = NewJob {
        id: id.clone(),
        service_principal: owner,
        template_id: template.id.clone(),
        state: JobState::new(call.state.job_interval),
        settings,
    };
    let record = call.state.store.create_job(new).await.map_err(|error| match error {
        StoreError::Conflict { .. } => GraphError::directory_bad_request(format!(
            "The service principal '{owner}' already has a synchronization job for template '{}': '{id}'.",
            template.id
        ))
        .into(),
        other => Failure::from(other),
    })?;
    let json = wire::job(&call, &record, None);
    let fragment = format!("{}/jobs/$entity", host.context);
    Ok(Reply::created(&call, &fragment, &format!("{}/jobs/{id}", host.path), &json)?)
}

/// A job is born with its template's schema; one that is sent is checked for its types, as all members are.
fn check_schema(call: &Call) -> Result<(), GraphError> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Sent {
        #[serde(rename = "schema")]
        _schema: Option<SynchronizationSchema>,
    }
    call.typed::<Sent>(SYNCHRONIZATION_JOB).map(|_| ())
}

/// The name of the type in `@odata.type` and in wrapped bodies.
const SYNCHRONIZATION_JOB: &str = "synchronizationJob";

/// `GET …/jobs/{id}`
///
/// # Errors
/// 404 when there is no such job.
pub async fn get(call: Call) -> Answer {
    let host = Host::resolve(&call).await?;
    let job = host.job(&call).await?;
    listing::check_entity(&call, &JOB)?;
    let expanded = call.options.expand.is_some();
    let json = listing::selected(&call, &JOB, printed(&call, &host, &job, expanded).await?);
    Ok(Reply::entity(&call, &format!("{}/jobs/$entity", host.context), &json)?)
}

/// A job as JSON, whole, and with its schema when it is asked for.
async fn printed(call: &Call, host: &Host, job: &JobRecord, expanded: bool) -> Result<Json, Failure> {
    let unprintable = |error: serde_json::Error| {
        tracing::error!(%error, job = job.id, "a job cannot be printed");
        GraphError::internal()
    };
    // Counts are told by object mapping, whose names stand in the schema.
    let schema =
        if expanded || !job.counts.is_empty() { Some(schema::of_job(call, host, job).await?) } else { None };
    let mut json = serde_json::to_value(wire::job(call, job, schema.as_ref())).map_err(unprintable)?;
    if let (true, Some(members)) = (expanded, json.as_object_mut()) {
        members.insert("schema".into(), serde_json::to_value(schema).map_err(unprintable)?);
    }
    Ok(json)
}

/// `PATCH …/jobs/{id}`: settings are merged by name, the interval is set; what is read-only is ignored.
///
/// # Errors
/// 404 when there is no such job, 400 for an interval that is none.
pub async fn patch(call: Call) -> Answer {
    let host = Host::resolve(&call).await?;
    let key = host.job(&call).await?.key;
    let body: SynchronizationJob = call.typed(SYNCHRONIZATION_JOB)?;
    let given = given_settings(&body)?;
    let interval = match body.schedule.and_then(|schedule| schedule.interval) {
        Some(interval) => Some(checked_interval(interval.to_std())?),
        None => None,
    };
    let change = Box::new(move |state: &mut JobState, settings: &mut Vec<JobSetting>| {
        if let Some(interval) = interval {
            state.interval = interval;
        }
        merge_settings(settings, given);
    });
    let changed = call.state.store.change_job(key, change).await?;
    gone_unless(changed.is_some(), &call)?;
    call.state.runtime.wake(key);
    Ok(Reply::no_content())
}

fn checked_interval(interval: Option<Duration>) -> Result<Duration, GraphError> {
    interval.filter(|interval| (MIN_INTERVAL..=MAX_INTERVAL).contains(interval)).ok_or_else(|| {
        GraphError::bad_request(
            "'schedule/interval' must be a duration from one second to P10675199DT2H48M5.4775807S, such as \
             PT40M.",
        )
    })
}

/// 404 for a job that vanished between reading and writing it.
pub(super) fn gone_unless(there: bool, call: &Call) -> Result<(), Failure> {
    if there {
        return Ok(());
    }
    Err(GraphError::job_not_found(crate::api::lookup::text(call, "job")?).into())
}

/// `DELETE …/jobs/{id}`: stops it first; target accounts and secrets stay.
///
/// # Errors
/// 404 when there is no such job.
pub async fn delete(call: Call) -> Answer {
    let host = Host::resolve(&call).await?;
    let key = host.job(&call).await?.key;
    call.state.runtime.stop(key).await;
    gone_unless(call.state.store.delete_job(key).await?, &call)?;
    Ok(Reply::no_content())
}

/// Settings that a new job prints, as Graph's do.
fn default_settings() -> Vec<JobSetting> {
    ["AzureIngestionAttributeOptimization", "LookaheadQueryEnabled"]
        .map(|name| JobSetting { name: name.to_owned(), value: Some("False".to_owned()) })
        .into()
}

fn given_settings(job: &SynchronizationJob) -> Result<Vec<JobSetting>, GraphError> {
    let settings = job.synchronization_job_settings.iter().enumerate().map(|(index, setting)| {
        let name = setting.name.clone().filter(|name| !name.is_empty()).ok_or_else(|| {
            GraphError::bad_request(format!("'synchronizationJobSettings[{index}]' must have a 'name'."))
        })?;
        if let Some(problem) = setting.value.as_deref().and_then(|value| values::of_setting(&name, value)) {
            return Err(GraphError::bad_request(format!("The value of the job setting '{name}' {problem}.")));
        }
        Ok(JobSetting { name, value: setting.value.clone() })
    });
    settings.collect()
}

fn merge_settings(settings: &mut Vec<JobSetting>, given: Vec<JobSetting>) {
    for new in given {
        match settings.iter_mut().find(|known| known.name.eq_ignore_ascii_case(&new.name)) {
            Some(known) => known.value = new.value,
            None => settings.push(new),
        }
    }
}

/// Stops the cycles of a service principal that is being deleted.
///
/// # Errors
/// When the store fails.
pub async fn stop_all(call: &Call, owner: Uuid) -> Result<(), Failure> {
    for job in call.state.store.jobs(Some(owner)).await? {
        call.state.runtime.stop(job.key).await;
    }
    Ok(())
}

/// Lets the jobs of a restored service principal go on.
///
/// # Errors
/// When the store fails.
pub async fn wake_all(call: &Call, owner: Uuid) -> Result<(), Failure> {
    for job in call.state.store.jobs(Some(owner)).await? {
        call.state.runtime.wake(job.key);
    }
    Ok(())
}

/// Deletes the jobs of a service principal that goes for good.
///
/// # Errors
/// When the store fails.
pub async fn delete_all(call: &Call, owner: Uuid) -> Result<(), Failure> {
    for job in call.state.store.jobs(Some(owner)).await? {
        call.state.runtime.stop(job.key).await;
        call.state.store.delete_job(job.key).await?;
    }
    Ok(())
}
