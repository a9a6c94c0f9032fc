//! What a target has, as object definitions: read from `/ResourceTypes` and `/Schemas` (RFC 7644 section 4).
//!
//! Mappings name single values, so a complex attribute becomes one attribute for each of its parts, and one with
//! several elements one for each part of each usual kind: `emails[type eq "work"].value`.

use jiff::Timestamp;
use provisor_engine::ports::{AttributeType, ConnectorError, Mutability};
use provisor_engine::schema::definition::{AttributeDefinition, ObjectDefinition};
use provisor_scim::ScimClient;
use provisor_scim::discovery::{AttributeDefinition as ScimAttribute, ResourceType, SchemaDefinition};
use serde_json::Value as Json;

use super::discover::listed;
use super::failure;
use super::shape::{GROUP, USER};

#[cfg(test)]
mod tests;

/// Parts of elements that say something about the element and are not mapped.
const ABOUT_ELEMENTS: [&str; 4] = ["type", "primary", "display", "$ref"];
/// Attributes that mappings do not name.
const NOT_MAPPED: [&str; 3] = ["id", "meta", "schemas"];

/// Reads the object types of a target.
///
/// # Errors
/// When the target is not reached, refuses, or lists no schema.
pub async fn discover(client: &ScimClient, now: Timestamp) -> Result<Vec<ObjectDefinition>, ConnectorError> {
    let schemas: Vec<SchemaDefinition> = listed(&read(client, "Schemas", now).await?);
    if !schemas.iter().any(|schema| !schema.attributes.is_empty()) {
        return Err(failure::unreadable("read /Schemas", "/Schemas lists no schema with attributes"));
    }
    let types: Vec<ResourceType> = match read(client, "ResourceTypes", now).await {
        Ok(answer) => listed(&answer),
        // A server without it still has the two types that all have.
        Err(error) if error.status.is_some() => Vec::new(),
        Err(error) => return Err(error),
    };
    Ok(definitions(&schemas, types))
}

async fn read(client: &ScimClient, path: &str, now: Timestamp) -> Result<Json, ConnectorError> {
    let operation = format!("read /{path}");
    let response = client.get(path).await.map_err(|error| failure::unanswered(&operation, &error))?;
    if !response.status.is_success() {
        return Err(failure::refused(&operation, &response, now));
    }
    response.json().map_err(|error| failure::unreadable(&operation, error))
}

fn definitions(schemas: &[SchemaDefinition], mut types: Vec<ResourceType>) -> Vec<ObjectDefinition> {
    let find = |urn: &str| schemas.iter().find(|schema| schema.id.eq_ignore_ascii_case(urn));
    if types.is_empty() {
        let known = [USER, GROUP].into_iter().filter(|urn| find(urn).is_some());
        let core = |urn: &str| ResourceType { schema: urn.to_owned(), ..ResourceType::default() };
        types = known.map(core).collect();
        let extensions = schemas.iter().filter(|schema| schema.id.contains(":extension:"));
        let extension = |schema: &SchemaDefinition| provisor_scim::discovery::SchemaExtension {
            schema: schema.id.clone(),
            required: false,
        };
        if let Some(user) = types.iter_mut().find(|kind| kind.schema == USER) {
            let of_users = extensions.filter(|schema| schema.id.to_ascii_lowercase().ends_with(":user"));
            user.schema_extensions = of_users.map(extension).collect();
        }
    }
    let names: Vec<(String, String)> =
        types.iter().map(|kind| (kind.name.clone(), kind.schema.clone())).collect();
    types
        .iter()
        .filter_map(|kind| {
            let mut attributes = vec![anchor()];
            let main = find(&kind.schema)?;
            main.attributes.iter().for_each(|attribute| add(&mut attributes, "", attribute, &names));
            for extension in &kind.schema_extensions {
                let Some(schema) = find(&extension.schema) else { continue };
                let prefix = format!("{}:", schema.id);
                schema
                    .attributes
                    .iter()
                    .for_each(|attribute| add(&mut attributes, &prefix, attribute, &names));
            }
            if !attributes.iter().any(|known| known.name == "externalId") {
                attributes.push(AttributeDefinition {
                    name: "externalId".into(),
                    case_exact: true,
                    ..AttributeDefinition::default()
                });
            }
            Some(ObjectDefinition { name: kind.schema.clone(), attributes, ..ObjectDefinition::default() })
        })
        .collect()
}

