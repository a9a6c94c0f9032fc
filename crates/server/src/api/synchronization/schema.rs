//! A schema, of a job or of a template: read, replace as a whole, go back to where it came from.

pub mod directories;
pub mod discover;
pub mod language;
pub(super) mod owner;
pub mod parse_expression;

use provisor_graph::error::{ErrorDetail, GraphError};
use provisor_graph::odata::filter::{Field, Kind, Table};
use provisor_graph::resources::synchronization::schema::SynchronizationSchema;
use provisor_store::jobs::JobRecord;
use serde_json::Value as Json;

use super::host::Host;
use super::templates;
use crate::api::listing::{self, ItemType};
use crate::http::error::{Answer, Failure};
use crate::http::request::Call;
use crate::http::response::Reply;
use owner::Owned;

static SCHEMA: ItemType = ItemType {
    name: "synchronizationSchema",
    noun: "synchronization schema",
    key: "id",
    members: &Table(&[
        ("id", Field::TEXT),
        ("version", Field::TEXT),
        ("synchronizationRules", Field::one(Kind::Any)),
        ("directories", Field::one(Kind::Any)),
    ]),
    expandable: Some("directories"),
};

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
    crate::schema::complete(&mut schema);
    Ok(schema)
}

/// `GET …/schema`: `directories` are inline without `$expand`, as clients expect.
///
/// # Errors
/// 404 when there is no such job or template, 400 for what a schema does not have.
pub async fn get(call: Call) -> Answer {
    listing::check_entity(&call, &SCHEMA)?;
    let owned = Owned::resolve(&call).await?;
    let fragment = format!("{}/schema/$entity", owned.context());
    let schema = owned.schema(&call).await?;
    if call.options.select.is_none() {
        return Ok(Reply::entity(&call, &fragment, &schema)?);
    }
    let json = serde_json::to_value(&schema).map_err(|error| {
        tracing::error!(%error, "a schema cannot be printed");
        GraphError::internal()
    })?;
    Ok(Reply::entity(&call, &fragment, &listing::selected(&call, &SCHEMA, json))?)
}

/// `PUT` and `PATCH …/schema`: both replace the whole; only `directories`, when not sent, stay.
///
/// # Errors
/// 404 when there is no such job or template, 400 with every finding in `error.details`.
pub async fn replace(call: Call) -> Answer {
    let owned = Owned::resolve(&call).await?;
    let sent_directories = call.json()?.get("directories").is_some_and(Json::is_array);
    let mut schema: SynchronizationSchema = call.typed("synchronizationSchema")?;
    if !sent_directories {
        schema.directories = owned.schema(&call).await?.directories;
    }
    owned.save(&call, schema).await?;
    Ok(Reply::no_content())
}

/// `DELETE …/schema`: a job's is the template's again, a template's the one that its factory tag came with.
///
/// # Errors
/// 404 when there is no such job or template.
pub async fn reset(call: Call) -> Answer {
    Owned::resolve(&call).await?.reset(&call).await?;
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
