//! What a job works with, kept from cycle to cycle while schema and secrets stay the same.

use std::sync::Arc;

use provisor_connectors::directory::{DirectorySource, Entitlement};
use provisor_connectors::scim::ScimTarget;
use provisor_engine::cycle::Environment;
use provisor_engine::decide::Policy;
use provisor_engine::job::RunError;
use provisor_engine::limiter::Limiter;
use provisor_engine::ports::{LeaseToken, ReadRequest, Source as _, StoreError};
use provisor_engine::schema::Schema;
use provisor_store::directory::Directory;
use provisor_store::jobs::JobRecord;
use provisor_store::secrets::Secret;

use super::connection::{Connection, is_on};
use crate::scheduler::Shared;
use crate::schema;

/// One of so many updates is read back.
const READ_BACK_EVERY: u64 = 100;

/// Why a job cannot run.
#[derive(Debug)]
pub(crate) enum SetupError {
    /// The store failed.
    Store(StoreError),
    /// Something that the owner of the job must mend.
    Run(RunError),
}

impl From<StoreError> for SetupError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// A schema and the target made for it.
#[derive(Debug)]
struct Made {
    schema_text: String,
    connection: Connection,
    schema: Arc<Schema>,
    target: Arc<ScimTarget>,
    limiter: Arc<Limiter>,
}

/// The setup of one job.
#[derive(Debug, Default)]
pub(crate) struct Setup {
    made: Option<Made>,
    /// Whether a cycle completed since the job was last told to look: then only changes are work.
    completed: bool,
}

impl Setup {
    /// A cycle completed.
    pub(super) fn completed(&mut self) {
        self.completed = true;
    }

    /// Something about the job changed: look at everything again.
    pub(super) fn forget_idleness(&mut self) {
        self.completed = false;
    }

    /// Whether there is something to do before the next scheduled time.
    pub(super) async fn has_work(&self, shared: &Shared, job: &JobRecord) -> Result<bool, StoreError> {
        let Some(made) = self.made.as_ref().filter(|_| self.completed) else { return Ok(true) };
        let Some(checkpoint) = shared.store.checkpoint(job.key).await? else { return Ok(true) };
        if checkpoint.cycle.is_some() || checkpoint.positions.is_empty() {
            return Ok(true);
        }
        let secrets = shared.store.secrets(job.service_principal).await?;
        let source = source(shared, job, &secrets);
        let Ok(head) = source.head().await else { return Ok(true) };
        for mapping in made.schema.mappings.iter().filter(|mapping| mapping.follows.is_none()) {
            let since = checkpoint.positions.get(&mapping.title());
            let request = ReadRequest { shape: &mapping.source, since, full: false, until: &head, limit: 1 };
            if source.count(request).await.unwrap_or(1) > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Everything that a run of the job works with.
    pub(crate) async fn environment(
        &mut self,
        shared: &Shared,
        job: &JobRecord,
        lease: LeaseToken,
    ) -> Result<Environment, SetupError> {
        let secrets = shared.store.secrets(job.service_principal).await?;
        let made = self.make(shared, job, &secrets).await?;
        let policy = Policy {
            sync_all: is_on(&secrets, "SyncAll"),
            skip_out_of_scope_deletions: is_on(&secrets, "SkipOutOfScopeDeletions"),
            read_back_every: READ_BACK_EVERY,
            default_domain: Some(Arc::clone(&shared.default_domain)),
        };
        let store: Arc<dyn provisor_engine::ports::Store> = Arc::clone(&shared.store) as _;
        Ok(Environment {
            source: Arc::new(source(shared, job, &secrets)),
            target: Arc::clone(&made.target) as _,
            store,
            clock: Arc::clone(&shared.clock),
            ids: Arc::clone(&shared.ids),
            limiter: Arc::clone(&made.limiter),
            schema: Arc::clone(&made.schema),
            policy,
            job: job.key,
            lease,
        })
    }

    async fn make(
        &mut self,
        shared: &Shared,
        job: &JobRecord,
        secrets: &[Secret],
    ) -> Result<&Made, SetupError> {
        let connection = Connection::from_secrets(secrets).map_err(|message| {
            not_set_up("SystemForCrossDomainIdentityManagementInvalidCredentials", message)
        })?;
        let schema_text = schema::text_of_job(shared.store.as_ref(), job).await?;
        let current =
            self.made.take().filter(|made| made.schema_text == schema_text && made.connection == connection);
        let made = match current {
            Some(made) => made,
            None => make(shared, job, schema_text, connection)?,
        };
        Ok(self.made.insert(made))
    }
}

fn make(
    shared: &Shared,
    job: &JobRecord,
    schema_text: String,
    connection: Connection,
) -> Result<Made, SetupError> {
    let compiled = schema::compile_text(&schema_text).map_err(|message| {
        not_set_up("SchemaInvalid", format!("the job's schema cannot be used: {message}"))
    })?;
    let client = connection.client(shared).map_err(|error| {
        not_set_up("SystemForCrossDomainIdentityManagementInvalidCredentials", error.to_string())
    })?;
    let limiter = shared.limiter(&client.base_url());
    let shapes: Vec<_> = compiled.mappings.iter().map(|mapping| &mapping.target).collect();
    let target = ScimTarget::new(client, &shapes, Arc::clone(&shared.clock), Arc::clone(&shared.ids))
        .map_err(|error| not_set_up("SchemaInvalid", error.to_string()))?
        .with_probe_mark(job.id.rsplit('.').next().unwrap_or(&job.id));
    Ok(Made { schema_text, connection, schema: Arc::new(compiled), target: Arc::new(target), limiter })
}

fn not_set_up(code: &str, message: String) -> SetupError {
    SetupError::Run(RunError { code: code.to_owned(), message, actionable: true })
}

fn source(shared: &Shared, job: &JobRecord, secrets: &[Secret]) -> DirectorySource {
    let directory: Arc<dyn Directory> = Arc::clone(&shared.store) as _;
    let entitlement = if is_on(secrets, "SyncAll") {
        Entitlement::Everybody
    } else {
        Entitlement::AssignedTo(job.service_principal)
    };
    DirectorySource::new(directory, entitlement)
}
