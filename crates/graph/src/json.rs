//! Request bodies: from bytes to JSON, from JSON to wire types.
//!
//! What every body has in common (graph-api of OData JSON): members with `@odata.` in their names are
//! annotations and dropped, an `@odata.type` must agree with the type that is expected, a null member is as
//! good as a missing one, of several members with one name the last counts, and a body that only wraps the
//! type's name around the entity is unwrapped.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value as Json};

use crate::error::GraphError;

mod de;
#[cfg(test)]
mod tests;

/// The body as JSON. Nesting is bounded (128 levels).
///
/// # Errors
/// 400 for an empty body and malformed JSON, with the place where it breaks.
pub fn parse(body: &[u8]) -> Result<Json, GraphError> {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    if body.trim_ascii().is_empty() {
        return Err(GraphError::unreadable_payload());
    }
    serde_json::from_slice(body).map_err(|error| {
        let text = error.to_string();
        let why = text.split(" at line ").next().unwrap_or_default();
        GraphError::malformed_json(error.line(), error.column(), why)
    })
}

/// The body as a wire type. `type_name` is its name in Graph's metadata: `synchronizationJob`.
///
/// # Errors
/// 400 for malformed JSON, another `@odata.type`, and members of a wrong type, with the path of the member.
pub fn typed<T: DeserializeOwned>(body: &[u8], type_name: &str) -> Result<T, GraphError> {
    from_value(parse(body)?, type_name)
}

/// JSON as a wire type, as [`typed`] reads it.
///
/// # Errors
/// As [`typed`], except for malformed JSON.
pub fn from_value<T: DeserializeOwned>(json: Json, type_name: &str) -> Result<T, GraphError> {
    let json = Json::Object(object(json, type_name)?);
    serde_path_to_error::deserialize(de::Strict(&json)).map_err(|error| {
        let path = property_path(error.path());
        let why = error.into_inner().to_string();
        let stop = if why.ends_with('?') { "" } else { "." };
        GraphError::bad_request(match path.as_str() {
            "" => format!("The body is not a valid {type_name}: {why}{stop}"),
            path => format!("The value of property '{path}' is invalid: {why}{stop}"),
        })
    })
}

/// The body as the members of a directory entity. Annotations are dropped, but for `…@odata.bind`.
///
/// # Errors
/// 400 for malformed JSON, what is no object, and another `@odata.type`.
pub fn entity(body: &[u8], type_name: &str) -> Result<Map<String, Json>, GraphError> {
    let mut members = object(parse(body)?, type_name)?;
    members.retain(|name, _| !is_annotation(name) || name.ends_with("@odata.bind"));
    Ok(members)
}

/// Whether a member is an annotation rather than a property.
fn is_annotation(name: &str) -> bool {
    name.contains("@odata.")
}

/// The members of the entity: unwrapped, and of the expected type.
fn object(json: Json, type_name: &str) -> Result<Map<String, Json>, GraphError> {
    let Json::Object(mut members) = json else {
        return Err(GraphError::bad_request(format!("The body must be a JSON object: a {type_name}.")));
    };
    let is_wrapper = |members: &Map<String, Json>| {
        members.len() == 1 && members.iter().all(|(name, value)| name == type_name && value.is_object())
    };
    if is_wrapper(&members)
        && let Some(Json::Object(inner)) = members.remove(type_name)
    {
        members = inner;
    }
    if let Some(given) = members.remove("@odata.type")
        && !is_type(&given, type_name)
    {
        return Err(wrong_type(&given, type_name));
    }
    Ok(members)
}

/// Whether `@odata.type` names this type: with or without `#` and namespace, in any letter case.
fn is_type(given: &Json, type_name: &str) -> bool {
    let Json::String(given) = given else { return given.is_null() };
    let name = given.trim_start_matches('#');
    let name = name.rsplit_once('.').map_or(name, |(_, name)| name);
    name.eq_ignore_ascii_case(type_name)
}

fn wrong_type(given: &Json, type_name: &str) -> GraphError {
    GraphError::bad_request(format!(
        "The '@odata.type' {given} is not the type expected here, '#microsoft.graph.{type_name}'."
    ))
}

/// `synchronizationRules[0]/objectMappings[2]/enabled`
fn property_path(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut text = String::new();
    for segment in path.iter() {
        match segment {
            Segment::Seq { index } => text.push_str(&format!("[{index}]")),
            Segment::Map { key } | Segment::Enum { variant: key } => {
                if !text.is_empty() {
                    text.push('/');
                }
                text.push_str(key);
            }
            Segment::Unknown => {}
        }
    }
    text
}
