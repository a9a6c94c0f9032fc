//! From the keys of a path to the objects that they mean.

use provisor_graph::error::GraphError;
use provisor_graph::odata::path::Key;
use provisor_store::directory::{DirectoryObject, ListRequest, Lookup, Matching, ObjectKind};
use provisor_store::{ServerStore, StoreError, indexed};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::http::error::Failure;
use crate::http::request::Call;

/// The object of this kind that the path's key `name` means; not one in the recycle bin.
///
/// # Errors
/// 404 when there is none, 400 for a key that cannot be one.
pub async fn object(call: &Call, kind: ObjectKind, name: &str) -> Result<DirectoryObject, Failure> {
    match call.key(name)? {
        Key::Value(text) => by_id_or_name(call, kind, text).await,
        Key::Named(property, value) => by_alternate_key(call, kind, property, value).await,
    }
}

async fn by_id_or_name(call: &Call, kind: ObjectKind, text: &str) -> Result<DirectoryObject, Failure> {
    let found = match Uuid::try_parse(text) {
        Ok(id) => call.state.store.get(id).await?,
        Err(_) if kind == ObjectKind::User => call.state.store.get_by_key(kind, &text.to_lowercase()).await?,
        Err(_) => return Err(GraphError::invalid_object_identifier(text).into()),
    };
    present(found, kind, text)
}

async fn by_alternate_key(
    call: &Call,
    kind: ObjectKind,
    property: &str,
    value: &str,
) -> Result<DirectoryObject, Failure> {
    let unique = match kind {
        ObjectKind::User => "userPrincipalName",
        ObjectKind::Application | ObjectKind::ServicePrincipal => "appId",
        ObjectKind::Group => "",
    };
    if property.eq_ignore_ascii_case("id") {
        return by_id_or_name(call, kind, value).await;
    }
    if has_unique_name(kind) && property.eq_ignore_ascii_case(UNIQUE_NAME) {
        return present(by_unique_name(call, kind, value).await?, kind, value);
    }
    if unique.is_empty() || !property.eq_ignore_ascii_case(unique) {
        let message = format!("'{property}' is not a key of this resource; use its id.");
        return Err(GraphError::bad_request(message).into());
    }
    present(call.state.store.get_by_key(kind, &value.to_lowercase()).await?, kind, value)
}

/// The service principals of an `appId` that are in the recycle bin.
///
/// # Errors
/// When the store fails.
pub async fn deleted_principals(
    store: &dyn ServerStore,
    app_id: &str,
) -> Result<Vec<DirectoryObject>, StoreError> {
    let kind = ObjectKind::ServicePrincipal;
    let matching = Matching::Exactly(indexed::folded(app_id));
    let probes = indexed::probes(kind, "servicePrincipalNames", &matching).unwrap_or_default();
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let lookup = Lookup::Probes(probes.clone());
        let page = store.list(ListRequest { kind, deleted: true, lookup, after, limit: CHUNK }).await?;
        // Another one may have it among its names.
        found.extend(page.objects.into_iter().filter(|object| string(object, "appId") == app_id));
        after = page.next;
        if after.is_none() {
            return Ok(found);
        }
    }
}

/// Objects read at a time.
const CHUNK: usize = 100;

/// The alternate key that clients choose themselves.
pub const UNIQUE_NAME: &str = "uniqueName";

/// Whether objects of a kind can have a unique name.
#[must_use]
pub const fn has_unique_name(kind: ObjectKind) -> bool {
    matches!(kind, ObjectKind::Application | ObjectKind::Group)
}

/// The object of this kind with this unique name, not one in the recycle bin.
///
/// # Errors
/// When the store fails.
pub async fn by_unique_name(
    call: &Call,
    kind: ObjectKind,
    name: &str,
) -> Result<Option<DirectoryObject>, Failure> {
    let matching = Matching::Exactly(indexed::folded(name));
    let probes = indexed::probes(kind, UNIQUE_NAME, &matching).unwrap_or_default();
    let lookup = Lookup::Probes(probes);
    let request = ListRequest { kind, deleted: false, lookup, after: None, limit: 1 };
    Ok(call.state.store.list(request).await?.objects.pop())
}

fn present(found: Option<DirectoryObject>, kind: ObjectKind, text: &str) -> Result<DirectoryObject, Failure> {
    found
        .filter(|object| object.kind == kind && object.deleted.is_none() && !object.purged)
        .ok_or_else(|| GraphError::not_found(text).into())
}

/// The id that the path's key `name` gives.
///
/// # Errors
/// 400 for a key that is no GUID.
pub fn id(call: &Call, name: &str) -> Result<Uuid, Failure> {
    let text = text(call, name)?;
    Uuid::try_parse(text).map_err(|_| GraphError::invalid_object_identifier(text).into())
}

/// The path's key `name` as a text.
///
/// # Errors
/// 400 for a named key.
pub fn text<'a>(call: &'a Call, name: &str) -> Result<&'a str, Failure> {
    match call.key(name)? {
        Key::Value(text) => Ok(text),
        Key::Named(property, _) => {
            let message = format!("'{property}' is not a key of this resource; use its id.");
            Err(GraphError::bad_request(message).into())
        }
    }
}

/// A property of an object that is a text; empty when it has none.
#[must_use]
pub fn string<'a>(object: &'a DirectoryObject, property: &str) -> &'a str {
    object.properties.get(property).and_then(Json::as_str).unwrap_or_default()
}

/// The `appId` that an application and its service principal share.
///
/// # Errors
/// 500 for an object without one: the store holds none such.
pub fn app_id(object: &DirectoryObject) -> Result<Uuid, Failure> {
    Uuid::try_parse(string(object, "appId")).map_err(|_| {
        tracing::error!(id = %object.id, "an application has no appId");
        GraphError::internal().into()
    })
}

/// A key as it stands in `@odata.context`: `('id')`, and alternate keys percent-encoded within it.
#[must_use]
pub fn context_key(key: &Key) -> String {
    match key {
        Key::Value(text) => format!("('{text}')"),
        Key::Named(property, value) => format!("('{property}%3D{value}')"),
    }
}
