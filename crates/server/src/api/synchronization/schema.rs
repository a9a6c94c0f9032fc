//! A job's schema: read, replace as a whole, go back to the template's.

use provisor_engine::ports::{JobKey, Reset};
use provisor_graph::error::{ErrorDetail, GraphError};
use provisor_graph::resources::synchronization::schema::SynchronizationSchema;
use provisor_store::jobs::JobRecord;
use serde_json::Value as Json;

use super::host::Host;
use super::templates;
use crate::http::error::{Answer, Failure};
use crate::http::request::Call;
use crate::http::response::Reply;

/// The schema that a job follows: its own, else its template's; its id is the job's.
///
/// # Errors
/// 404 when the template is gone, 500 when what is stored cannot be read.
pub async fn of_job(call: &Call, host: &Host, job: &JobRecord) -> Result<SynchronizationSchema, Failure> {
    let text = match call.state.store.job_schema(job.key).await? {
        Some(own) => own,
        None => templates::find(call, host, &job.template_id).await?.schema,
    };
    let mut schema: SynchronizationSchema = templates::parse(&text, &job.id)?;
    schema.id = job.id.clone();
    Ok(schema)
}

/// `GET …/jobs/{id}/schema`: `directories` are inline without `$expand`, as clients expect.
///
/// # Errors
/// 404 when there is no such job.
pub async fn get(call: Call) -> Answer {
    let host = Host::resolve(&call).await?;
    let job = host.job(&call).await?;
    let schema = of_job(&call, &host, &job).await?;
    let fragment = format!("{}/jobs('{}')/schema/$entity", host.context, job.id);
    Ok(Reply::entity(&call, &fragment, &schema)?)
}

/// `PUT` and `PATCH …/jobs/{id}/schema`: both replace the whole; only `directories`, when not sent, stay.
///
/// # Errors
/// 404 when there is no such job, 400 with every finding in `error.details`.
pub async fn replace(call: Call) -> Answer {
    let host = Host::resolve(&call).await?;
    let job = host.job(&call).await?;
    let sent_directories = call.json()?.get("directories").is_some_and(Json::is_array);
    let mut schema: SynchronizationSchema = call.typed("synchronizationSchema")?;
    if !sent_directories {
        schema.directories = of_job(&call, &host, &job).await?.directories;
    }
    check(&schema)?;
    schema.id = job.id.clone();
    schema.version = Some(format!("Date:{:.7}, ActivityId:{}", call.now(), call.state.ids.uuid()));
    let text = serde_json::to_string(&schema).map_err(|error| {
        tracing::error!(%error, job = job.id, "a schema cannot be printed");
        GraphError::internal()
    })?;
    store(&call, job.key, Some(text)).await
}

/// `DELETE …/jobs/{id}/schema`: the template's again.
///
/// # Errors
/// 404 when there is no such job.
pub async fn reset(call: Call) -> Answer {
    let job = Host::resolve(&call).await?.job(&call).await?;
    store(&call, job.key, None).await
}

/// Stores or drops a job's schema; the next cycle is an initial one.
async fn store(call: &Call, job: JobKey, schema: Option<String>) -> Answer {
    call.state.store.set_job_schema(job, schema).await?;
    call.state.runtime.restart(job, Reset { watermark: true, ..Reset::default() }).await?;
    Ok(Reply::no_content())
}

/// Refuses a schema that cannot be run.
///
/// # Errors
/// 400 with every finding in `error.details`.
pub fn check(schema: &SynchronizationSchema) -> Result<(), GraphError> {
    let problems = crate::schema::check(schema);
    let Some(first) = problems.first() else { return Ok(()) };
    let more = match problems.len() - 1 {
        0 => String::new(),
        more => format!(" (and {more} more; see details)"),
    };
    let mut error = GraphError::bad_request(format!("The schema cannot be used: {}{more}", first.message));
    error.details = problems
        .into_iter()
        .map(|problem| ErrorDetail {
            code: problem.code.to_owned(),
            message: problem.message,
            target: Some(problem.target),
        })
        .collect();
    Err(error)
}
