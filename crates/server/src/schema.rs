//! From Graph's `synchronizationSchema` to the engine's: the one place where the two meet.

mod convert;
pub mod discovered;
mod review;
mod source;
pub mod tree;

use provisor_engine::schema::{Schema, compile};
use provisor_graph::resources::synchronization::schema::SynchronizationSchema;
use provisor_store::jobs::JobRecord;
use provisor_store::{ServerStore, StoreError};

pub use provisor_engine::schema::Problem;

/// Everything that keeps a schema from being used.
#[must_use]
pub fn check(schema: &SynchronizationSchema) -> Vec<Problem> {
    let mut problems = convert::unsupported(schema);
    let (definition, unreadable) = convert::definition(schema);
    problems.extend(unreadable);
    problems.extend(compile(&definition).err().unwrap_or_default());
    problems.extend(review::check(schema));
    problems.into_iter().map(|problem| review::in_words(schema, problem)).collect()
}

/// Gives every mapping source both its forms, text and tree, from the one that was sent. What was sent stays as
/// it is; a source that has no meaning is left alone, [`check`] names it.
pub fn complete(schema: &mut SynchronizationSchema) {
    let mappings = schema.synchronization_rules.iter_mut().flat_map(|rule| &mut rule.object_mappings);
    for mapping in mappings.flat_map(|mapping| &mut mapping.attribute_mappings) {
        if let Some(source) = &mut mapping.source {
            source::complete(source);
        }
    }
}

/// The schema text that a job follows: its own, or its template's.
///
/// # Errors
/// When the store fails, or the job's application or template is gone.
pub(crate) async fn text_of_job(store: &dyn ServerStore, job: &JobRecord) -> Result<String, StoreError> {
    if let Some(own) = store.job_schema(job.key).await? {
        return Ok(own);
    }
    let gone = |what: String| StoreError::NotFound { what };
    let principal = store.get(job.service_principal).await?;
    let app_id = principal
        .and_then(|principal| principal.properties.get("appId")?.as_str()?.parse().ok())
        .ok_or_else(|| gone(format!("the application of service principal {}", job.service_principal)))?;
    let templates = store.templates(app_id).await?;
    let template = templates.into_iter().find(|template| template.id.eq_ignore_ascii_case(&job.template_id));
    template
        .map(|template| template.schema)
        .ok_or_else(|| gone(format!("the template '{}' of the job", job.template_id)))
}

/// Compiles a stored schema.
///
/// # Errors
/// All problems in one text.
pub(crate) fn compile_text(text: &str) -> Result<Schema, String> {
    let schema: SynchronizationSchema = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let told = |problems: Vec<Problem>| {
        let told: Vec<String> =
            problems.iter().map(|problem| format!("{}: {}", problem.target, problem.message)).collect();
        told.join("; ")
    };
    let (definition, problems) = convert::definition(&schema);
    if !problems.is_empty() {
        return Err(told(problems));
    }
    compile(&definition).map_err(told)
}
