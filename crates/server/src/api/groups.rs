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
    let group = entities::insert(call, ObjectKind::Group, properties, edges).await?;
    entities::created(call, &group)
}

/// Checks what hangs together in a group. What a stored group (`before`) is already, it may stay.
///
/// # Errors
/// 400 for a group that is neither for mail nor for security, and for one whose members follow a rule: nobody
/// here evaluates rules, and jobs would find it empty.
pub(super) fn check(before: Option<&Map<String, Json>>, after: &Map<String, Json>) -> Result<(), GraphError> {
    let becomes = |is: &dyn Fn(&Map<String, Json>) -> bool| is(after) && !before.is_some_and(is);
    if becomes(&is_for_nothing) {
        let message = "A group must be mailEnabled, securityEnabled, or both.";
        return Err(GraphError::directory_bad_request(message));
    }
    if becomes(&is_dynamic) {
        let message = "Groups with dynamic membership ('DynamicMembership' in groupTypes, a membershipRule) are not \
                       supported: their rules are not evaluated here. Add the members to a group of assigned \
                       membership.";
        return Err(GraphError::directory_bad_request(message));
    }
    Ok(())
}

fn is_for_nothing(group: &Map<String, Json>) -> bool {
    let is_set = |property: &str| group.get(property).and_then(Json::as_bool).unwrap_or(false);
    !is_set("mailEnabled") && !is_set("securityEnabled")
}

fn is_dynamic(group: &Map<String, Json>) -> bool {
    let types = group.get("groupTypes").and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
    types.iter().any(|kind| kind == "DynamicMembership")
        || group.get("membershipRule").is_some_and(|rule| !rule.is_null())
}
