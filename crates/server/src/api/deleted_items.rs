//! The recycle bin.

use provisor_graph::error::GraphError;
use provisor_store::StoreError;
use provisor_store::directory::{DirectoryObject, ObjectKind};

use super::casts::Cast;
use super::entities;
use super::filtering::Filtering;
use super::selection::Selection;
use super::{lookup, model, relationships, synchronization};
use crate::http::error::{Answer, Failure};
use crate::http::request::Call;
use crate::http::response::Reply;

async fn object(call: &Call) -> Result<DirectoryObject, Failure> {
    let id = lookup::id(call, "object")?;
    let found = call.state.store.get(id).await?.filter(|object| object.deleted.is_some() && !object.purged);
    found.ok_or_else(|| GraphError::not_found(&id.to_string()).into())
}

/// `GET /directory/deletedItems`: Graph wants a cast.
///
/// # Errors
/// 400, always.
pub async fn list_all(_: Call) -> Answer {
    Err(GraphError::bad_request(
        "Say which kind of deleted objects to list: /directory/deletedItems/microsoft.graph.user, \
         …/microsoft.graph.group, …/microsoft.graph.application or …/microsoft.graph.servicePrincipal.",
    )
    .into())
}

/// `GET /directory/deletedItems/microsoft.graph.user` and the other types
///
/// # Errors
/// 400 for query options that the set does not have.
pub async fn list(call: Call) -> Answer {
    let Cast::Kind(kind) = Cast::of(&call)? else { return relationships::nothing(&call) };
    let filtering = Filtering::of_kind(&call, kind)?;
    let selection = Selection::of_kind(&call, kind)?.with_deletion();
    let source = filtering.source(kind, true);
    entities::list_of(&call, &source, &filtering, selection, model::set(kind)).await
}

/// `GET /directory/deletedItems/microsoft.graph.user/$count` and the other types
///
/// # Errors
/// 400 without `ConsistencyLevel: eventual`, as in Graph.
pub async fn count(call: Call) -> Answer {
    let Cast::Kind(kind) = Cast::of(&call)? else { return relationships::none(&call) };
    let filtering = Filtering::of_kind(&call, kind)?;
    entities::count_of(&call, &filtering.source(kind, true), &filtering).await
}

/// `GET /directory/deletedItems/{id}/microsoft.graph.user`
///
/// # Errors
/// 404 for an object that is not in the recycle bin, or is of another type.
pub async fn get_cast(call: Call) -> Answer {
    let object = object(&call).await?;
    relationships::as_cast(&call, &object, Selection::with_deletion)
}

/// `GET /directory/deletedItems/{id}`
///
/// # Errors
/// 404 for an object that is not in the recycle bin.
pub async fn get(call: Call) -> Answer {
    let json = Selection::of_any(&call)?.with_deletion().render(&object(&call).await?);
    Ok(Reply::entity(&call, "directoryObjects/$entity", &json)?)
}

/// `DELETE /directory/deletedItems/{id}`: for good. Jobs and secrets of a service principal go with it,
/// and with an application its service principal that is in the recycle bin too.
///
/// # Errors
/// 404 for an object that is not in the recycle bin.
pub async fn purge(call: Call) -> Answer {
    let object = object(&call).await?;
    if object.kind == ObjectKind::Application {
        // They came there with it. One that was restored by itself is not there, and stays.
        let app_id = lookup::string(&object, "appId");
        for principal in lookup::deleted_principals(call.state.store.as_ref(), app_id).await? {
            purge_one(&call, &principal).await?;
        }
    }
    if purge_one(&call, &object).await? {
        Ok(Reply::no_content())
    } else {
        Err(GraphError::not_found(&object.id.to_string()).into())
    }
}

async fn purge_one(call: &Call, object: &DirectoryObject) -> Result<bool, Failure> {
    if object.kind == ObjectKind::ServicePrincipal {
        synchronization::jobs::delete_all(call, object.id).await?;
        synchronization::secrets::delete_all(call, object.id).await?;
    }
    Ok(call.state.store.purge(object.id).await?)
}

/// `POST /directory/deletedItems/{id}/restore`: memberships and assignments come back, jobs of a service
/// principal go on. An application and its service principal are restored one by one.
///
/// # Errors
/// 404 for an object that is not in the recycle bin, 400 when its name is taken by now.
pub async fn restore(call: Call) -> Answer {
    let object = object(&call).await?;
    let store = &call.state.store;
    let restored = store.restore(object.id).await.map_err(|error| match error {
        StoreError::Conflict { property } if object.kind == ObjectKind::ServicePrincipal => {
            tracing::debug!(property, "a restore would clash");
            GraphError::service_principal_exists(lookup::string(&object, "appId")).into()
        }
        other => entities::refused(object.kind, other),
    })?;
    let restored = restored.ok_or_else(|| GraphError::not_found(&object.id.to_string()))?;
    if restored.kind == ObjectKind::ServicePrincipal {
        synchronization::jobs::wake_all(&call, restored.id).await?;
    }
    let json = Selection::of_any(&call)?.with_deletion().render(&restored);
    Ok(Reply::entity(&call, "directoryObjects/$entity", &json)?)
}
