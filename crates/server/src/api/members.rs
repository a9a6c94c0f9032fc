//! Relationships of many: members, owners, and their other ends (memberships, direct reports).

use provisor_graph::error::GraphError;
use provisor_store::directory::{DirectoryObject, EdgeKind, NewEdge, ObjectKind, Transitive};
use serde_json::json;
use uuid::Uuid;

use super::entities::{self, key_name};
use super::filtering::Filtering;
use super::lookup;
use super::model::{self, Relation};
use super::pages::{self, Objects};
use super::references;
use super::selection::Selection;
use crate::builtin;
use crate::http::error::{Answer, Failure};
use crate::http::request::Call;
use crate::http::response::{PageLinks, Reply};

const OBJECTS: &str = "directoryObjects";

/// The object whose relationships are asked about.
async fn holder(call: &Call) -> Result<DirectoryObject, Failure> {
    let kind = model::kind_of_set(call.set).ok_or_else(GraphError::internal)?;
    lookup::object(call, kind, key_name(kind)).await
}

fn relation(holder: &DirectoryObject, edge: EdgeKind) -> Result<&'static Relation, GraphError> {
    let found = model::relations(holder.kind).iter().find(|relation| relation.edge == edge);
    found.ok_or_else(GraphError::internal)
}

/// `GET …/members`, `GET …/owners`
///
/// # Errors
/// 404 when the holder is not there.
pub async fn list(call: Call, edge: EdgeKind) -> Answer {
    let from = holder(&call).await?.id;
    let filtering = Filtering::of_any(&call)?;
    entities::list_of(&call, &Objects::Related { from, edge }, &filtering, Selection::of_any(&call)?, OBJECTS)
        .await
}

/// `GET …/members/microsoft.graph.user`
///
/// # Errors
/// As [`list`].
pub async fn list_cast(call: Call, edge: EdgeKind, kind: ObjectKind) -> Answer {
    let from = holder(&call).await?.id;
    let filtering = Filtering::of_kind(&call, kind)?.only(kind);
    let selection = Selection::of_kind(&call, kind)?;
    entities::list_of(&call, &Objects::Related { from, edge }, &filtering, selection, model::set(kind)).await
}

/// `GET …/members/$count`
///
/// # Errors
/// 400 without `ConsistencyLevel: eventual`, as in Graph.
pub async fn count(call: Call, edge: EdgeKind) -> Answer {
    let from = holder(&call).await?.id;
    entities::count_of(&call, &Objects::Related { from, edge }, &Filtering::of_any(&call)?).await
}

/// `GET …/memberOf`, `GET …/directReports`
///
/// # Errors
/// As [`list`].
pub async fn list_relating(call: Call, edge: EdgeKind) -> Answer {
    let to = holder(&call).await?.id;
    let filtering = Filtering::of_any(&call)?;
    entities::list_of(&call, &Objects::Relating { to, edge }, &filtering, Selection::of_any(&call)?, OBJECTS)
        .await
}

/// `GET …/memberOf/microsoft.graph.group`
///
/// # Errors
/// As [`list`].
pub async fn list_relating_cast(call: Call, edge: EdgeKind, kind: ObjectKind) -> Answer {
    let to = holder(&call).await?.id;
    let filtering = Filtering::of_kind(&call, kind)?.only(kind);
    let selection = Selection::of_kind(&call, kind)?;
    entities::list_of(&call, &Objects::Relating { to, edge }, &filtering, selection, model::set(kind)).await
}

/// `GET …/memberOf/$count`
///
/// # Errors
/// As [`count`].
pub async fn count_relating(call: Call, edge: EdgeKind) -> Answer {
    let to = holder(&call).await?.id;
    entities::count_of(&call, &Objects::Relating { to, edge }, &Filtering::of_any(&call)?).await
}

/// `GET …/memberOf/microsoft.graph.group/$count`
///
/// # Errors
/// As [`count`].
pub async fn count_relating_cast(call: Call, edge: EdgeKind, kind: ObjectKind) -> Answer {
    let to = holder(&call).await?.id;
    let filtering = Filtering::of_kind(&call, kind)?.only(kind);
    entities::count_of(&call, &Objects::Relating { to, edge }, &filtering).await
}

