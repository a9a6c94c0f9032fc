//! What an entry of the provisioning log does not say itself: whose job it was, and between which systems.

use std::collections::HashMap;
use std::sync::Arc;

use provisor_engine::log::LogEntry;
use provisor_graph::resources::synchronization::schema::SynchronizationSchema;
use provisor_store::StoreError;
use provisor_store::log::LogRow;
use uuid::Uuid;

use super::lookup;
use crate::http::error::Failure;
use crate::http::request::Call;
use crate::schema;

/// What the built-in directory is called where the schema is gone: as in the schemas of the gallery.
const SOURCE_SYSTEM: &str = "Microsoft Entra ID";
/// What the target is called there.
const TARGET_SYSTEM: &str = "customappsso";

/// The names of the systems between which an entry's object went, as its steps have them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Systems {
    /// Where it came from.
    pub source: String,
    /// Where it went.
    pub target: String,
}

impl Systems {
    /// The directories of the rule that provisions the object of an entry.
    #[must_use]
    pub fn of(schema: &SynchronizationSchema, entry: &LogEntry) -> Option<Self> {
        let object_type = entry.source.object_type.as_str();
        let rules = &schema.synchronization_rules;
        let own = rules.iter().find(|rule| {
            let mut sources = rule
                .object_mappings
                .iter()
                .filter_map(|mapping| mapping.source_object_name.as_deref().filter(|_| mapping.enabled));
            sources.any(|source| source.eq_ignore_ascii_case(object_type))
        });
        let rule = own.or(rules.first())?;
        Some(Self {
            source: rule.source_directory_name.clone()?,
            target: rule.target_directory_name.clone()?,
        })
    }

    /// Of a job that is gone: its template's id, which a job's id begins with, is what Entra calls the target.
    fn of_job_id(job_id: &str) -> Self {
        let target = job_id.split('.').next().filter(|id| !id.is_empty()).unwrap_or(TARGET_SYSTEM);
        Self { source: SOURCE_SYSTEM.to_owned(), target: target.to_owned() }
    }
}

/// The service principal of an entry's job.
#[derive(Clone, Debug, Default)]
pub struct Principal {
    /// Its display name; empty when it is gone.
    pub name: String,
    /// Its application.
    pub app_id: String,
}

/// What is known about one entry.
#[derive(Debug)]
pub struct About {
    /// Whose job it was.
    pub principal: Arc<Principal>,
    /// Between which systems.
    pub systems: Systems,
}

/// What is known about entries, each thing looked up once a request.
#[derive(Debug, Default)]
pub struct Abouts {
    principals: HashMap<Uuid, Arc<Principal>>,
    schemas: HashMap<(Uuid, String), Option<Arc<SynchronizationSchema>>>,
}

impl Abouts {
    /// What is known about an entry.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn of(&mut self, call: &Call, row: &LogRow) -> Result<About, Failure> {
        let principal = self.principal(call, row).await?;
        let schema = self.schema(call, row).await?;
        let systems = schema.and_then(|schema| Systems::of(&schema, &row.entry));
        Ok(About { principal, systems: systems.unwrap_or_else(|| Systems::of_job_id(&row.job_id)) })
    }

    async fn principal(&mut self, call: &Call, row: &LogRow) -> Result<Arc<Principal>, Failure> {
        if let Some(known) = self.principals.get(&row.service_principal) {
            return Ok(Arc::clone(known));
        }
        let found = call.state.store.get(row.service_principal).await?.filter(|object| !object.purged);
        let principal = Arc::new(match found {
            Some(object) => Principal {
                name: lookup::string(&object, "displayName").to_owned(),
                app_id: lookup::string(&object, "appId").to_owned(),
            },
            // The ids of jobs end with that of their application.
            None => Principal {
                app_id: row.job_id.rsplit('.').next().unwrap_or_default().to_owned(),
                ..Principal::default()
            },
        });
        self.principals.insert(row.service_principal, Arc::clone(&principal));
        Ok(principal)
    }

    async fn schema(
        &mut self,
        call: &Call,
        row: &LogRow,
    ) -> Result<Option<Arc<SynchronizationSchema>>, Failure> {
        let key = (row.service_principal, row.job_id.clone());
        if let Some(known) = self.schemas.get(&key) {
            return Ok(known.clone());
        }
        let store = call.state.store.as_ref();
        let job = store.job(&row.job_id).await?.filter(|job| job.service_principal == row.service_principal);
        let text = match &job {
            Some(job) => match schema::text_of_job(store, job).await {
                Ok(text) => Some(text),
                Err(StoreError::NotFound { .. }) => None,
                Err(error) => return Err(error.into()),
            },
            None => None,
        };
        let schema = text.and_then(|text| serde_json::from_str(&text).ok()).map(Arc::new);
        self.schemas.insert(key, schema.clone());
        Ok(schema)
    }
}
