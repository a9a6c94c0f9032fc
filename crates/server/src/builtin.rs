//! What every tenant has from the start: the service principal of Microsoft Graph, whose app roles are the
//! permissions of this API. A client is given one by assigning it, as in Entra.

use jiff::Timestamp;
use provisor_engine::ids::Ids;
use provisor_graph::error::GraphError;
use provisor_store::directory::{DirectoryObject, NewObject, ObjectChange, ObjectKind};
use provisor_store::{ServerStore, StoreError};
use serde_json::{Map, Value as Json, json};

use crate::api::model;
use crate::api::permissions::roles;

/// The `appId` of Microsoft Graph in every tenant.
pub const GRAPH_APP_ID: &str = "00000003-0000-0000-c000-000000000000";
/// The other name that it goes by.
const GRAPH_ADDRESS: &str = "https://graph.microsoft.com";
/// The tenant that Microsoft's own applications belong to.
const MICROSOFT: &str = "f8cdef31-a31e-4b4a-93e4-5f571e91255a";

/// Makes what is missing, and brings the roles up to date when this version knows others.
///
/// # Errors
/// When the store fails.
pub async fn ensure(store: &dyn ServerStore, ids: &dyn Ids, now: Timestamp) -> Result<(), StoreError> {
    let kind = ObjectKind::ServicePrincipal;
    let properties = properties();
    let keys = model::keys(kind, &properties);
    match store.get_by_key(kind, GRAPH_APP_ID).await? {
        None => {
            let id = ids.uuid();
            store.create(NewObject { id, kind, properties, keys, created: now, edges: Vec::new() }).await?;
        }
        Some(there) if there.properties != properties => {
            store.update(there.id, ObjectChange { properties, keys, edges: Vec::new() }).await?;
        }
        Some(_) => {}
    }
    Ok(())
}

fn properties() -> Map<String, Json> {
    let members = [
        ("accountEnabled", true.into()),
        ("appDisplayName", "Microsoft Graph".into()),
        ("appId", GRAPH_APP_ID.into()),
        ("appOwnerOrganizationId", MICROSOFT.into()),
        ("appRoleAssignmentRequired", false.into()),
        ("appRoles", roles::app_roles()),
        ("displayName", "Microsoft Graph".into()),
        ("servicePrincipalNames", json!([GRAPH_APP_ID, GRAPH_ADDRESS])),
        ("servicePrincipalType", "Application".into()),
    ];
    members.into_iter().map(|(name, value): (&str, Json)| (name.to_owned(), value)).collect()
}

/// Whether a URI is a name of Microsoft Graph, which no other application may go by.
#[must_use]
pub fn is_graphs(uri: &str) -> bool {
    let uri = uri.trim_end_matches('/');
    [GRAPH_APP_ID, GRAPH_ADDRESS].iter().any(|name| name.eq_ignore_ascii_case(uri))
}

/// Whether an object is one of these.
#[must_use]
pub fn is_builtin(object: &DirectoryObject) -> bool {
    object.kind == ObjectKind::ServicePrincipal
        && object.properties.get("appId").and_then(Json::as_str) == Some(GRAPH_APP_ID)
}

/// Refuses to change or delete what belongs to the installation.
///
/// # Errors
/// 403 for a built-in object.
pub fn check_changeable(object: &DirectoryObject) -> Result<(), GraphError> {
    if is_builtin(object) { Err(GraphError::forbidden()) } else { Ok(()) }
}