/// `GET …/members/microsoft.graph.user/$count`
///
/// # Errors
/// As [`count`].
pub async fn count_cast(call: Call, edge: EdgeKind, kind: ObjectKind) -> Answer {
    let from = holder(&call).await?.id;
    let filtering = Filtering::of_kind(&call, kind)?.only(kind);
    entities::count_of(&call, &Objects::Related { from, edge }, &filtering).await
}

/// `GET …/transitiveMembers`, `GET …/transitiveMemberOf`: each object once, however many ways lead to it.
///
/// # Errors
/// As [`list`].
pub async fn list_reached(call: Call, over: Transitive) -> Answer {
    let from = holder(&call).await?.id;
    let filtering = Filtering::of_any(&call)?;
    let selection = Selection::of_any(&call)?;
    entities::list_of(&call, &Objects::Reached { from, over }, &filtering, selection, OBJECTS).await
}

/// `GET …/transitiveMembers/microsoft.graph.user`
///
/// # Errors
/// As [`list`].
pub async fn list_reached_cast(call: Call, over: Transitive, kind: ObjectKind) -> Answer {
    let from = holder(&call).await?.id;
    let filtering = Filtering::of_kind(&call, kind)?.only(kind);
    let selection = Selection::of_kind(&call, kind)?;
    entities::list_of(&call, &Objects::Reached { from, over }, &filtering, selection, model::set(kind)).await
}

/// `GET …/transitiveMembers/$count`
///
/// # Errors
/// As [`count`].
pub async fn count_reached(call: Call, over: Transitive) -> Answer {
    let from = holder(&call).await?.id;
    entities::count_of(&call, &Objects::Reached { from, over }, &Filtering::of_any(&call)?).await
}

/// `GET …/transitiveMembers/microsoft.graph.user/$count`
///
/// # Errors
/// As [`count`].
pub async fn count_reached_cast(call: Call, over: Transitive, kind: ObjectKind) -> Answer {
    let from = holder(&call).await?.id;
    let filtering = Filtering::of_kind(&call, kind)?.only(kind);
    entities::count_of(&call, &Objects::Reached { from, over }, &filtering).await
}

/// `GET …/members/$ref`: the URLs instead of the objects.
///
/// # Errors
/// As [`list`].
pub async fn list_references(call: Call, edge: EdgeKind) -> Answer {
    let source = Objects::Related { from: holder(&call).await?.id, edge };
    let after = pages::position(&call)?;
    let store = call.state.store.as_ref();
    let page = pages::read(store, &source, &Filtering::default(), after, pages::size(&call)?).await?;
    let url = |object: &DirectoryObject| json!({"@odata.id": call.url(&format!("{}/{}", model::set(object.kind), object.id))});
    let items: Vec<_> = page.objects.iter().map(url).collect();
    let next = page.next.map(|after| pages::next_link(&call, &after));
    let links = PageLinks { next, ..PageLinks::default() };
    Ok(Reply::collection(&call, "Collection($ref)", links, &items)?)
}

/// `GET …/members/{id}`
///
/// # Errors
/// 404 for an object that is not related so.
pub async fn get(call: Call, edge: EdgeKind) -> Answer {
    let from = holder(&call).await?.id;
    let id = lookup::id(&call, "object")?;
    let store = call.state.store.as_ref();
    let found = store.get(id).await?.filter(|object| object.deleted.is_none());
    let object = match found {
        Some(object) if store.is_related(from, NewEdge { kind: edge, to: id }).await? => object,
        _ => return Err(GraphError::not_found(&id.to_string()).into()),
    };
    let json = Selection::of_any(&call)?.render(&object);
    Ok(Reply::entity(&call, &format!("{OBJECTS}/$entity"), &json)?)
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
    let other =
        references::resolve(&call, references::odata_id(&body)?, "@odata.id", relation.targets).await?;
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
        Some(url) => references::resolve(&call, url, "$id", relation.targets).await?.id,
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
