//! Applications: creating, changing and deleting them, with what their service principals copy.

use provisor_graph::error::GraphError;
use provisor_store::directory::{DirectoryObject, NewEdge, ObjectChange, ObjectKind};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::{entities, lookup, model, ownership};
use crate::builtin;
use crate::http::error::{Answer, Failure};
use crate::http::request::Call;
use crate::http::response::Reply;

/// `POST /applications`
///
/// # Errors
/// 400 for missing or unfit properties, 409 when an identifier URI or unique name is taken.
pub async fn create(call: Call) -> Answer {
    let body = model::body(&call, ObjectKind::Application)?;
    make(&call, body).await
}

async fn make(call: &Call, mut body: Map<String, Json>) -> Answer {
    let edges = entities::bound_edges(call, ObjectKind::Application, None, &mut body).await?;
    let properties = model::created(ObjectKind::Application, body)?;
    let application = insert(call, properties, edges).await?;
    entities::created(call, &application)
}

/// Checks what hangs together in an application. `before` is the application as it is.
///
/// # Errors
/// 409 for a name that is Microsoft Graph's, 400 for two roles with one id or one value, and
/// `CannotDeleteOrUpdateEnabledEntitlement` for taking away a role that is enabled: whoever has it would lose it
/// unnoticed.
pub fn check(before: Option<&Map<String, Json>>, after: &Map<String, Json>) -> Result<(), GraphError> {
    let uris = after.get("identifierUris").and_then(Json::as_array).into_iter().flatten();
    if uris.filter_map(Json::as_str).any(builtin::is_graphs) {
        return Err(GraphError::same_key_value("identifierUris"));
    }
    check_roles(before, after)
}

fn check_roles(before: Option<&Map<String, Json>>, after: &Map<String, Json>) -> Result<(), GraphError> {
    let kept = roles(after);
    for (index, role) in kept.iter().enumerate() {
        let earlier = kept.iter().take(index);
        for member in ["id", "value"] {
            let value = role[member].as_str().filter(|value| !value.is_empty());
            if value.is_some() && earlier.clone().any(|other| other[member].as_str() == value) {
                return Err(GraphError::invalid_value(&format!("appRoles/{member}"), "Application"));
            }
        }
    }
    let is_lost = |role: &Json| {
        role["isEnabled"].as_bool().unwrap_or(false) && !kept.iter().any(|kept| kept["id"] == role["id"])
    };
    let lost = before.is_some_and(|before| roles(before).iter().any(is_lost));
    if lost { Err(GraphError::enabled_entitlement()) } else { Ok(()) }
}

fn roles(application: &Map<String, Json>) -> &[Json] {
    application.get("appRoles").and_then(Json::as_array).map_or(&[], Vec::as_slice)
}

/// Stores a new application: the server makes its `appId`.
///
/// # Errors
/// 409 when a unique value is taken.
pub async fn insert(
    call: &Call,
    mut properties: Map<String, Json>,
    edges: Vec<NewEdge>,
) -> Result<DirectoryObject, Failure> {
    properties.insert("appId".into(), call.state.ids.uuid().to_string().into());
    properties.insert("publisherDomain".into(), call.state.tenant.domain.clone().into());
    properties.entry("signInAudience").or_insert_with(|| "AzureADMyOrg".into());
    let edges = ownership::of_new(call, edges).await?;
    let made = entities::insert(call, ObjectKind::Application, properties, edges).await;
    made.map_err(|error| entities::refused(ObjectKind::Application, error))
}

/// `PATCH /applications/{id}`: the service principal's copies follow. One of a unique name that is not there is
/// made when the client prefers so.
///
/// # Errors
/// As [`entities::patch`] and [`create`].
pub async fn patch(call: Call) -> Answer {
    if let Some(name) = entities::missing_name(&call, ObjectKind::Application).await? {
        return make(&call, entities::named_body(&call, ObjectKind::Application, &name)?).await;
    }
    let object = lookup::object(&call, ObjectKind::Application, "app").await?;
    let application = entities::change(&call, &object).await?;
    let app_id = lookup::app_id(&application)?;
    if let Some(principal) = principal_of(&call, app_id).await? {
        let _turn = call.state.locks.lock(principal.id).await;
        let current = call.state.store.get(principal.id).await?.unwrap_or(principal);
        let (id, mut properties) = (current.id, current.properties.into_map());
        copy_to_principal(&application, &mut properties);
        let keys = model::keys(ObjectKind::ServicePrincipal, &properties);
        let change = ObjectChange { properties, keys, edges: Vec::new() };
        call.state.store.update(id, change).await?;
    }
    Ok(Reply::no_content())
}

/// `DELETE /applications/{id}`: its service principal goes into the recycle bin with it.
///
/// # Errors
/// As [`entities::delete`].
pub async fn delete(call: Call) -> Answer {
    entities::delete(call, ObjectKind::Application).await
}

/// The service principal of an application.
///
/// # Errors
/// When the store fails.
pub async fn principal_of(call: &Call, app_id: Uuid) -> Result<Option<DirectoryObject>, Failure> {
    Ok(call.state.store.get_by_key(ObjectKind::ServicePrincipal, &app_id.to_string()).await?)
}

/// Sets what a service principal only repeats of its application.
pub fn copy_to_principal(application: &DirectoryObject, principal: &mut Map<String, Json>) {
    let copy = |principal: &mut Map<String, Json>, from: &str, to: &str| {
        match application.properties.get(from) {
            Some(value) => principal.insert(to.to_owned(), value.clone()),
            None => principal.remove(to),
        };
    };
    copy(principal, "displayName", "appDisplayName");
    copy(principal, "appRoles", "appRoles");
    copy(principal, "signInAudience", "signInAudience");
    let mut names = vec![Json::from(lookup::string(application, "appId"))];
    names.extend(
        application.properties.get("identifierUris").and_then(Json::as_array).into_iter().flatten().cloned(),
    );
    principal.insert("servicePrincipalNames".into(), names.into());
}
