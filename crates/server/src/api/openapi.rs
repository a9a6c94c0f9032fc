//! The description of the API in OpenAPI 3.1, made from the route table and Graph's metadata: what it says of
//! a path is what the server does with it, because both read the same row.

mod bodies;
mod components;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use provisor_graph::metadata;
use serde_json::{Map, Value as Json, json};

use super::permissions::Permission;
use super::route::{Gives, QueryOption, Route, Verb};
use super::{model, router, routes};
use crate::http::request::Version;

static DOCUMENTS: LazyLock<[String; 2]> =
    LazyLock::new(|| [Version::V1, Version::Beta].map(|version| document(version).to_string()));

/// The description of a version, as JSON.
#[must_use]
pub fn text(version: Version) -> &'static str {
    let [v1, beta] = &*DOCUMENTS;
    match version {
        Version::V1 => v1,
        Version::Beta => beta,
    }
}

fn document(version: Version) -> Json {
    let mut paths = Map::new();
    for route in routes::all().filter(|route| route.is_in(version)) {
        for path in router::paths(route.pattern) {
            let entry = paths.entry(format!("/{path}")).or_insert_with(|| json!({}));
            entry[route.verb.as_str().to_ascii_lowercase()] = operation(route, &path);
        }
    }
    let mut schemas = components::schemas(metadata::document(version == Version::Beta));
    schemas.extend(bodies::schemas());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Provisor",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Microsoft Graph's synchronization API and the directory around it.",
        },
        "servers": [{"url": format!("/{}", version.as_str())}],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {
                "type": "http",
                "scheme": "bearer",
                "description": "The administrator's token, or one from /{tenant}/oauth2/v2.0/token.",
            }},
            "responses": {"error": {
                "description": "What failed, on which object, and what to do.",
                "content": {"application/json": {"schema": reference("error")}},
            }},
            "schemas": schemas,
        },
    })
}

