//! References to objects as clients write them: `@odata.id` and `…@odata.bind`.

use percent_encoding::percent_decode_str;
use provisor_graph::error::GraphError;
use provisor_store::directory::{DirectoryObject, ObjectKind};
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::model::{self, Relation};
use crate::http::error::Failure;
use crate::http::request::Call;

/// The most references that one request may bind.
pub const MAX_BOUND: usize = 20;

/// What a reference says: the set it names, when it names one, and the key.
#[derive(Debug, PartialEq, Eq)]
struct Reference {
    kind: Option<ObjectKind>,
    key: String,
}

/// Reads the last two segments of a URL, whatever its host and version: clients hard-code theirs.
fn parse(url: &str) -> Option<Reference> {
    let path = url.split(['?', '#']).next()?.trim_end_matches('/');
    let mut segments = path.rsplit('/').map(|text| percent_decode_str(text).decode_utf8().ok());
    let last = segments.next()??;
    let (set, key) = match last.strip_suffix("')").and_then(|text| text.split_once("('")) {
        Some((set, key)) => (set.to_owned(), key.to_owned()),
        None => (segments.next()??.into_owned(), last.into_owned()),
    };
    let kind = match set.to_ascii_lowercase().as_str() {
        "directoryobjects" => None,
        "users" => Some(ObjectKind::User),
        "groups" => Some(ObjectKind::Group),
        "applications" => Some(ObjectKind::Application),
        "serviceprincipals" => Some(ObjectKind::ServicePrincipal),
        _ => return None,
    };
    (!key.is_empty()).then_some(Reference { kind, key })
}

/// The object that a reference means, which the relationship can have.
///
/// # Errors
/// 400 for a text that is no reference or an object of a kind that the relationship does not take, 404 for an object
/// that is not there, in the recycle bin, or not in the set that the reference names.
pub async fn resolve(
    call: &Call,
    url: &str,
    member: &str,
    relation: &Relation,
) -> Result<DirectoryObject, Failure> {
    let reference = parse(url).ok_or_else(|| {
        let example = call.url("directoryObjects/{id}");
        GraphError::bad_request(format!(
            "The value '{url}' of '{member}' is not a reference to a directory object. Write it as {example}."
        ))
    })?;
    let store = &call.state.store;
    let found = match Uuid::try_parse(&reference.key) {
        Ok(id) => store.get(id).await?,
        Err(_) if reference.kind == Some(ObjectKind::User) => {
            store.get_by_key(ObjectKind::User, &reference.key.to_lowercase()).await?
        }
        Err(_) => return Err(GraphError::invalid_object_identifier(&reference.key).into()),
    };
    let object = found
        .filter(|object| object.deleted.is_none() && !object.purged)
        .filter(|object| reference.kind.is_none_or(|kind| kind == object.kind))
        .ok_or_else(|| GraphError::not_found(&reference.key))?;
    if relation.targets.contains(&object.kind) {
        return Ok(object);
    }
    let taken: Vec<&str> = relation.targets.iter().map(|kind| model::set(*kind)).collect();
    let kind = model::entity(object.kind).name;
    Err(GraphError::unfit_reference(relation.name, &reference.key, kind, &taken.join(" and ")).into())
}

/// The URL in the body of a `$ref` request.
///
/// # Errors
/// 400 for a body without a text `@odata.id`.
pub fn odata_id(body: &Json) -> Result<&str, GraphError> {
    body.get("@odata.id").and_then(Json::as_str).ok_or_else(|| {
        GraphError::bad_request("The body must be {\"@odata.id\": \"<URL of a directory object>\"}.")
    })
}

/// Takes the relationships of one object that a body unbinds (`"manager@odata.bind": null`) out of it.
pub fn take_unbound<'a>(body: &mut Map<String, Json>, relations: &'a [Relation]) -> Vec<&'a Relation> {
    let mut is_unbound = |relation: &&Relation| {
        let member = format!("{}@odata.bind", relation.name);
        relation.single && body.get(&member).is_some_and(Json::is_null) && body.remove(&member).is_some()
    };
    relations.iter().filter(|relation| is_unbound(relation)).collect()
}

/// Takes the URLs of `member` (`members@odata.bind`) out of a body: one text or a list of them.
///
/// # Errors
/// 400 for another JSON type.
pub fn take_bound(body: &mut Map<String, Json>, member: &str) -> Result<Vec<String>, GraphError> {
    let wrong = || GraphError::bad_request(format!("'{member}' must be a URL or a list of URLs."));
    match body.remove(member) {
        None | Some(Json::Null) => Ok(Vec::new()),
        Some(Json::String(url)) => Ok(vec![url]),
        Some(Json::Array(urls)) => {
            urls.iter().map(|url| url.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
        }
        Some(_) => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_read_whatever_their_host() {
        let user = Some(Reference { kind: Some(ObjectKind::User), key: "17".into() });
        for url in [
            "https://graph.microsoft.com/v1.0/users/17",
            "http://localhost:8080/beta/users/17/",
            "https://graph.example/users('17')",
            "/v1.0/Users/17",
            "users/17",
            "users('17')",
            "https://graph.example/v1.0/users/%31%37",
        ] {
            assert_eq!(parse(url), user, "{url}");
        }
        let any = Some(Reference { kind: None, key: "17".into() });
        assert_eq!(parse("https://graph.microsoft.com/v1.0/directoryObjects/17"), any);
        for url in ["", "17", "https://graph.example/v1.0/me/17", "users/", "users('')", "///"] {
            assert_eq!(parse(url), None, "{url}");
        }
    }
}
