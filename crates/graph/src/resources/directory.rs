//! Types of the directory: users, groups, applications, service principals, assignments.
//!
//! Objects of the directory are open and sparse, so they are kept as JSON; an [`EntityType`] says which
//! properties there are, checks what clients send, and prints what is stored.

mod property;
mod validate;

pub mod application;
pub mod assignment;
pub mod complex;
pub mod group;
pub mod service_principal;
pub mod user;

#[cfg(test)]
mod tests;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value as Json};

use crate::error::GraphError;
use crate::odata::filter::{Field, Kind, Members};

pub use property::{Access, Fits, Member, Property, PropertyType};

/// An entity type of the directory.
#[derive(Debug)]
pub struct EntityType {
    /// Its name in Graph's metadata: `user`.
    pub name: &'static str,
    /// Its name in errors: `User`.
    pub resource: &'static str,
    /// Its properties, in the order of the metadata.
    pub properties: &'static [Property],
}

impl EntityType {
    /// The property of this name; letter case does not count.
    #[must_use]
    pub fn property(&self, name: &str) -> Option<&'static Property> {
        self.properties.iter().find(|property| property.name.eq_ignore_ascii_case(name))
    }

    /// The members of a new object, from the body of a POST: checked, spelled as in the metadata, without
    /// nulls and passwords.
    ///
    /// # Errors
    /// 400 for a property that is unknown, read-only, unfit, or missing.
    pub fn validate_create(&self, body: &Map<String, Json>) -> Result<Map<String, Json>, GraphError> {
        let mut object = Map::new();
        for (name, value) in body {
            if value.is_null() && self.property(name).is_some_and(|property| !property.required) {
                continue;
            }
            let Some(property) = self.property(name) else {
                object.insert(name.clone(), validate::extension(name, value)?);
                continue;
            };
            if property.access == Access::ReadOnly {
                return Err(GraphError::read_only_property(property.name));
            }
            let value = validate::value(property, value, self.resource)?;
            if property.access != Access::Secret {
                object.insert(property.name.to_owned(), value);
            }
        }
        let missing =
            self.properties.iter().find(|property| property.required && !object.contains_key(property.name));
        match missing {
            Some(property) => Err(GraphError::missing_property(property.name, self.resource)),
            None => Ok(object),
        }
    }

    /// The members of an object after a PATCH: only those that are sent change; null takes one away;
    /// collections and complex values are replaced whole, but for those that Graph merges.
    ///
    /// # Errors
    /// 400 for a property that is unknown, unfit, required and null, or read-only and not what it is.
    pub fn merge_patch(
        &self,
        existing: &Map<String, Json>,
        patch: &Map<String, Json>,
    ) -> Result<Map<String, Json>, GraphError> {
        let mut object = existing.clone();
        for (name, value) in patch {
            let Some(property) = self.property(name) else {
                set(&mut object, name, validate::extension(name, value)?);
                continue;
            };
            if matches!(property.access, Access::ReadOnly | Access::CreateOnly) {
                // Clients send objects back as they read them.
                if is_same(existing.get(property.name), value) {
                    continue;
                }
                return Err(GraphError::read_only_property(property.name));
            }
            let value = validate::value(property, value, self.resource)?;
            match (object.get_mut(property.name), value) {
                _ if property.access == Access::Secret => {}
                (Some(Json::Object(old)), Json::Object(new)) if property.merged => {
                    new.into_iter().for_each(|(name, value)| set(old, &name, value));
                }
                (_, value) => set(&mut object, property.name, value),
            }
        }
        Ok(object)
    }

    /// Prints an object's members: the selected properties, spelled as in the metadata, or those that Graph
    /// prints when nothing is selected; what is not set is null, empty, or the default of its type.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn print<M: SerializeMap>(
        &self,
        object: &impl Record,
        select: Option<&[String]>,
        into: &mut M,
    ) -> Result<(), M::Error> {
        let Some(names) = select else {
            return self.properties.iter().filter(|property| property.default_set).try_for_each(|property| {
                match object.member(property.name) {
                    None if property.when_set => Ok(()),
                    stored => into.serialize_entry(property.name, &property.printed(stored)),
                }
            });
        };
        names.iter().try_for_each(|name| match self.property(name) {
            Some(property) => {
                into.serialize_entry(property.name, &property.printed(object.member(property.name)))
            }
            None => into.serialize_entry(name, &object.member(name)),
        })
    }

    /// An object as [`EntityType::print`] prints it.
    #[must_use]
    pub fn render(&self, object: &impl Record, select: Option<&[String]>) -> Map<String, Json> {
        let printed = serde_json::to_value(Whole { entity: self, object, select });
        match printed {
            Ok(Json::Object(members)) => members,
            _ => Map::new(),
        }
    }
}

/// The members of a complex value that an action takes by itself (`passwordCredential`): checked, spelled as in the
/// metadata, without those that are never kept. `path` is where it stands in the request.
///
/// # Errors
/// 400 for a member that is unknown, unfit, or missing.
pub fn validate_complex(
    members: &[Property],
    path: &str,
    sent: &Map<String, Json>,
    resource: &str,
) -> Result<Map<String, Json>, GraphError> {
    validate::complex(members, path, sent, resource)
}

/// An object whose members are printed.
pub trait Record {
    /// The member of this name, as the metadata spells it.
    fn member(&self, name: &str) -> Option<Member<'_>>;
}

impl Record for Map<String, Json> {
    fn member(&self, name: &str) -> Option<Member<'_>> {
        self.get(name).map(Member::Json)
    }
}

/// An object, all by itself.
struct Whole<'a, R> {
    entity: &'a EntityType,
    object: &'a R,
    select: Option<&'a [String]>,
}

impl<R: Record> Serialize for Whole<'_, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.entity.print(self.object, self.select, &mut map)?;
        map.end()
    }
}

impl Members for EntityType {
    fn field(&self, name: &str) -> Option<Field> {
        match self.property(name) {
            Some(property) => property.field(),
            None => name.starts_with("extension_").then_some(Field::one(Kind::Any)),
        }
    }
}

/// Sets a member; null takes it away.
fn set(object: &mut Map<String, Json>, name: &str, value: Json) {
    if value.is_null() {
        object.remove(name);
    } else {
        object.insert(name.to_owned(), value);
    }
}

/// Whether a value that cannot be changed is sent as it is.
fn is_same(existing: Option<&Json>, sent: &Json) -> bool {
    match (existing, sent) {
        (None, sent) => sent.is_null() || sent.as_array().is_some_and(Vec::is_empty),
        (Some(Json::String(existing)), Json::String(sent)) => existing.eq_ignore_ascii_case(sent),
        (Some(existing), sent) => existing == sent,
    }
}
