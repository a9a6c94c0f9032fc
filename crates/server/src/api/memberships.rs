//! Actions that ask for the groups of an object, over any number of groups between: by their ids.

use provisor_graph::error::GraphError;
use provisor_store::directory::{DirectoryObject, Transitive};
use serde_json::Value as Json;
use uuid::Uuid;

use super::entities::key_name;
use super::{lookup, model};
use crate::http::error::{Answer, Failure};
use crate::http::request::Call;
use crate::http::response::{PageLinks, Reply};

/// Groups read from the store at a time.
const CHUNK: usize = 500;
/// The most ids of one check.
const MAX_IDS: usize = 20;
const STRINGS: &str = "Collection(Edm.String)";

async fn object(call: &Call) -> Result<DirectoryObject, Failure> {
    match model::kind_of_set(call.set) {
        Some(kind) => lookup::object(call, kind, key_name(kind)).await,
        None => super::directory_objects::object(call).await,
    }
}

async fn groups(call: &Call, id: Uuid) -> Result<Vec<DirectoryObject>, Failure> {
    let mut groups = Vec::new();
    let mut after = None;
    loop {
        let page = call.state.store.transitive(id, Transitive::MemberOf, after, CHUNK).await?;
        groups.extend(page.objects);
        after = page.next;
        if after.is_none() {
            return Ok(groups);
        }
    }
}

fn answer(call: &Call, ids: &[String]) -> Answer {
    Ok(Reply::collection(call, STRINGS, PageLinks::default(), ids)?)
}

/// `POST …/getMemberGroups` and `POST …/getMemberObjects`: the ids of all groups that the object is in.
///
/// # Errors
/// 404 when the object is not there, 400 for a body without `securityEnabledOnly`.
pub async fn get(call: Call) -> Answer {
    let object = object(&call).await?;
    let body = call.json()?;
    let secure = body
        .get("securityEnabledOnly")
        .and_then(Json::as_bool)
        .ok_or_else(|| GraphError::bad_request("'securityEnabledOnly' must be true or false."))?;
    let mut groups = groups(&call, object.id).await?;
    groups.retain(|group| !secure || group.properties.get("securityEnabled") == Some(&Json::Bool(true)));
    answer(&call, &groups.iter().map(|group| group.id.to_string()).collect::<Vec<_>>())
}

/// `POST …/checkMemberGroups` and `POST …/checkMemberObjects`: those of the ids sent that are groups which the
/// object is in.
///
/// # Errors
/// 404 when the object is not there, 400 for more than twenty ids, or what is no id.
pub async fn check(call: Call, member: &'static str) -> Answer {
    let object = object(&call).await?;
    let body = call.json()?;
    let ids = body.get(member).and_then(Json::as_array);
    let ids =
        ids.ok_or_else(|| GraphError::bad_request(format!("'{member}' must be a list of object ids.")))?;
    if ids.len() > MAX_IDS {
        let message = format!("'{member}' has {} entries; at most {MAX_IDS} can be checked.", ids.len());
        return Err(GraphError::directory_bad_request(message).into());
    }
    let id = |id: &Json| {
        let text = id.as_str().unwrap_or_default();
        Uuid::try_parse(text).map_err(|_| GraphError::invalid_object_identifier(text))
    };
    let ids = ids.iter().map(id).collect::<Result<Vec<_>, _>>()?;
    let groups = groups(&call, object.id).await?;
    let found = ids.iter().filter(|id| groups.iter().any(|group| group.id == **id));
    answer(&call, &found.map(Uuid::to_string).collect::<Vec<_>>())
}
