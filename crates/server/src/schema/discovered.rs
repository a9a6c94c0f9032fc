//! What discovery found, in Graph's form and merged into what a schema says.

use provisor_engine::ports::{AttributeType as Type, Mutability as Writable};
use provisor_engine::schema::definition as domain;
use provisor_graph::resources::synchronization::directory::{
    AttributeDefinition, AttributeType, Mutability, ObjectDefinition, ReferencedObject,
};
use serde_json::{Map, Value as Json};

#[cfg(test)]
mod tests;

/// An object type of a target in Graph's form.
#[must_use]
pub fn object(found: &domain::ObjectDefinition) -> ObjectDefinition {
    ObjectDefinition {
        name: Some(found.name.clone()),
        attributes: found.attributes.iter().map(attribute).collect(),
        ..ObjectDefinition::default()
    }
}

fn attribute(found: &domain::AttributeDefinition) -> AttributeDefinition {
    let refers_to = |name: &String| ReferencedObject {
        referenced_object_name: Some(name.clone()),
        referenced_property: Some("id".to_owned()),
    };
    AttributeDefinition {
        anchor: found.anchor,
        case_exact: found.case_exact,
        multivalued: found.multivalued,
        mutability: match found.mutability {
            Writable::ReadWrite => Mutability::ReadWrite,
            Writable::ReadOnly => Mutability::ReadOnly,
            Writable::Immutable => Mutability::Immutable,
            Writable::WriteOnly => Mutability::WriteOnly,
        },
        name: Some(found.name.clone()),
        required: found.required,
        attribute_type: match found.attribute_type {
            Type::String => AttributeType::String,
            Type::Integer => AttributeType::Integer,
            Type::Reference => AttributeType::Reference,
            Type::Binary => AttributeType::Binary,
            Type::Boolean => AttributeType::Boolean,
            Type::DateTime => AttributeType::DateTime,
        },
        referenced_objects: found.refers_to.iter().map(refers_to).collect(),
        ..AttributeDefinition::default()
    }
}

/// The object types of the built-in directory with the attributes that it always has.
#[must_use]
pub fn built_in() -> Vec<ObjectDefinition> {
    let directory = provisor_graph::templates::scim_schema().directories.into_iter().next();
    directory.map(|directory| directory.objects).unwrap_or_default()
}

/// Adds the extension attributes that objects have values of.
pub fn add_extensions<'a>(
    attributes: &mut Vec<AttributeDefinition>,
    objects: impl Iterator<Item = &'a Map<String, Json>>,
) {
    for (name, value) in objects.flatten().filter(|(name, _)| name.starts_with("extension_")) {
        let first = match value {
            Json::Array(values) => values.first().unwrap_or(&Json::Null),
            single => single,
        };
        let known = attributes.iter().any(|known| known.name.as_deref() == Some(name));
        if known || first.is_null() {
            continue;
        }
        attributes.push(AttributeDefinition {
            name: Some(name.clone()),
            multivalued: value.is_array(),
            attribute_type: match first {
                Json::Bool(_) => AttributeType::Boolean,
                Json::Number(_) => AttributeType::Integer,
                _ => AttributeType::String,
            },
            ..AttributeDefinition::default()
        });
    }
}

/// Adds object types and attributes that were found. What is known already stays as its owner wrote it.
pub fn merge(known: &mut Vec<ObjectDefinition>, found: Vec<ObjectDefinition>) {
    for object in found {
        match known.iter_mut().find(|known| same_type(known, &object)) {
            None => known.push(object),
            Some(known) => {
                let new = |attribute: &AttributeDefinition| {
                    !known.attributes.iter().any(|known| same_name(known, attribute))
                };
                let mut new: Vec<AttributeDefinition> =
                    object.attributes.iter().filter(|attribute| new(attribute)).cloned().collect();
                if known.attributes.iter().any(|attribute| attribute.anchor) {
                    new.iter_mut().for_each(|attribute| attribute.anchor = false);
                }
                known.attributes.append(&mut new);
            }
        }
    }
}

/// A SCIM type is known by its main schema or by an extension of it: the last part of the name decides.
fn same_type(left: &ObjectDefinition, right: &ObjectDefinition) -> bool {
    let kind = |object: &ObjectDefinition| {
        let name = object.name.as_deref().unwrap_or_default();
        name.rsplit(':').next().unwrap_or(name).to_ascii_lowercase()
    };
    kind(left) == kind(right)
}

fn same_name(left: &AttributeDefinition, right: &AttributeDefinition) -> bool {
    let name = |attribute: &AttributeDefinition| attribute.name.as_deref().map(str::to_ascii_lowercase);
    name(left) == name(right)
}
