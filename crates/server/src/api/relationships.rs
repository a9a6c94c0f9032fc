//! What an object is related to, and what is related to it: members, owners, memberships, reports. Each
//! relationship is listed, counted, cast to a type, and asked about one object.

use provisor_graph::error::GraphError;
use provisor_store::directory::{DirectoryObject, EdgeKind, NewEdge, Transitive};
use serde_json::Value as Json;
use uuid::Uuid;

use super::casts::Cast;
use super::entities::{self, key_name};
use super::filtering::Filtering;
use super::pages::Objects;
use super::selection::Selection;
use super::{lookup, model};
use crate::http::error::{Answer, Failure};
use crate::http::request::Call;
use crate::http::response::{PageLinks, Reply};

const OBJECTS: &str = "directoryObjects";

/// What leads from an object to others.
#[derive(Clone, Copy, Debug)]
pub enum Way {
    /// To those that it names.
    Related(EdgeKind),
    /// To those that name it.
    Relating(EdgeKind),
    /// Over any number of relationships, to each object once.
    Reached(Transitive),
    /// To none: Graph has the relationship, and nothing here makes it.
    Nowhere,
}

impl Way {
    /// The objects that it leads to.
    #[must_use]
    pub const fn from(self, id: Uuid) -> Objects {
        match self {
            Self::Related(edge) => Objects::Related { from: id, edge },
            Self::Relating(edge) => Objects::Relating { to: id, edge },
            Self::Reached(over) => Objects::Reached { from: id, over },
            Self::Nowhere => Objects::Nowhere,
        }
    }

    /// Whether it leads from one object to another.
    async fn leads(self, call: &Call, from: Uuid, to: Uuid) -> Result<bool, Failure> {
        let store = call.state.store.as_ref();
        Ok(match self {
            Self::Nowhere => false,
            Self::Related(kind) => store.is_related(from, NewEdge { kind, to }).await?,
            Self::Relating(kind) => store.is_related(to, NewEdge { kind, to: from }).await?,
            Self::Reached(over) => {
                let mut after = None;
                loop {
                    let page = store.transitive(from, over, after, CHUNK).await?;
                    if page.objects.iter().any(|object| object.id == to) {
                        break true;
                    }
                    after = page.next;
                    if after.is_none() {
                        break false;
                    }
                }
            }
        })
    }
}

/// Objects read at a time while one is looked for.
const CHUNK: usize = 500;

/// The object whose relationships are asked about.
///
/// # Errors
/// 404 when it is not there.
pub async fn holder(call: &Call) -> Result<DirectoryObject, Failure> {
    let kind = model::kind_of_set(call.set).ok_or_else(GraphError::internal)?;
    lookup::object(call, kind, key_name(kind)).await
}

/// `GET …/members`
///
/// # Errors
/// 404 when the holder is not there.
pub async fn list(call: Call, way: Way) -> Answer {
    let source = way.from(holder(&call).await?.id);
    entities::list_of(&call, &source, &Filtering::of_any(&call)?, Selection::of_any(&call)?, OBJECTS).await
}

/// `GET …/members/microsoft.graph.user`; empty for a type that there are no objects of.
///
/// # Errors
/// As [`list`].
pub async fn list_cast(call: Call, way: Way) -> Answer {
    let source = way.from(holder(&call).await?.id);
    match Cast::of(&call)? {
        Cast::Kind(kind) => {
            let filtering = Filtering::of_kind(&call, kind)?.only(kind);
            let selection = Selection::of_kind(&call, kind)?;
            entities::list_of(&call, &source, &filtering, selection, model::set(kind)).await
        }
        Cast::Elsewhere => nothing(&call),
    }
}

/// The empty listing of a type that there are no objects of.
///
/// # Errors
/// 400 for a malformed filter or order: what it names cannot be checked.
pub fn nothing(call: &Call) -> Answer {
    call.options.filter.as_deref().map(provisor_graph::odata::filter::parse).transpose()?;
    call.options.order_by.as_deref().map(provisor_graph::odata::order::parse).transpose()?;
    let links =
        PageLinks { count: call.options.count.filter(|wanted| *wanted).map(|_| 0), ..PageLinks::default() };
    Ok(Reply::collection(call, OBJECTS, links, &[] as &[Json])?)
}

/// `GET …/members/$count`
///
/// # Errors
/// 400 without `ConsistencyLevel: eventual`, as in Graph.
pub async fn count(call: Call, way: Way) -> Answer {
    let source = way.from(holder(&call).await?.id);
    entities::count_of(&call, &source, &Filtering::of_any(&call)?).await
}

/// `GET …/members/microsoft.graph.user/$count`
///
/// # Errors
/// As [`count`].
pub async fn count_cast(call: Call, way: Way) -> Answer {
    let source = way.from(holder(&call).await?.id);
    match Cast::of(&call)? {
        Cast::Kind(kind) => {
            entities::count_of(&call, &source, &Filtering::of_kind(&call, kind)?.only(kind)).await
        }
        Cast::Elsewhere => none(&call),
    }
}

/// The number of objects of a type that there are no objects of.
///
/// # Errors
/// As [`count`].
pub fn none(call: &Call) -> Answer {
    if call.eventual() { Ok(Reply::text(&0)) } else { Err(GraphError::count_not_supported().into()) }
}

/// The object that the path names, when the relationship leads to it.
///
/// # Errors
/// 404 when it does not.
pub async fn related(call: &Call, way: Way) -> Result<DirectoryObject, Failure> {
    let from = holder(call).await?.id;
    let id = lookup::id(call, "object")?;
    let found = call.state.store.get(id).await?.filter(|object| object.deleted.is_none() && !object.purged);
    match found {
        Some(object) if way.leads(call, from, id).await? => Ok(object),
        _ => Err(GraphError::not_found(&id.to_string()).into()),
    }
}

/// `GET …/members/{id}`
///
/// # Errors
/// 404 for an object that is not related so.
pub async fn get(call: Call, way: Way) -> Answer {
    let object = related(&call, way).await?;
    let json = Selection::of_any(&call)?.render(&object);
    Ok(Reply::entity(&call, &format!("{OBJECTS}/$entity"), &json)?)
}

/// `GET …/members/{id}/microsoft.graph.user`
///
/// # Errors
/// 404 for an object that is not related so, or is of another type.
pub async fn get_cast(call: Call, way: Way) -> Answer {
    let object = related(&call, way).await?;
    as_cast(&call, &object, |selection| selection)
}

/// An object as the type that the path is cast to, printed as `adapt` says.
///
/// # Errors
/// 404 when it is of another type.
pub fn as_cast(call: &Call, object: &DirectoryObject, adapt: impl FnOnce(Selection) -> Selection) -> Answer {
    if Cast::of(call)? != Cast::Kind(object.kind) {
        return Err(GraphError::not_found(&object.id.to_string()).into());
    }
    let selection = adapt(Selection::of_kind(call, object.kind)?);
    let fragment = format!("{}/$entity", selection.context(model::set(object.kind)));
    Ok(Reply::entity(call, &fragment, &selection.print(object))?)
}
