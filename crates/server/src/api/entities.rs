//! What the four kinds of directory objects have in common: list, count, get, change, delete.

use provisor_graph::error::GraphError;
use provisor_graph::odata::path::Key;
use provisor_store::StoreError;
use provisor_store::directory::{DirectoryObject, NewEdge, NewObject, ObjectChange, ObjectKind};
use serde_json::Map;
use serde_json::Value as Json;

use super::filtering::Filtering;
use super::pages::{self, Objects};
use super::selection::Selection;
use super::{lookup, model, references, synchronization};
use crate::builtin;
use crate::http::error::{Answer, Failure};
use crate::http::request::Call;
use crate::http::response::{PageLinks, Reply};

/// The preference for a PATCH that makes what is not there.
pub const CREATE_IF_MISSING: &str = "create-if-missing";

/// `GET /{set}`
///
/// # Errors
/// 400 for query options that this set does not have.
pub async fn list(call: Call, kind: ObjectKind) -> Answer {
    let filtering = Filtering::of_kind(&call, kind)?;
    let source = filtering.source(kind, false);
    list_of(&call, &source, &filtering, Selection::of_kind(&call, kind)?, model::set(kind)).await
}

/// `GET /{set}/$count`
///
/// # Errors
/// 400 without `ConsistencyLevel: eventual`, as in Graph.
pub async fn count(call: Call, kind: ObjectKind) -> Answer {
    let filtering = Filtering::of_kind(&call, kind)?;
    let source = filtering.source(kind, false);
    count_of(&call, &source, &filtering).await
}

/// A page of objects as an answer.
///
/// # Errors
/// 400 for a page size out of range or an alien page token.
pub async fn list_of(
    call: &Call,
    source: &Objects,
    filtering: &Filtering,
    selection: Selection,
    fragment: &str,
) -> Answer {
    let store = call.state.store.as_ref();
    let after: Option<pages::Position> = pages::position(call)?;
    let first = after.is_none();
    let page = pages::read(store, source, filtering, after, pages::size(call)?).await?;
    let count = match call.options.count {
        Some(true) if first => Some(pages::count(store, source, filtering).await?),
        _ => None,
    };
    let items = selection.print_all(call, &page.objects).await?;
    let next = page.next.map(|after| pages::next_link(call, &after));
    let links = PageLinks { count, next, delta: None };
    Ok(Reply::collection(call, &selection.context(fragment), links, &items)?)
}

/// The number of objects as an answer.
///
/// # Errors
/// 400 without `ConsistencyLevel: eventual`, as in Graph.
pub async fn count_of(call: &Call, source: &Objects, filtering: &Filtering) -> Answer {
    if !call.eventual() {
        return Err(GraphError::count_not_supported().into());
    }
    Ok(Reply::text(&pages::count(call.state.store.as_ref(), source, filtering).await?))
}

/// `GET /{set}/{id}`
///
/// # Errors
/// 404 when there is no such object.
pub async fn get(call: Call, kind: ObjectKind) -> Answer {
    let selection = Selection::of_kind(&call, kind)?;
    let object = lookup::object(&call, kind, key_name(kind)).await?;
    let fragment = format!("{}/$entity", selection.context(model::set(kind)));
    let items = selection.print_all(&call, std::slice::from_ref(&object)).await?;
    Ok(Reply::entity(&call, &fragment, &items.first())?)
}

/// The unique name of an object that a PATCH is to make because it is not there: of a path that names one, from
/// a client that prefers `create-if-missing`.
///
/// # Errors
/// When the store fails.
pub async fn missing_name(call: &Call, kind: ObjectKind) -> Result<Option<String>, Failure> {
    let Key::Named(property, value) = call.key(key_name(kind))? else { return Ok(None) };
    let by_name = lookup::has_unique_name(kind) && property.eq_ignore_ascii_case(lookup::UNIQUE_NAME);
    if !by_name || !call.prefers(CREATE_IF_MISSING) {
        return Ok(None);
    }
    let found = lookup::by_unique_name(call, kind, value).await?;
    Ok(if found.is_none() { Some(value.clone()) } else { None })
}

/// The body of a PATCH that makes an object of this unique name.
///
/// # Errors
/// 400 for a body that is no such object, or names another one.
pub fn named_body(call: &Call, kind: ObjectKind, name: &str) -> Result<Map<String, Json>, Failure> {
    let mut body = model::body(call, kind)?;
    let other = body
        .iter()
        .find(|(key, value)| key.eq_ignore_ascii_case(lookup::UNIQUE_NAME) && value.as_str() != Some(name));
    if other.is_some() {
        let message = format!("'uniqueName' must be '{name}', the name in the path, or be left out.");
        return Err(GraphError::directory_bad_request(message).into());
    }
    body.retain(|key, _| !key.eq_ignore_ascii_case(lookup::UNIQUE_NAME));
    body.insert(lookup::UNIQUE_NAME.to_owned(), name.into());
    Ok(body)
}

/// `PATCH /{set}/{id}`: what is not sent stays.
///
/// # Errors
/// 404 when there is no such object, 400 for properties that cannot be what they are to be.
pub async fn patch(call: Call, kind: ObjectKind) -> Answer {
    let object = lookup::object(&call, kind, key_name(kind)).await?;
    change(&call, &object).await?;
    Ok(Reply::no_content())
}

