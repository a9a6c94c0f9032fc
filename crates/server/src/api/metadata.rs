//! What describes the API to OData clients: `$metadata`, and the service document.

use serde_json::{Value as Json, json};

use super::route::{Gives, Verb};
use super::routes;
use crate::http::error::Answer;
use crate::http::request::{Call, Version};
use crate::http::response::Reply;

/// `GET /{version}/$metadata`
///
/// # Errors
/// None of its own.
pub async fn get(call: Call) -> Answer {
    Ok(Reply::document("application/xml", provisor_graph::metadata::document(call.version == Version::Beta)))
}

/// `GET /{version}`: the entity sets (OData JSON format section 5).
///
/// # Errors
/// None of its own.
pub async fn service_document(call: Call) -> Answer {
    let is_set = |pattern: &str| !pattern.is_empty() && !pattern.contains(['/', '$']);
    let sets = routes::all().filter(|route| {
        route.verb == Verb::Get && matches!(route.gives, Gives::Many(_)) && is_set(route.pattern)
    });
    let sets: Vec<Json> =
        sets.map(|route| json!({"name": route.pattern, "kind": "EntitySet", "url": route.pattern})).collect();
    let context = format!("{}/$metadata", call.version_url());
    Ok(Reply::value(&json!({"@odata.context": context, "value": sets}))?)
}
