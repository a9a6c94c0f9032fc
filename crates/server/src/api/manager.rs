//! A user's manager.

use provisor_graph::error::GraphError;
use provisor_store::directory::{DirectoryObject, EdgeKind, NewEdge, ObjectKind};

use super::selection::Selection;
use super::{lookup, members, model, references};
use crate::http::error::{Answer, Failure};
use crate::http::request::Call;
use crate::http::response::Reply;

async fn manager(call: &Call, user: &DirectoryObject) -> Result<DirectoryObject, Failure> {
    let page = call.state.store.related(user.id, EdgeKind::Manager, None, 1).await?;
    page.objects.into_iter().next().ok_or_else(|| GraphError::not_found("manager").into())
}

/// `GET /users/{id}/manager`
///
/// # Errors
/// 404 when there is none.
pub async fn get(call: Call) -> Answer {
    let user = lookup::object(&call, ObjectKind::User, "user").await?;
    let manager = manager(&call, &user).await?;
    let json = Selection::of_any(&call)?.render(&manager);
    Ok(Reply::entity(&call, "directoryObjects/$entity", &json)?)
}

/// `GET /users/{id}/manager/$ref`
///
/// # Errors
/// 404 when there is none.
pub async fn get_reference(call: Call) -> Answer {
    let user = lookup::object(&call, ObjectKind::User, "user").await?;
    let manager = manager(&call, &user).await?;
    Ok(Reply::entity(&call, "$ref", &members::reference(&call, &manager))?)
}

/// `PUT /users/{id}/manager/$ref`: replaces the one there is.
///
/// # Errors
/// 404 for a user that is not there, 400 for the user itself.
pub async fn set(call: Call) -> Answer {
    let user = lookup::object(&call, ObjectKind::User, "user").await?;
    let body = call.json()?;
    let url = references::odata_id(&body)?;
    let other = references::resolve(&call, url, "@odata.id", &model::MANAGER).await?;
    if other.id == user.id {
        let message = format!("The user '{}' cannot be its own manager.", user.id);
        return Err(GraphError::directory_bad_request(message).into());
    }
    call.state.store.add_edge(user.id, NewEdge { kind: EdgeKind::Manager, to: other.id }).await?;
    Ok(Reply::no_content())
}

/// `DELETE /users/{id}/manager/$ref`
///
/// # Errors
/// 404 when there is none.
pub async fn remove(call: Call) -> Answer {
    let user = lookup::object(&call, ObjectKind::User, "user").await?;
    let manager = manager(&call, &user).await?;
    let edge = NewEdge { kind: EdgeKind::Manager, to: manager.id };
    if call.state.store.remove_edge(user.id, edge).await? {
        Ok(Reply::no_content())
    } else {
        Err(GraphError::not_found("manager").into())
    }
}
