//! Creating service principals.

use provisor_graph::error::GraphError;
use provisor_graph::odata::path::Key;
use provisor_store::StoreError;
use provisor_store::directory::{DirectoryObject, NewEdge, ObjectKind};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::permissions::APPS_WRITE;
use super::{applications, entities, lookup, model, ownership};
use crate::http::error::{Answer, Failure};
use crate::http::request::Call;

/// `PATCH /servicePrincipals/{id}`; one of an `appId` that has none yet is made when the client prefers so.
///
/// # Errors
/// As [`entities::patch`] and [`create`].
pub async fn patch(call: Call) -> Answer {
    let key = match call.key(entities::key_name(ObjectKind::ServicePrincipal))? {
        Key::Named(property, value) if property.eq_ignore_ascii_case("appId") => Some(value.to_lowercase()),
        Key::Named(..) | Key::Value(_) => None,
    };
    if let Some(app_id) = key.filter(|_| call.prefers(entities::CREATE_IF_MISSING))
        && call.state.store.get_by_key(ObjectKind::ServicePrincipal, &app_id).await?.is_none()
    {
        let mut body = model::body(&call, ObjectKind::ServicePrincipal)?;
        body.insert("appId".to_owned(), app_id.into());
        return make(&call, body).await;
    }
    entities::patch(call, ObjectKind::ServicePrincipal).await
}

/// `POST /servicePrincipals`
///
/// # Errors
/// 400 when `appId` is missing or no application's, 403 when the application is not the caller's, 409 when the application has a service principal.
pub async fn create(call: Call) -> Answer {
    let body = model::body(&call, ObjectKind::ServicePrincipal)?;
    make(&call, body).await
}

async fn make(call: &Call, mut body: Map<String, Json>) -> Answer {
    let edges = entities::bound_edges(call, ObjectKind::ServicePrincipal, None, &mut body).await?;
    let properties = model::created(ObjectKind::ServicePrincipal, body)?;
    let app_id = properties.get("appId").and_then(Json::as_str).unwrap_or_default().to_owned();
    let backing = match Uuid::try_parse(&app_id) {
        Ok(id) => call.state.store.get_by_key(ObjectKind::Application, &id.to_string()).await?,
        Err(_) => None,
    };
    let application = backing.ok_or_else(|| GraphError::no_backing_application(&app_id))?;
    // Whoever owns the service principal has its jobs and secrets, so its application must be the caller's too.
    ownership::require(call, &APPS_WRITE, &application).await?;
    let principal = insert(call, &application, properties, edges).await?;
    entities::created(call, &principal)
}

/// Stores a new service principal of an application, with what it copies from it.
///
/// # Errors
/// 409 when the application has one.
pub async fn insert(
    call: &Call,
    application: &DirectoryObject,
    mut properties: Map<String, Json>,
    edges: Vec<NewEdge>,
) -> Result<DirectoryObject, Failure> {
    let app_id = lookup::app_id(application)?;
    applications::copy_to_principal(application, &mut properties);
    let mut set_default = |property: &str, value: Json| {
        properties.entry(property).or_insert(value);
    };
    set_default("displayName", lookup::string(application, "displayName").into());
    set_default("accountEnabled", true.into());
    set_default("appRoleAssignmentRequired", false.into());
    properties.insert("appId".into(), app_id.to_string().into());
    properties.insert("appOwnerOrganizationId".into(), call.state.tenant.id.to_string().into());
    properties.insert("servicePrincipalType".into(), "Application".into());
    if let Some(template) = application.properties.get("applicationTemplateId") {
        properties.insert("applicationTemplateId".into(), template.clone());
    }
    let edges = ownership::of_new(call, edges).await?;
    let made = entities::insert(call, ObjectKind::ServicePrincipal, properties, edges).await;
    made.map_err(|error| match error {
        StoreError::Conflict { .. } => GraphError::service_principal_exists(&app_id.to_string()).into(),
        other => other.into(),
    })
}