fn anchor() -> AttributeDefinition {
    AttributeDefinition {
        name: "id".into(),
        anchor: true,
        case_exact: true,
        required: true,
        mutability: Mutability::ReadOnly,
        ..AttributeDefinition::default()
    }
}

/// Adds the attributes that mappings can name of one attribute of a schema.
fn add(
    to: &mut Vec<AttributeDefinition>,
    prefix: &str,
    attribute: &ScimAttribute,
    types: &[(String, String)],
) {
    if NOT_MAPPED.iter().any(|known| attribute.name.eq_ignore_ascii_case(known)) {
        return;
    }
    let name = format!("{prefix}{}", attribute.name);
    if let Some(refers_to) = referred(attribute, types) {
        let attribute_type = AttributeType::Reference;
        to.push(AttributeDefinition { attribute_type, refers_to, ..simple(name, attribute) });
        return;
    }
    if !attribute.kind.eq_ignore_ascii_case("complex") {
        to.push(simple(name, attribute));
        return;
    }
    if !attribute.multi_valued {
        for part in &attribute.sub_attributes {
            to.push(simple(format!("{name}.{}", part.name), part));
        }
        return;
    }
    let parts: Vec<&ScimAttribute> = attribute
        .sub_attributes
        .iter()
        .filter(|part| !ABOUT_ELEMENTS.contains(&part.name.as_str()))
        .collect();
    for selector in selectors(attribute) {
        for part in &parts {
            to.push(simple(format!("{name}[{selector}].{}", part.name), part));
        }
    }
}

fn simple(name: String, attribute: &ScimAttribute) -> AttributeDefinition {
    AttributeDefinition {
        name,
        attribute_type: match attribute.kind.to_ascii_lowercase().as_str() {
            "boolean" => AttributeType::Boolean,
            "integer" => AttributeType::Integer,
            "datetime" => AttributeType::DateTime,
            "binary" => AttributeType::Binary,
            _ => AttributeType::String,
        },
        multivalued: attribute.multi_valued,
        required: attribute.required,
        case_exact: attribute.case_exact,
        mutability: match attribute.mutability.to_ascii_lowercase().as_str() {
            "readonly" => Mutability::ReadOnly,
            "immutable" => Mutability::Immutable,
            "writeonly" => Mutability::WriteOnly,
            _ => Mutability::ReadWrite,
        },
        ..AttributeDefinition::default()
    }
}

/// The object types that an attribute refers to, when it refers to resources of the target: by its own type, or by
/// its `$ref` (members, a manager).
fn referred(attribute: &ScimAttribute, types: &[(String, String)]) -> Option<Vec<String>> {
    let reference = if attribute.kind.eq_ignore_ascii_case("reference") {
        attribute
    } else {
        attribute.sub_attribute("$ref")?
    };
    let named = |name: &String| types.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    let found: Vec<String> =
        reference.reference_types.iter().filter_map(named).map(|(_, schema)| schema.clone()).collect();
    (!found.is_empty()).then_some(found)
}

/// What tells the elements of a multi-valued attribute apart.
fn selectors(attribute: &ScimAttribute) -> Vec<String> {
    let Some(kind) = attribute.sub_attribute("type") else {
        let primary = attribute.sub_attribute("primary");
        return primary.map(|_| "primary eq \"True\"".to_owned()).into_iter().collect();
    };
    let usual: Vec<&str> = kind.canonical_values.iter().filter_map(Json::as_str).collect();
    let usual = if usual.is_empty() { vec!["work"] } else { usual };
    usual.into_iter().map(|value| format!("type eq \"{value}\"")).collect()
}
