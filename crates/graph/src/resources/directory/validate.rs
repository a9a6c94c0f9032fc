//! Whether a value sent is one that a property can have.

use jiff::Timestamp;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use super::{Access, Property, PropertyType};
use crate::edm;
use crate::error::GraphError;
use crate::nearest::nearest;

/// The most characters of a text in an extension property.
const EXTENSION_LENGTH: usize = 256;
/// The most elements of a collection.
const MAX_ELEMENTS: usize = 1200;

/// A property's value as it is stored: null stays null, and a null collection is an empty one.
pub(super) fn value(property: &Property, sent: &Json, resource: &str) -> Result<Json, GraphError> {
    Check { resource, path: property.name.to_owned() }.value(property, sent)
}

/// The value of `extension_{appId}_{name}`, which every type has without declaring it.
pub(super) fn extension(name: &str, sent: &Json) -> Result<Json, GraphError> {
    let parts = name.strip_prefix("extension_").and_then(|rest| rest.split_once('_'));
    let declared = parts.is_some_and(|(app_id, name)| {
        app_id.len() == 32 && app_id.bytes().all(|byte| byte.is_ascii_hexdigit()) && !name.is_empty()
    });
    if !declared {
        return Err(GraphError::unknown_property(name));
    }
    let is_simple = |value: &Json| match value {
        Json::String(text) => text.chars().count() <= EXTENSION_LENGTH,
        Json::Null | Json::Bool(_) | Json::Number(_) => true,
        Json::Array(_) | Json::Object(_) => false,
    };
    match sent {
        Json::Array(items) if items.len() <= MAX_ELEMENTS && items.iter().all(is_simple) => Ok(sent.clone()),
        sent if is_simple(sent) => Ok(sent.clone()),
        _ => Err(GraphError::bad_request(format!(
            "The value of property '{name}' is invalid: an extension property holds texts of up to \
             {EXTENSION_LENGTH} characters, numbers or booleans."
        ))),
    }
}

/// The members of a complex value, which stands at `path`: checked, and spelled as in the metadata.
pub(super) fn complex(
    members: &[Property],
    path: &str,
    sent: &Map<String, Json>,
    resource: &str,
) -> Result<Map<String, Json>, GraphError> {
    Check { resource, path: path.to_owned() }.members(members, sent)
}

struct Check<'a> {
    resource: &'a str,
    /// The property, and the member of it that is being checked.
    path: String,
}

impl Check<'_> {
    fn value(&self, property: &Property, sent: &Json) -> Result<Json, GraphError> {
        match sent {
            Json::Null if property.multivalued => Ok(Json::Array(Vec::new())),
            Json::Null if property.required || !property.nullable => {
                Err(GraphError::missing_property(&self.path, self.resource))
            }
            Json::Null => Ok(Json::Null),
            Json::Array(items) if property.multivalued => {
                if items.len() > MAX_ELEMENTS {
                    return Err(self.unfit(&format!("It has more than {MAX_ELEMENTS} elements.")));
                }
                let items: Result<Vec<Json>, _> =
                    items.iter().map(|item| self.single(property, item)).collect();
                items.map(Json::Array)
            }
            other if property.multivalued => Err(self.wrong("a list", other)),
            sent => self.single(property, sent),
        }
    }

    fn single(&self, property: &Property, sent: &Json) -> Result<Json, GraphError> {
        match (property.value, sent) {
            (PropertyType::String, Json::String(text)) => self.text(property, text),
            (PropertyType::Boolean, Json::Bool(_)) => Ok(sent.clone()),
            (PropertyType::DateTime, Json::String(text)) => match text.parse::<Timestamp>() {
                Ok(at) => Ok(edm::print(at).into()),
                Err(_) => {
                    Err(self.unfit("It must be a date and time with a zone, such as 2026-03-04T09:12:44Z."))
                }
            },
            (PropertyType::Guid, Json::String(text)) => match Uuid::try_parse(text) {
                Ok(id) => Ok(id.to_string().into()),
                Err(_) => Err(self.unfit("It must be a GUID, such as 6f0b2c7a-9d3e-4f51-8c2a-0b1d2e3f4a5b.")),
            },
            (PropertyType::Binary, Json::String(_)) => Ok(sent.clone()),
            (PropertyType::Complex(members), Json::Object(value)) => {
                self.members(members, value).map(Json::Object)
            }
            (PropertyType::Open, Json::Object(_)) => Ok(sent.clone()),
            (PropertyType::String, other) => Err(self.wrong("a string", other)),
            (PropertyType::Boolean, other) => Err(self.wrong("true or false", other)),
            (PropertyType::DateTime, other) => Err(self.wrong("a date and time", other)),
            (PropertyType::Guid, other) => Err(self.wrong("a GUID", other)),
            (PropertyType::Binary, other) => Err(self.wrong("base64", other)),
            (PropertyType::Complex(_) | PropertyType::Open, other) => Err(self.wrong("an object", other)),
        }
    }

    fn text(&self, property: &Property, text: &str) -> Result<Json, GraphError> {
        if let Some(length) = property.max_length.filter(|length| text.chars().count() > *length) {
            return Err(self.unfit(&format!("It has more than {length} characters.")));
        }
        if property.required && text.trim().is_empty() {
            return Err(self.unfit("It is empty."));
        }
        match property.fits {
            Some(fits) if !(fits.passes)(text) => Err(self.unfit(fits.words)),
            _ => Ok(text.into()),
        }
    }

    fn unfit(&self, why: &str) -> GraphError {
        GraphError::invalid_value(&self.path, self.resource).because(why)
    }

    fn members(
        &self,
        members: &[Property],
        sent: &Map<String, Json>,
    ) -> Result<Map<String, Json>, GraphError> {
        let mut object = Map::new();
        for (name, value) in sent.iter().filter(|(name, _)| !name.contains("@odata.")) {
            let member = members.iter().find(|member| member.name.eq_ignore_ascii_case(name));
            let path = format!("{}/{name}", self.path);
            let member = member.ok_or_else(|| {
                let unknown = GraphError::unknown_property(&path);
                match nearest(name, members.iter().map(|member| member.name)) {
                    Some(near) => unknown.because(format!("Did you mean '{near}'?")),
                    None => unknown,
                }
            })?;
            let value = Check { resource: self.resource, path }.value(member, value)?;
            if member.access != Access::Secret {
                object.insert(member.name.to_owned(), value);
            }
        }
        match members.iter().find(|member| member.required && !object.contains_key(member.name)) {
            Some(member) => {
                Err(GraphError::missing_property(&format!("{}/{}", self.path, member.name), self.resource))
            }
            None => Ok(object),
        }
    }

    fn wrong(&self, wanted: &str, found: &Json) -> GraphError {
        let found = match found {
            Json::Null => "null",
            Json::Bool(_) => "a boolean",
            Json::Number(_) => "a number",
            Json::String(_) => "a string",
            Json::Array(_) => "a list",
            Json::Object(_) => "an object",
        };
        let path = &self.path;
        GraphError::bad_request(format!(
            "The value of property '{path}' is invalid: expected {wanted}, found {found}."
        ))
    }
}
