//! The mapped attributes of a SCIM resource type, their paths parsed once.

use provisor_engine::object::ObjectType;
use provisor_engine::ports::{TargetAttribute, TargetShape};
use provisor_scim::{Path, SyntaxError};

/// The schema of users (RFC 7643 section 4.1).
pub(super) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// The schema of groups (RFC 7643 section 4.2).
pub(super) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// The enterprise extension of users (RFC 7643 section 4.3).
pub(super) const ENTERPRISE_USER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// One resource type of the target.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) object_type: ObjectType,
    /// The endpoint below the base URL: `Users`.
    pub(super) endpoint: String,
    /// The main schema.
    pub(super) schema: String,
    /// What `schemas` of a new resource lists.
    pub(super) schemas: Vec<String>,
    /// What reads leave out, because it may be large and is never compared.
    pub(super) excluded: Option<&'static str>,
    pub(super) attributes: Vec<ScimAttribute>,
}

/// One mapped attribute.
#[derive(Debug)]
pub(super) struct ScimAttribute {
    pub(super) declared: TargetAttribute,
    pub(super) path: Path,
    /// The attribute and selector that it shares an element with: `addresses[type eq "work"]`.
    pub(super) element: Option<String>,
}

impl Shape {
    pub(super) fn new(shape: &TargetShape) -> Result<Self, SyntaxError> {
        let name = shape.object_type.as_str();
        let kind = name.rsplit(':').next().unwrap_or(name);
        let (schema, endpoint, excluded) = if kind.eq_ignore_ascii_case("user") {
            (USER.to_owned(), "Users".to_owned(), None)
        } else if kind.eq_ignore_ascii_case("group") {
            (GROUP.to_owned(), "Groups".to_owned(), Some("members"))
        } else {
            (name.to_owned(), format!("{kind}s"), None)
        };
        let mut schemas = vec![schema.clone()];
        let mut attributes = Vec::with_capacity(shape.attributes.len());
        for declared in &shape.attributes {
            let path = Path::parse(&declared.name)?;
            // The enterprise extension is listed; the URN of a custom one is not, as Entra sends it.
            if path.attribute().extension().is_some_and(|urn| urn.eq_ignore_ascii_case(ENTERPRISE_USER))
                && !schemas.iter().any(|schema| schema == ENTERPRISE_USER)
            {
                schemas.push(ENTERPRISE_USER.to_owned());
            }
            let element = path.selector().map(|selector| format!("{}[{selector}]", path.attribute()));
            attributes.push(ScimAttribute { declared: declared.clone(), path, element });
        }
        Ok(Self { object_type: shape.object_type.clone(), endpoint, schema, schemas, excluded, attributes })
    }

    /// The resource type for people: `User`.
    pub(super) fn kind(&self) -> &str {
        self.schema.rsplit(':').next().unwrap_or(&self.schema)
    }

    pub(super) fn attribute(&self, slot: usize) -> Option<&ScimAttribute> {
        self.attributes.get(slot)
    }
}