/// Merges the request's body into an object.
///
/// # Errors
/// As [`patch`].
pub async fn change(call: &Call, object: &DirectoryObject) -> Result<DirectoryObject, Failure> {
    builtin::check_changeable(object)?;
    let mut body = model::body(call, object.kind)?;
    let unbound = references::take_unbound(&mut body, model::relations(object.kind));
    let edges = bound_edges(call, object.kind, Some(object), &mut body).await?;
    let _turn = call.state.locks.lock(object.id).await;
    let gone = || GraphError::not_found(&object.id.to_string());
    let current = call.state.store.get(object.id).await?.ok_or_else(gone)?;
    let properties = model::patched(&current, &body)?;
    let keys = model::keys(object.kind, &properties);
    let change = ObjectChange { properties, keys, edges };
    let changed = call.state.store.update(object.id, change).await;
    let changed = changed.map_err(|error| refused(object.kind, error))?.ok_or_else(gone)?;
    for relation in unbound {
        for (_, to) in call.state.store.edges_from(&[object.id], relation.edge).await? {
            call.state.store.remove_edge(object.id, NewEdge { kind: relation.edge, to }).await?;
        }
    }
    Ok(changed)
}

/// Creates an object of these (validated) properties.
///
/// # Errors
/// [`StoreError::Conflict`] when a unique value is taken.
pub async fn insert(
    call: &Call,
    kind: ObjectKind,
    properties: Map<String, Json>,
    edges: Vec<NewEdge>,
) -> Result<DirectoryObject, StoreError> {
    let keys = model::keys(kind, &properties);
    let object = NewObject { id: call.state.ids.uuid(), kind, properties, keys, created: call.now(), edges };
    call.state.store.create(object).await
}

/// A failure of the store with an object of this kind. Values that are taken are told with 409 of applications
/// and with 400 of users and groups, as Graph does.
#[must_use]
pub fn refused(kind: ObjectKind, error: StoreError) -> Failure {
    match error {
        StoreError::Conflict { property } if kind == ObjectKind::Application => {
            GraphError::same_key_value(&property).into()
        }
        other => other.into(),
    }
}

/// The 201 of a new object.
///
/// # Errors
/// 500 when it is not printable.
pub fn created(call: &Call, object: &DirectoryObject) -> Answer {
    let set = model::set(object.kind);
    let selection = Selection::default_of();
    let printed = selection.print(object);
    Ok(Reply::created(call, &format!("{set}/$entity"), &format!("{set}/{}", object.id), &printed)?)
}

/// `DELETE /{set}/{id}`: into the recycle bin.
///
/// # Errors
/// 404 when there is no such object.
pub async fn delete(call: Call, kind: ObjectKind) -> Answer {
    let object = lookup::object(&call, kind, key_name(kind)).await?;
    soft_delete(&call, &object).await?;
    Ok(Reply::no_content())
}

/// Puts an object into the recycle bin; an application takes its service principal with it, and jobs of a
/// service principal stop.
///
/// # Errors
/// 404 when it is gone already.
pub async fn soft_delete(call: &Call, object: &DirectoryObject) -> Result<(), Failure> {
    builtin::check_changeable(object)?;
    let (store, now) = (&call.state.store, call.now());
    if object.kind == ObjectKind::Application {
        let app_id = lookup::app_id(object)?.to_string();
        if let Some(principal) = store.get_by_key(ObjectKind::ServicePrincipal, &app_id).await? {
            synchronization::jobs::stop_all(call, principal.id).await?;
            store.soft_delete(principal.id, now).await?;
        }
    }
    if object.kind == ObjectKind::ServicePrincipal {
        synchronization::jobs::stop_all(call, object.id).await?;
    }
    if store.soft_delete(object.id, now).await? {
        Ok(())
    } else {
        Err(GraphError::not_found(&object.id.to_string()).into())
    }
}

/// The relationships that a body binds (`members@odata.bind` and the like), taken out of it.
///
/// # Errors
/// 400 for more than twenty or for what is no reference or is there already, 404 for an object that is not
/// there.
pub async fn bound_edges(
    call: &Call,
    kind: ObjectKind,
    holder: Option<&DirectoryObject>,
    body: &mut Map<String, Json>,
) -> Result<Vec<NewEdge>, Failure> {
    let mut edges = Vec::new();
    let mut bound = 0;
    for relation in model::relations(kind) {
        let member = format!("{}@odata.bind", relation.name);
        let urls = references::take_bound(body, &member)?;
        bound += urls.len();
        if relation.single && urls.len() > 1 {
            return Err(GraphError::bad_request(format!("'{member}' takes one URL.")).into());
        }
        if bound > references::MAX_BOUND {
            return Err(GraphError::directory_bad_request(format!(
                "A request can bind at most {} references; send the rest in further requests.",
                references::MAX_BOUND
            ))
            .into());
        }
        for url in urls {
            let other = references::resolve(call, &url, &member, relation).await?;
            let edge = NewEdge { kind: relation.edge, to: other.id };
            if edges.contains(&edge) {
                return Err(GraphError::references_exist(relation.name).into());
            }
            if let Some(holder) = holder {
                super::members::check_addable(call, holder, relation, other.id).await?;
            }
            edges.push(edge);
        }
    }
    Ok(edges)
}

/// The name of a set's key in the route table.
#[must_use]
pub const fn key_name(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::User => "user",
        ObjectKind::Group => "group",
        ObjectKind::Application => "app",
        ObjectKind::ServicePrincipal => "sp",
    }
}
