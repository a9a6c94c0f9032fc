//! Creating groups, by POST or by PATCH of a unique name.

use provisor_graph::error::GraphError;
use provisor_store::directory::ObjectKind;
use serde_json::{Map, Value as Json};

use super::{entities, model};
use crate::http::error::Answer;
use crate::http::request::Call;

/// `POST /groups`
///
/// # Errors
/// 400 for missing or unfit properties, 404 for a member or owner that is not there.
pub async fn create(call: Call) -> Answer {
    let body = model::body(&call, ObjectKind::Group)?;
    make(&call, body).await
}

/// `PATCH /groups/{id}`; one of a unique name that is not there is made when the client prefers so.
///
/// # Errors
/// As [`entities::patch`] and [`create`].
pub async fn patch(call: Call) -> Answer {
    match entities::missing_name(&call, ObjectKind::Group).await? {
        Some(name) => make(&call, entities::named_body(&call, ObjectKind::Group, &name)?).await,
        None => entities::patch(call, ObjectKind::Group).await,
    }
}

async fn make(call: &Call, mut body: Map<String, Json>) -> Answer {
    let edges = entities::bound_edges(call, ObjectKind::Group, None, &mut body).await?;
    let properties = model::created(ObjectKind::Group, body)?;
    let is_set = |property: &str| properties.get(property).and_then(Json::as_bool).unwrap_or(false);
    if !is_set("mailEnabled") && !is_set("securityEnabled") {
        let message = "A group must be mailEnabled, securityEnabled, or both.";
        return Err(GraphError::directory_bad_request(message).into());
    }
    let group = entities::insert(call, ObjectKind::Group, properties, edges).await?;
    entities::created(call, &group)
}