fn reference(name: &str) -> Json {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

fn operation(route: &Route, path: &str) -> Json {
    let mut operation = json!({
        "operationId": operation_id(route.verb, path),
        "tags": [path.split('/').next().unwrap_or_default()],
        "description": permission(route.permission),
        "parameters": parameters(route, path),
        "responses": {
            route.gives.status().to_string(): success(route.gives, cast_of(path)),
            "4XX": {"$ref": "#/components/responses/error"},
            "5XX": {"$ref": "#/components/responses/error"},
        },
    });
    if let Some(type_name) = route.takes {
        let media = if type_name == "bulkRequest" { "application/scim+json" } else { "application/json" };
        operation["requestBody"] = json!({
            "required": bodies::is_required(type_name),
            "content": {media: {"schema": body(type_name, route.gives)}},
        });
    }
    operation
}

/// The schema of a request's body; what makes an object names what that cannot be without.
fn body(type_name: &str, gives: Gives) -> Json {
    let required: Vec<&str> =
        match model::KINDS.into_iter().map(model::entity).find(|entity| entity.name == type_name) {
            Some(entity) if gives == Gives::New(entity.name) => entity
                .properties
                .iter()
                .filter(|property| property.required)
                .map(|property| property.name)
                .collect(),
            _ => Vec::new(),
        };
    if required.is_empty() {
        return reference(type_name);
    }
    json!({"allOf": [reference(type_name), {"required": required}]})
}

/// `GET users/{user}/manager/$ref` is `get.users.user.manager.ref`.
fn operation_id(verb: Verb, path: &str) -> String {
    let letters = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    let segments = path.split('/').map(letters);
    std::iter::once(verb.as_str().to_ascii_lowercase()).chain(segments).collect::<Vec<_>>().join(".")
}

/// Who may call, in words.
fn permission(permission: &Permission) -> String {
    if permission.any_of.is_empty() {
        return "Any valid token.".to_owned();
    }
    let mut text = format!("Needs one of: {}.", permission.any_of.join(", "));
    if !permission.owned.is_empty() {
        text.push_str(&format!(" Owners: {}.", permission.owned.join(", ")));
    }
    text
}

fn parameters(route: &Route, path: &str) -> Vec<Json> {
    let keys: BTreeSet<&str> =
        path.split('/').filter_map(|piece| piece.strip_prefix('{')?.strip_suffix('}')).collect();
    let key = |name: &&str| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string", "minLength": 1}});
    let option = |option: &QueryOption| {
        let schema = match option {
            QueryOption::Top => json!({"type": "integer", "minimum": 1, "maximum": 999}),
            QueryOption::Skip => json!({"type": "integer", "minimum": 0}),
            QueryOption::Count => json!({"type": "boolean"}),
            _ => json!({"type": "string"}),
        };
        json!({"name": option.as_str(), "in": "query", "required": false, "schema": schema})
    };
    let mut parameters: Vec<Json> = keys.iter().map(key).collect();
    parameters.extend(route.query.iter().map(option));
    if route.gives == Gives::Count || route.query.contains(&QueryOption::Search) {
        parameters.push(json!({
            "name": "ConsistencyLevel",
            "in": "header",
            "required": false,
            "schema": {"type": "string", "enum": ["eventual"]},
        }));
    }
    parameters
}

/// The type that a path is cast to.
fn cast_of(path: &str) -> Option<&str> {
    path.split('/').find_map(|piece| piece.strip_prefix("microsoft.graph."))
}

fn success(gives: Gives, cast: Option<&str>) -> Json {
    let reference = |type_name| reference(cast.unwrap_or(type_name));
    let json =
        |schema: Json| json!({"description": "Success", "content": {"application/json": {"schema": schema}}});
    match gives {
        Gives::Nothing => json!({"description": "Done"}),
        Gives::Accepted => json!({"description": "Accepted"}),
        Gives::One(type_name) | Gives::New(type_name) => json(reference(type_name)),
        Gives::Many(type_name) => json(json!({
            "type": "object",
            "required": ["value"],
            "properties": {
                "@odata.count": {"type": "integer"},
                "@odata.nextLink": {"type": "string", "format": "uri"},
                "@odata.deltaLink": {"type": "string", "format": "uri"},
                "value": {"type": "array", "items": reference(type_name)},
            },
        })),
        Gives::Count => {
            json!({"description": "Success", "content": {"text/plain": {"schema": {"type": "integer"}}}})
        }
        Gives::Refusal => json!({"$ref": "#/components/responses/error"}),
        Gives::Document(media) => json!({"description": "Success", "content": {media: {}}}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every `$ref` in a document.
    fn references<'a>(json: &'a Json, found: &mut BTreeSet<&'a str>) {
        match json {
            Json::Object(members) => {
                found.extend(members.get("$ref").and_then(Json::as_str));
                members.values().for_each(|member| references(member, found));
            }
            Json::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }

    #[test]
    fn every_reference_of_the_description_leads_somewhere() {
        for version in [Version::V1, Version::Beta] {
            let document: Json = serde_json::from_str(text(version)).unwrap();
            let mut found = BTreeSet::new();
            references(&document, &mut found);
            assert!(found.len() > 40);
            let lost: Vec<&&str> = found
                .iter()
                .filter(|name| document.pointer(name.trim_start_matches('#')).is_none())
                .collect();
            assert!(lost.is_empty(), "{lost:?}");
        }
    }

    #[test]
    fn a_body_that_makes_an_object_says_what_that_cannot_be_without() {
        let document: Json = serde_json::from_str(text(Version::V1)).unwrap();
        let body = |path: &str, verb: &str| {
            document["paths"][path][verb]["requestBody"]["content"]["application/json"]["schema"].clone()
        };
        let new = body("/users", "post");
        assert_eq!(
            new["allOf"][1]["required"],
            json!(["accountEnabled", "displayName", "mailNickname", "userPrincipalName"])
        );
        assert_eq!(new["allOf"][0], body("/users/{user}", "patch"));
    }

    #[test]
    fn every_row_is_described_once() {
        let document: Json = serde_json::from_str(text(Version::Beta)).unwrap();
        let described: Vec<&Json> = document["paths"]
            .as_object()
            .unwrap()
            .values()
            .flat_map(|path| path.as_object().unwrap().values())
            .collect();
        let rows: usize = routes::all().map(|route| router::paths(route.pattern).len()).sum();
        assert_eq!(described.len(), rows);
        let ids: BTreeSet<&str> =
            described.iter().map(|operation| operation["operationId"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), rows, "operation ids are unique");
    }
}
