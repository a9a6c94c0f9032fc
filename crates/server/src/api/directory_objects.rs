//! Directory objects whatever their kind.

use provisor_graph::error::GraphError;
use provisor_store::directory::{DirectoryObject, ObjectKind};
use serde_json::Value as Json;
use uuid::Uuid;

use super::casts::Cast;
use super::ownership::Readable;
use super::selection::Selection;
use super::{entities, lookup, model};
use crate::http::error::{Answer, Failure};
use crate::http::request::Call;
use crate::http::response::{PageLinks, Reply};

/// The most ids of one `getByIds`.
const MAX_IDS: usize = 1000;

/// The object that the path names by its id.
///
/// # Errors
/// 404 when it is not there.
pub async fn object(call: &Call) -> Result<DirectoryObject, Failure> {
    let id = lookup::id(call, "object")?;
    let found = call.state.store.get(id).await?.filter(|object| object.deleted.is_none() && !object.purged);
    found.ok_or_else(|| GraphError::not_found(&id.to_string()).into())
}

/// `GET /directoryObjects/{id}`
///
/// # Errors
/// 404 when there is no such object.
pub async fn get(call: Call) -> Answer {
    let json = Selection::of_any(&call)?.render(&object(&call).await?);
    Ok(Reply::entity(&call, "directoryObjects/$entity", &json)?)
}

/// `DELETE /directoryObjects/{id}`
///
/// # Errors
/// 404 when there is no such object.
pub async fn delete(call: Call) -> Answer {
    entities::soft_delete(&call, &object(&call).await?).await?;
    Ok(Reply::no_content())
}

/// `POST /directoryObjects/getByIds`: unknown ids are left out, and kinds that the caller may not read.
///
/// # Errors
/// 400 for more than a thousand ids, or what is no id.
pub async fn get_by_ids(call: Call) -> Answer {
    let body = call.json()?;
    let ids = ids(&body)?;
    let kinds = kinds(&body)?;
    let mut objects = call.state.store.get_many(&ids).await?;
    let readable = Readable::by(&call);
    objects.retain(|object| {
        kinds.as_ref().is_none_or(|kinds| kinds.contains(&object.kind)) && readable.has(object.kind)
    });
    objects.sort_by_key(|object| ids.iter().position(|id| *id == object.id));
    let selection = Selection::of_any(&call)?;
    let items: Vec<Json> = objects.iter().map(|object| selection.render(object)).collect();
    Ok(Reply::collection(&call, "directoryObjects", PageLinks::default(), &items)?)
}

fn ids(body: &Json) -> Result<Vec<Uuid>, GraphError> {
    let ids = body.get("ids").and_then(Json::as_array);
    let ids = ids.ok_or_else(|| GraphError::bad_request("'ids' must be a list of object ids."))?;
    if ids.len() > MAX_IDS {
        let message = format!("'ids' has {} entries; at most {MAX_IDS} can be asked for.", ids.len());
        return Err(GraphError::directory_bad_request(message));
    }
    let id = |id: &Json| {
        let text = id.as_str().unwrap_or_default();
        Uuid::try_parse(text).map_err(|_| GraphError::invalid_object_identifier(text))
    };
    ids.iter().map(id).collect()
}

fn kinds(body: &Json) -> Result<Option<Vec<ObjectKind>>, GraphError> {
    let names = match body.get("types") {
        None | Some(Json::Null) => return Ok(None),
        Some(Json::Array(names)) if names.is_empty() => return Ok(None),
        Some(Json::Array(names)) => names,
        Some(_) => return Err(GraphError::bad_request("'types' must be a list of type names.")),
    };
    let mut kinds = Vec::new();
    for name in names {
        let text = name.as_str().unwrap_or_default();
        let text = text.trim_start_matches('#');
        let text = text.strip_prefix("microsoft.graph.").unwrap_or(text);
        if text.eq_ignore_ascii_case("directoryObject") {
            return Ok(None);
        }
        match Cast::parse(text) {
            Some(Cast::Kind(kind)) => kinds.push(kind),
            Some(Cast::Elsewhere) => {}
            None => {
                let known: Vec<&str> =
                    model::KINDS.into_iter().map(|kind| model::entity(kind).name).collect();
                return Err(GraphError::bad_request(format!(
                    "'{text}' in 'types' is no type of directory objects; here are {}.",
                    known.join(", ")
                )));
            }
        }
    }
    Ok(Some(kinds))
}
