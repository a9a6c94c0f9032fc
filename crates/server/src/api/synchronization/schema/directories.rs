//! `…/schema/directories`: the two sides of a schema, one by one.

use provisor_graph::error::GraphError;
use provisor_graph::odata::filter::{Field, Table};
use provisor_graph::resources::synchronization::directory::DirectoryDefinition;
use provisor_graph::resources::synchronization::schema::SynchronizationSchema;
use serde_json::{Map, Value as Json};

use super::language;
use super::owner::Owned;
use crate::api::listing::{self, ItemType, Listing};
use crate::api::lookup;
use crate::http::error::{Answer, Failure};
use crate::http::request::Call;
use crate::http::response::Reply;

/// The name of the type in Graph's metadata.
const DIRECTORY_DEFINITION: &str = "directoryDefinition";

static DIRECTORY: ItemType = ItemType {
    name: DIRECTORY_DEFINITION,
    noun: "directory definition",
    key: "id",
    members: &Table(&[
        ("id", Field::TEXT),
        ("name", Field::TEXT),
        ("discoverabilities", Field::TEXT),
        ("discoveryDateTime", Field::TIME),
        ("readOnly", Field::BOOLEAN),
        ("version", Field::TEXT),
        ("objects", Field::objects(&OBJECT)),
    ]),
    expandable: None,
};

static OBJECT: Table = Table(&[
    ("name", Field::TEXT),
    ("supportedApis", Field::TEXTS),
    ("attributes", Field::objects(&ATTRIBUTE)),
]);

static ATTRIBUTE: Table = Table(&[
    ("name", Field::TEXT),
    ("type", Field::TEXT),
    ("mutability", Field::TEXT),
    ("defaultValue", Field::TEXT),
    ("anchor", Field::BOOLEAN),
    ("caseExact", Field::BOOLEAN),
    ("flowNullValues", Field::BOOLEAN),
    ("multivalued", Field::BOOLEAN),
    ("required", Field::BOOLEAN),
]);

/// `GET …/directories`
///
/// # Errors
/// 404 when there is no such job or template.
pub async fn list(call: Call) -> Answer {
    let owned = Owned::resolve(&call).await?;
    let schema = owned.schema(&call).await?;
    let items = language::printed(&schema.directories)?;
    Listing::new(&call, &DIRECTORY)?.reply(&format!("{}/schema/directories", owned.context()), items)
}

/// `GET …/directories/$count`
///
/// # Errors
/// As [`list`].
pub async fn count(call: Call) -> Answer {
    let schema = Owned::resolve(&call).await?.schema(&call).await?;
    Ok(Listing::new(&call, &DIRECTORY)?.count(language::printed(&schema.directories)?))
}

/// `GET …/directories/{id}`
///
/// # Errors
/// 404 when there is no such directory.
pub async fn get(call: Call) -> Answer {
    let owned = Owned::resolve(&call).await?;
    let schema = owned.schema(&call).await?;
    listing::check_entity(&call, &DIRECTORY)?;
    let place = position(&call, &schema)?;
    let printed = language::printed(&schema.directories[place..=place])?.pop().unwrap_or_default();
    Ok(Reply::entity(&call, &context(&owned), &listing::selected(&call, &DIRECTORY, printed))?)
}

/// `POST …/directories`: a further directory, for rules to refer to.
///
/// # Errors
/// 400 without a name, or with one that is taken.
pub async fn create(call: Call) -> Answer {
    let owned = Owned::resolve(&call).await?;
    let mut directory: DirectoryDefinition = call.typed(DIRECTORY_DEFINITION)?;
    if directory.name.as_deref().is_none_or(|name| name.trim().is_empty()) {
        return Err(GraphError::missing_property("name", "DirectoryDefinition").into());
    }
    directory.id = call.state.ids.uuid().to_string();
    directory.version = Some(call.state.ids.uuid().to_string());
    let _changing = call.state.locks.lock(owned.host.app_id).await;
    let mut schema = owned.schema(&call).await?;
    schema.directories.push(directory.clone());
    owned.save(&call, schema).await?;
    let path = format!("{}/directories/{}", owned.path(), directory.id);
    Ok(Reply::created(&call, &context(&owned), &path, &directory)?)
}

/// `PATCH …/directories/{id}`: members that are sent replace those there are; `objects` as a whole.
///
/// # Errors
/// 404 when there is no such directory, 400 when the schema could not be used any more.
pub async fn patch(call: Call) -> Answer {
    let owned = Owned::resolve(&call).await?;
    let body = call.json()?;
    // Read for its types, so that a mistake is told by its own name.
    let _: DirectoryDefinition = call.typed(DIRECTORY_DEFINITION)?;
    let _changing = call.state.locks.lock(owned.host.app_id).await;
    let mut schema = owned.schema(&call).await?;
    let index = position(&call, &schema)?;
    schema.directories[index] = merged(&schema.directories[index], body)?;
    owned.save(&call, schema).await?;
    Ok(Reply::no_content())
}

/// `DELETE …/directories/{id}`
///
/// # Errors
/// 404 when there is no such directory, 400 when a rule needs it.
pub async fn delete(call: Call) -> Answer {
    let owned = Owned::resolve(&call).await?;
    let _changing = call.state.locks.lock(owned.host.app_id).await;
    let mut schema = owned.schema(&call).await?;
    schema.directories.remove(position(&call, &schema)?);
    owned.save(&call, schema).await?;
    Ok(Reply::no_content())
}

/// `…/schema/directories/$entity`
pub(super) fn context(owned: &Owned) -> String {
    format!("{}/schema/directories/$entity", owned.context())
}

/// The place of the directory that the path names.
///
/// # Errors
/// 404 with the directories there are.
pub(super) fn position(call: &Call, schema: &SynchronizationSchema) -> Result<usize, Failure> {
    let id = lookup::text(call, "directory")?;
    let found = schema.directories.iter().position(|directory| directory.id.eq_ignore_ascii_case(id));
    found.ok_or_else(|| {
        let known: Vec<String> = schema
            .directories
            .iter()
            .map(|known| format!("'{}' ({})", known.id, known.name.as_deref().unwrap_or("without a name")))
            .collect();
        let message =
            format!("Directory definition '{id}' was not found. The schema has: {}.", known.join(", "));
        GraphError::resource_not_found(message).into()
    })
}

/// A directory with the members of a body; its id and version are the server's.
fn merged(directory: &DirectoryDefinition, body: Json) -> Result<DirectoryDefinition, GraphError> {
    let mut json = serde_json::to_value(directory).map_err(|error| {
        tracing::error!(%error, directory = directory.id, "a directory definition cannot be printed");
        GraphError::internal()
    })?;
    let sent: Map<String, Json> = match body {
        Json::Object(mut members) => match members.remove(DIRECTORY_DEFINITION) {
            Some(Json::Object(wrapped)) => wrapped,
            _ => members,
        },
        _ => Map::new(),
    };
    if let Some(members) = json.as_object_mut() {
        let ours = |name: &String| name == "id" || name == "version" || name.contains("@odata.");
        members.extend(sent.into_iter().filter(|(name, _)| !ours(name)));
    }
    provisor_graph::json::from_value(json, DIRECTORY_DEFINITION)
}
