//! What `synchronization` hangs from: an application and its service principal, which share one store of
//! jobs, secrets and templates.

use provisor_graph::error::GraphError;
use provisor_store::directory::{DirectoryObject, ObjectKind};
use provisor_store::jobs::JobRecord;
use uuid::Uuid;

use crate::api::lookup;
use crate::http::error::Failure;
use crate::http::request::Call;

/// The container of a request's `synchronization`.
#[derive(Debug)]
pub struct Host {
    /// The `appId` that owns the templates.
    pub app_id: Uuid,
    /// The service principal that owns jobs and secrets; an application may have none yet.
    service_principal: Option<DirectoryObject>,
    /// `servicePrincipals('{id}')/synchronization`, for `@odata.context`.
    pub context: String,
    /// The container's path, for `Location`.
    pub path: String,
    /// The application's id when it is addressed through the application.
    application: Option<Uuid>,
}

impl Host {
    /// The container that the path names.
    ///
    /// # Errors
    /// 404 when there is no such application or service principal.
    pub async fn resolve(call: &Call) -> Result<Self, Failure> {
        let through_application = call.set == "applications";
        let (kind, name) = if through_application {
            (ObjectKind::Application, "app")
        } else {
            (ObjectKind::ServicePrincipal, "sp")
        };
        let object = lookup::object(call, kind, name).await?;
        let app_id = lookup::app_id(&object)?;
        let context = format!("{}{}/synchronization", call.set, lookup::context_key(call.key(name)?));
        let path = format!("{}/{}/synchronization", call.set, object.id);
        let (application, service_principal) = if through_application {
            let key = app_id.to_string();
            let found = call.state.store.get_by_key(ObjectKind::ServicePrincipal, &key).await?;
            (Some(object.id), found)
        } else {
            (None, Some(object))
        };
        Ok(Self { app_id, service_principal, context, path, application })
    }

    /// The service principal, which jobs and secrets belong to.
    ///
    /// # Errors
    /// 404 for an application that has none; the message says how to make one.
    pub fn service_principal(&self) -> Result<&DirectoryObject, Failure> {
        self.service_principal.as_ref().ok_or_else(|| {
            let application = self.application.unwrap_or_default();
            GraphError::resource_not_found(format!(
                "Application '{application}' has no service principal in this tenant, and jobs and secrets \
                 belong to the service principal. Create it first: POST /servicePrincipals with \
                 {{\"appId\":\"{}\"}}.",
                self.app_id
            ))
            .into()
        })
    }

    /// The id of the container as it is addressed: the application's, or the service principal's.
    #[must_use]
    pub fn id(&self) -> Option<Uuid> {
        self.application.or_else(|| self.service_principal_id())
    }

    /// The service principal's id, when there is one.
    #[must_use]
    pub fn service_principal_id(&self) -> Option<Uuid> {
        self.service_principal.as_ref().map(|object| object.id)
    }

    /// The job that the path's `{job}` names.
    ///
    /// # Errors
    /// 404 when this service principal has no such job.
    pub async fn job(&self, call: &Call) -> Result<JobRecord, Failure> {
        let id = lookup::text(call, "job")?;
        let job = self.jobs(call).await?.into_iter().find(|job| job.id.eq_ignore_ascii_case(id));
        job.ok_or_else(|| GraphError::job_not_found(id).into())
    }

    /// The jobs of the service principal: none without one.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn jobs(&self, call: &Call) -> Result<Vec<JobRecord>, Failure> {
        match &self.service_principal {
            Some(owner) => Ok(call.state.store.jobs(Some(owner.id)).await?),
            None => Ok(Vec::new()),
        }
    }
}
