//! What a schema belongs to: a job or a template.

use provisor_engine::ports::Reset;
use provisor_graph::error::GraphError;
use provisor_graph::resources::synchronization::schema::SynchronizationSchema;
use provisor_graph::resources::synchronization::template::SynchronizationTemplate;
use provisor_store::jobs::JobRecord;
use provisor_store::templates::TemplateRecord;
use uuid::Uuid;

use super::super::host::Host;
use super::super::templates;
use crate::api::lookup;
use crate::http::error::Failure;
use crate::http::request::Call;

/// The job or template that a path leads through, in its container.
pub(super) struct Owned {
    pub(super) host: Host,
    owner: Owner,
}

enum Owner {
    Job(Box<JobRecord>),
    Template(TemplateRecord),
}

impl Owned {
    /// The job or template of the path.
    ///
    /// # Errors
    /// 404 when there is none.
    pub(super) async fn resolve(call: &Call) -> Result<Self, Failure> {
        let host = Host::resolve(call).await?;
        let owner = if call.keys.iter().any(|(name, _)| *name == "job") {
            Owner::Job(Box::new(host.job(call).await?))
        } else {
            Owner::Template(templates::find(call, &host, lookup::text(call, "template")?).await?)
        };
        Ok(Self { host, owner })
    }

    /// `…/jobs('{id}')` or `…/templates('{id}')`, for `@odata.context`.
    pub(super) fn context(&self) -> String {
        match &self.owner {
            Owner::Job(job) => format!("{}/jobs('{}')", self.host.context, job.id),
            Owner::Template(template) => format!("{}/templates('{}')", self.host.context, template.id),
        }
    }

    /// The path of the schema below the version, for `Location`.
    pub(super) fn path(&self) -> String {
        match &self.owner {
            Owner::Job(job) => format!("{}/jobs/{}/schema", self.host.path, job.id),
            Owner::Template(template) => format!("{}/templates/{}/schema", self.host.path, template.id),
        }
    }

    /// The schema as it is.
    pub(super) async fn schema(&self, call: &Call) -> Result<SynchronizationSchema, Failure> {
        match &self.owner {
            Owner::Job(job) => super::of_job(call, &self.host, job).await,
            Owner::Template(template) => Ok(templates::schema_of(template)?),
        }
    }

    /// Checks a schema and puts it in the place of the one there is; jobs that follow it begin anew.
    ///
    /// # Errors
    /// 400 with every finding in `error.details`.
    pub(super) async fn save(&self, call: &Call, mut schema: SynchronizationSchema) -> Result<(), Failure> {
        super::check(&schema)?;
        crate::schema::complete(&mut schema);
        self.keep(call, schema).await?;
        self.restart(call).await
    }

    /// Keeps a schema under a new version, and lets jobs go on where they are.
    pub(super) async fn keep(&self, call: &Call, mut schema: SynchronizationSchema) -> Result<(), Failure> {
        schema.version = Some(format!("Date:{:.7}, ActivityId:{}", call.now(), call.state.ids.uuid()));
        match &self.owner {
            Owner::Job(job) => {
                schema.id.clone_from(&job.id);
                call.state.store.set_job_schema(job.key, Some(printed(&schema)?)).await?;
            }
            Owner::Template(template) => {
                schema.id = template_schema_id(&template.id);
                let record = TemplateRecord { schema: printed(&schema)?, ..template.clone() };
                call.state.store.replace_template(self.host.app_id, record).await?;
            }
        }
        Ok(())
    }

    /// Goes back to where the schema came from.
    pub(super) async fn reset(&self, call: &Call) -> Result<(), Failure> {
        match &self.owner {
            Owner::Job(job) => call.state.store.set_job_schema(job.key, None).await?,
            Owner::Template(template) => {
                let document: SynchronizationTemplate = templates::parse(&template.document, &template.id)?;
                let tag = document.factory_tag.unwrap_or_default();
                let schema = SynchronizationSchema {
                    id: template_schema_id(&template.id),
                    ..provisor_graph::templates::schema_of_tag(&tag)
                };
                let record = TemplateRecord { schema: printed(&schema)?, ..template.clone() };
                call.state.store.replace_template(self.host.app_id, record).await?;
            }
        }
        self.restart(call).await
    }

    /// The next cycle of every job that follows this schema is an initial one.
    async fn restart(&self, call: &Call) -> Result<(), Failure> {
        match &self.owner {
            Owner::Job(job) => {
                let reset = Reset { watermark: true, ..Reset::default() };
                Ok(call.state.runtime.restart(job.key, reset).await?)
            }
            Owner::Template(template) => restart_followers(call, &self.host, &template.id).await,
        }
    }
}

/// Lets the jobs begin anew that have no schema of their own and follow this template.
///
/// # Errors
/// When the store fails.
pub(in super::super) async fn restart_followers(
    call: &Call,
    host: &Host,
    template: &str,
) -> Result<(), Failure> {
    for job in host.jobs(call).await? {
        let follows = job.template_id.eq_ignore_ascii_case(template)
            && call.state.store.job_schema(job.key).await?.is_none();
        if follows {
            let reset = Reset { watermark: true, ..Reset::default() };
            call.state.runtime.restart(job.key, reset).await?;
        }
    }
    Ok(())
}

/// The id of a template's schema.
pub(in super::super) fn template_schema_id(template: &str) -> String {
    format!("{template}.{}", Uuid::nil().simple())
}

/// The text to store.
pub(in super::super) fn printed(schema: &SynchronizationSchema) -> Result<String, GraphError> {
    serde_json::to_string(schema).map_err(|error| {
        tracing::error!(%error, schema = schema.id, "a schema cannot be printed");
        GraphError::internal()
    })
}
