//! References to members and owners: told, added, taken away.

use provisor_graph::error::GraphError;
use provisor_store::directory::{DirectoryObject, EdgeKind, NewEdge};
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::filtering::Filtering;
use super::model::{self, Relation};
use super::relationships::{self, Way, holder};
use super::{lookup, pages, references};
use crate::builtin;
use crate::http::error::{Answer, Failure};
use crate::http::request::Call;
use crate::http::response::{PageLinks, Reply};

/// The URL of an object, as `$ref` tells it.
pub fn reference(call: &Call, object: &DirectoryObject) -> Json {
    json!({"@odata.id": call.url(&format!("{}/{}", model::set(object.kind), object.id))})
}

fn relation(holder: &DirectoryObject, edge: EdgeKind) -> Result<&'static Relation, GraphError> {
    let found = model::relations(holder.kind).iter().find(|relation| relation.edge == edge);
    found.ok_or_else(GraphError::internal)
}

/// `GET …/members/$ref`: the URLs instead of the objects.
///
/// # Errors
/// As [`list`].
pub async fn list_references(call: Call, edge: EdgeKind) -> Answer {
    let source = Way::Related(edge).from(holder(&call).await?.id);
    let after = pages::position(&call)?;
    let store = call.state.store.as_ref();
    let page = pages::read(store, &source, &Filtering::default(), after, pages::size(&call)?).await?;
    let items: Vec<_> = page.objects.iter().map(|object| reference(&call, object)).collect();
    let next = page.next.map(|after| pages::next_link(&call, &after));
    let links = PageLinks { next, ..PageLinks::default() };
    Ok(Reply::collection(&call, "Collection($ref)", links, &items)?)
}

/// `GET …/members/{id}/$ref`: scripts ask for it before they remove one.
///
/// # Errors
/// 404 for an object that is not related so.
pub async fn get_reference(call: Call, edge: EdgeKind) -> Answer {
    let object = relationships::related(&call, Way::Related(edge)).await?;
    Ok(Reply::entity(&call, "$ref", &reference(&call, &object))?)
}

/// `POST …/members/$ref`
///
/// # Errors
/// 400 for an object that is related already or cannot be, 404 for one that is not there.
pub async fn add(call: Call, edge: EdgeKind) -> Answer {
    let holder = holder(&call).await?;
    builtin::check_changeable(&holder)?;
    let relation = relation(&holder, edge)?;
    let body = call.json()?;
    let other = references::resolve(&call, references::odata_id(&body)?, "@odata.id", relation).await?;
    if other.id == holder.id && relation.edge == EdgeKind::Member {
        return Err(GraphError::directory_bad_request(format!(
            "The group '{}' cannot be a member of itself.",
            holder.id
        ))
        .into());
    }
    if call.state.store.add_edge(holder.id, NewEdge { kind: edge, to: other.id }).await? {
        Ok(Reply::no_content())
    } else {
        Err(GraphError::references_exist(relation.name).into())
    }
}

/// `DELETE …/members/{id}/$ref` and `DELETE …/members/$ref?$id={url}`
///
/// # Errors
/// 404 for an object that is not related so.
pub async fn remove(call: Call, edge: EdgeKind) -> Answer {
    let holder = holder(&call).await?;
    builtin::check_changeable(&holder)?;
    let relation = relation(&holder, edge)?;
    let other = match call.options.id.as_deref() {
        Some(url) => references::resolve(&call, url, "$id", relation).await?.id,
        None if call.keys.iter().any(|(name, _)| *name == "object") => lookup::id(&call, "object")?,
        None => {
            let message = "Name the object to take away: DELETE …/{id}/$ref, or …/$ref?$id={URL}.";
            return Err(GraphError::bad_request(message).into());
        }
    };
    if call.state.store.remove_edge(holder.id, NewEdge { kind: edge, to: other }).await? {
        Ok(Reply::no_content())
    } else {
        Err(GraphError::not_found(&other.to_string()).into())
    }
}

/// Refuses a relationship that cannot be added: to itself, or a second time.
///
/// # Errors
/// 400 with the reason.
pub async fn check_addable(
    call: &Call,
    holder: &DirectoryObject,
    relation: &Relation,
    other: Uuid,
) -> Result<(), Failure> {
    if holder.id == other && relation.edge != EdgeKind::Owner {
        let message = format!("'{}' cannot be its own entry in '{}'.", holder.id, relation.name);
        return Err(GraphError::directory_bad_request(message).into());
    }
    let edge = NewEdge { kind: relation.edge, to: other };
    if !relation.single && call.state.store.is_related(holder.id, edge).await? {
        return Err(GraphError::references_exist(relation.name).into());
    }
    Ok(())
}
