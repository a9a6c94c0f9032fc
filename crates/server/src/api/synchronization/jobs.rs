//! Jobs: create, list, read, change, delete.

use std::time::Duration;

use provisor_engine::job::JobState;
use provisor_graph::error::GraphError;
use provisor_graph::odata::filter;
use provisor_graph::resources::synchronization::job::SynchronizationJob;
use provisor_store::StoreError;
use provisor_store::jobs::{JobRecord, JobSetting, NewJob};
use serde_json::Value as Json;
use uuid::Uuid;

use super::host::Host;
use super::{schema, templates, wire};
use crate::http::error::{Answer, Failure};
use crate::http::request::Call;
use crate::http::response::{PageLinks, Reply};

/// The shortest time between cycles that a client may set.
const MIN_INTERVAL: Duration = Duration::from_secs(1);
/// The longest: the largest .NET time span that clients print, in whole days.
const MAX_INTERVAL: Duration = Duration::from_secs(10_675_199 * 86_400);

/// `GET …/jobs`: all of them; there is one a template.
///
/// # Errors
/// 404 when the container is not there.
pub async fn list(call: Call) -> Answer {
    let host = Host::resolve(&call).await?;
    let filter = call.options.filter.as_deref().map(filter::parse).transpose()?;
    let mut items = Vec::new();
    for job in host.jobs(&call).await? {
        let json = printed(&call, &host, &job).await?;
        if filter.as_ref().is_none_or(|filter| filter.matches(&json, filter::Case::Insensitive)) {
            items.push(json);
        }
    }
    let count = call.options.count.unwrap_or(false).then_some(items.len() as u64);
    if let Some(top) = call.options.top {
        items.truncate(usize::try_from(top).unwrap_or(usize::MAX));
    }
    let links = PageLinks { count, ..PageLinks::default() };
    Ok(Reply::collection(&call, &format!("{}/jobs", host.context), links, &items)?)
}

/// `GET …/jobs/$count`
///
/// # Errors
/// As [`list`].
pub async fn count(call: Call) -> Answer {
    let host = Host::resolve(&call).await?;
    Ok(Reply::text(&host.jobs(&call).await?.len()))
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
    let owner = host.service_principal()?.id;
    let wanted = job.template_id.as_deref().unwrap_or_default();
    if wanted.is_empty() {
        return Err(GraphError::missing_property("templateId", "SynchronizationJob").into());
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
    let json = wire::job(&call, &record);
    let fragment = format!("{}/jobs/$entity", host.context);
    Ok(Reply::created(&call, &fragment, &format!("{}/jobs/{id}", host.path), &json)?)
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
    let json = printed(&call, &host, &job).await?;
    Ok(Reply::entity(&call, &format!("{}/jobs/$entity", host.context), &json)?)
}

/// A job as JSON, with what `$select` and `$expand` ask for.
async fn printed(call: &Call, host: &Host, job: &JobRecord) -> Result<Json, Failure> {
    let unprintable = |error: serde_json::Error| {
        tracing::error!(%error, job = job.id, "a job cannot be printed");
        GraphError::internal()
    };
    let mut json = serde_json::to_value(wire::job(call, job)).map_err(unprintable)?;
    let Some(members) = json.as_object_mut() else { return Ok(json) };
    if let Some(names) = &call.options.select {
        members.retain(|member, _| names.iter().any(|name| name == "*" || name.eq_ignore_ascii_case(member)));
    }
    match call.options.expand.as_deref() {
        None => {}
        Some(expand) if expand.eq_ignore_ascii_case("schema") => {
            let schema = schema::of_job(call, host, job).await?;
            members.insert("schema".into(), serde_json::to_value(schema).map_err(unprintable)?);
        }
        Some(other) => {
            let message = format!("'{other}' cannot be expanded on a synchronization job; 'schema' can.");
            return Err(GraphError::bad_request(message).into());
        }
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
            "'schedule/interval' must be a duration of one second or more, such as PT40M.",
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
