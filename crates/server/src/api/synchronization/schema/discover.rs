//! `POST …/directories/{id}/discover`: reads what a side really has.

use provisor_graph::error::GraphError;
use provisor_graph::resources::synchronization::directory::{
    DirectoryDefinition, Discoverabilities, ObjectDefinition,
};
use provisor_graph::resources::synchronization::rule::SynchronizationRule;
use provisor_graph::resources::synchronization::schema::SynchronizationSchema;
use provisor_store::directory::{ListRequest, Lookup, ObjectKind};

use super::super::credentials;
use super::directories;
use super::owner::Owned;
use crate::http::error::{Answer, Failure};
use crate::http::request::Call;
use crate::http::response::Reply;
use crate::schema::discovered;

/// What the built-in directory is called in schemas: now and before.
const BUILT_IN: [&str; 2] = ["Microsoft Entra ID", "Azure Active Directory"];
/// So many of the newest-made objects are looked at for extension attributes.
const SAMPLE: usize = 1000;

/// Adds to a directory of the schema what the built-in directory or the target has beyond it, and keeps that. What
/// the schema says already stays, so that no mapping loses its ground; jobs go on where they are.
///
/// # Errors
/// 404 when there is no such directory, 400 for one that cannot be discovered, or a target that refuses.
pub async fn discover(call: Call) -> Answer {
    let owned = Owned::resolve(&call).await?;
    let schema = owned.schema(&call).await?;
    let index = directories::position(&call, &schema)?;
    let found = match side(&schema, &schema.directories[index]) {
        Side::BuiltIn => built_in(&call).await?,
        Side::Target => target(&call, &owned, &schema.directories[index]).await?,
        Side::Neither => {
            let message = "The directory cannot be discovered: no rule of the schema writes it, and it is not the \
                           built-in directory. Describe it with PATCH instead.";
            return Err(GraphError::bad_request(message).into());
        }
    };
    // Reading took its time: what was written meanwhile counts.
    let _changing = call.state.locks.lock(owned.host.app_id).await;
    let mut schema = owned.schema(&call).await?;
    let index = directories::position(&call, &schema)?;
    let directory = &mut schema.directories[index];
    discovered::merge(&mut directory.objects, found);
    directory.discovery_date_time = Some(call.now());
    directory.version = Some(call.state.ids.uuid().to_string());
    directory.discoverabilities = Discoverabilities::ATTRIBUTE_NAMES
        .union(Discoverabilities::ATTRIBUTE_DATA_TYPES)
        .union(Discoverabilities::ATTRIBUTE_READ_ONLY)
        .union(Discoverabilities::REFERENCE_ATTRIBUTES);
    let directory = directory.clone();
    owned.keep(&call, schema).await?;
    Ok(Reply::entity(&call, &directories::context(&owned), &directory)?)
}

enum Side {
    BuiltIn,
    Target,
    Neither,
}

/// Which side of the job a directory is.
fn side(schema: &SynchronizationSchema, directory: &DirectoryDefinition) -> Side {
    let name = directory.name.as_deref().unwrap_or_default();
    let names = |of: fn(&SynchronizationRule) -> Option<&str>| {
        schema.synchronization_rules.iter().any(|rule| of(rule) == Some(name))
    };
    if BUILT_IN.contains(&name) {
        Side::BuiltIn
    } else if names(|rule| rule.target_directory_name.as_deref()) {
        Side::Target
    } else {
        Side::Neither
    }
}

async fn built_in(call: &Call) -> Result<Vec<ObjectDefinition>, Failure> {
    let mut objects = discovered::built_in();
    for (kind, name) in [(ObjectKind::User, "User"), (ObjectKind::Group, "Group")] {
        let request = ListRequest { kind, deleted: false, lookup: Lookup::All, after: None, limit: SAMPLE };
        let page = call.state.store.list(request).await?;
        if let Some(object) = objects.iter_mut().find(|object| object.name.as_deref() == Some(name)) {
            let properties = page.objects.iter().map(|object| &*object.properties);
            discovered::add_extensions(&mut object.attributes, properties);
        }
    }
    Ok(objects)
}

async fn target(
    call: &Call,
    owned: &Owned,
    directory: &DirectoryDefinition,
) -> Result<Vec<ObjectDefinition>, Failure> {
    if directory.discoverabilities.is_none() {
        let message = format!(
            "The directory '{}' cannot be discovered: its discoverabilities are None. Set them with PATCH if the \
             target lists its schema.",
            directory.name.as_deref().unwrap_or_default()
        );
        return Err(GraphError::bad_request(message).into());
    }
    let secrets = match owned.host.service_principal_id() {
        Some(owner) => call.state.store.secrets(owner).await?,
        None => Vec::new(),
    };
    let found = call.state.runtime.discover(secrets).await.map_err(|error| credentials::refused(&error))?;
    Ok(found.iter().map(discovered::object).collect())
}
