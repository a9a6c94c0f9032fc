//! Creating groups.

use provisor_graph::error::GraphError;
use provisor_store::directory::ObjectKind;
use serde_json::Value as Json;

use super::{entities, model};
use crate::http::error::Answer;
use crate::http::request::Call;

/// `POST /groups`
///
/// # Errors
/// 400 for missing or unfit properties, 404 for a member or owner that is not there.
pub async fn create(call: Call) -> Answer {
    let mut body = model::body(&call, ObjectKind::Group)?;
    let edges = entities::bound_edges(&call, ObjectKind::Group, None, &mut body).await?;
    let properties = model::created(ObjectKind::Group, body)?;
    let is_set = |property: &str| properties.get(property).and_then(Json::as_bool).unwrap_or(false);
    if !is_set("mailEnabled") && !is_set("securityEnabled") {
        let message = "A group must be mailEnabled, securityEnabled, or both.";
        return Err(GraphError::directory_bad_request(message).into());
    }
    let group = entities::insert(&call, ObjectKind::Group, properties, edges).await?;
    entities::created(&call, &group)
}
