//! Whether the paths of a PATCH lead to something that the schemas know.

use provisor_scim::discovery::{AttributeDefinition, SchemaDefinition};
use provisor_scim::resource::{ENTERPRISE_USER_SCHEMA, ends_in_version, is_core_schema};
use provisor_scim::{Filter, Op, Operation, PatchRequest, Path, ScimError, ScimType};
use serde_json::Value;

use super::validate::is_extension;
use super::{Kind, SCHEMAS};

/// Attributes of every resource, and the user's that the server alone would write.
const COMMON: [&str; 4] = ["id", "meta", "schemas", "groups"];

/// Checks what the operations of a request aim at. A path says what the client means, so one that
/// leads nowhere is an error; a key of a value without a path is treated as in a create, where what
/// is unknown is dropped.
pub(crate) fn check_targets(kind: Kind, request: &PatchRequest) -> Result<(), ScimError> {
    request.operations.iter().enumerate().try_for_each(|(index, operation)| {
        let target = match (&operation.path, &operation.value) {
            (Some(path), _) => resolve(kind, path).map(|known| (known, path)),
            (None, Some(Value::Object(members))) => {
                return members.keys().try_for_each(|key| check_key(kind, index, key));
            }
            (None, _) => return Ok(()),
        };
        match target {
            Ok((Some(known), path)) if known.required && unassigns(operation) => {
                Err(required(&path.to_string()))
            }
            Ok(_) => Ok(()),
            Err(problem) => Err(invalid_path(index, &problem)),
        }
    })
}

/// RFC 7644 (3.5.2.2): an attribute that is required is not removed.
pub(crate) fn required(path: &str) -> ScimError {
    let detail = format!("{path} is required and cannot be removed; replace its value");
    ScimError::bad_request(ScimType::Mutability, detail)
}

fn unassigns(operation: &Operation) -> bool {
    match (operation.op, &operation.value) {
        (Op::Remove, _) => true,
        (Op::Replace, Some(Value::Array(items))) => items.is_empty(),
        (Op::Replace, Some(value)) => value.is_null(),
        _ => false,
    }
}

fn check_key(kind: Kind, index: usize, key: &str) -> Result<(), ScimError> {
    let own = key.get(..kind.uri().len()).is_some_and(|start| start.eq_ignore_ascii_case(kind.uri()));
    if own || !is_core_schema(key) {
        return Ok(());
    }
    Err(invalid_path(index, &format!("{key} is not of a {}; its schema is {}", kind.name(), kind.uri())))
}

/// The definition of what the path leads to; none when it is free of any.
fn resolve(kind: Kind, path: &Path) -> Result<Option<&'static AttributeDefinition>, String> {
    let (attribute, text) = (path.attribute(), path.to_string());
    let schema = match attribute.schema() {
        None => kind.schema(),
        Some(_) if text.eq_ignore_ascii_case(kind.uri()) => return Ok(None),
        Some(uri) if uri.eq_ignore_ascii_case(kind.uri()) => kind.schema(),
        Some(uri) if kind == Kind::User && uri.eq_ignore_ascii_case(ENTERPRISE_USER_SCHEMA) => &SCHEMAS[2],
        Some(uri) if is_core_schema(uri) || !is_extension(uri) => {
            return Err(format!("{text} is not of a {}; its schema is {}", kind.name(), kind.uri()));
        }
        Some(uri)
            if ends_in_version(uri) && (path.sub_attribute().is_some() || path.selector().is_some()) =>
        {
            return Err(format!(
                "{text} names no attribute; a colon stands between a schema and its attribute"
            ));
        }
        // A whole extension, or an attribute of one that is kept as it was sent.
        Some(_) => return Ok(None),
    };
    let name = attribute.name();
    let Some(definition) = schema.attribute(name) else {
        if schema.id == kind.uri() && COMMON.iter().any(|common| common.eq_ignore_ascii_case(name)) {
            return Ok(None);
        }
        return Err(unknown(schema, name));
    };
    if let Some(selector) = path.selector() {
        check_selector(definition, selector)?;
    }
    match path.sub_attribute() {
        Some(sub) => sub_attribute(definition, sub).map(Some),
        // Selected values may go; the attribute stays with the others.
        None => Ok(Some(definition).filter(|_| path.selector().is_none())),
    }
}

fn check_selector(definition: &'static AttributeDefinition, selector: &Filter) -> Result<(), String> {
    match selector {
        Filter::Present(path) | Filter::Compare { path, .. } => {
            if path.is_simple() {
                return sub_attribute(definition, path.attribute().name()).map(drop);
            }
            Err(format!("{path} is not a sub-attribute of {}", definition.name))
        }
        Filter::ValuePath { attribute, .. } => {
            Err(format!("{attribute} has no values to select within {}", definition.name))
        }
        Filter::And(parts) | Filter::Or(parts) => {
            parts.iter().try_for_each(|part| check_selector(definition, part))
        }
        Filter::Not(inner) => check_selector(definition, inner),
    }
}

fn sub_attribute(
    definition: &'static AttributeDefinition,
    name: &str,
) -> Result<&'static AttributeDefinition, String> {
    definition.sub_attribute(name).ok_or_else(|| format!("{} has no sub-attribute {name}", definition.name))
}

fn unknown(schema: &SchemaDefinition, name: &str) -> String {
    format!("the schema {} has no attribute {name}", schema.id)
}

fn invalid_path(index: usize, problem: &str) -> ScimError {
    let detail = format!("Operations[{index}]: {problem}; see /Schemas");
    ScimError::bad_request(ScimType::InvalidPath, detail)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn outcome(kind: Kind, operation: &Value) -> String {
        let request = PatchRequest::from_value(json!({ "Operations": [operation] })).unwrap();
        check_targets(kind, &request).err().map(|error| error.to_string()).unwrap_or_default()
    }

    fn at(path: &str) -> String {
        outcome(Kind::User, &json!({"op": "replace", "path": path, "value": "x"}))
    }

    #[test]
    fn a_path_that_leads_nowhere_is_refused_by_name() {
        insta::assert_snapshot!(at("foo"), @"400 invalidPath: Operations[0]: the schema urn:ietf:params:scim:schemas:core:2.0:User has no attribute foo; see /Schemas");
        insta::assert_snapshot!(at("name.foo"), @"400 invalidPath: Operations[0]: name has no sub-attribute foo; see /Schemas");
        insta::assert_snapshot!(at("title.foo"), @"400 invalidPath: Operations[0]: title has no sub-attribute foo; see /Schemas");
        insta::assert_snapshot!(at("urn:ietf:params:scim:schemas:core:2.0:User:role"), @"400 invalidPath: Operations[0]: the schema urn:ietf:params:scim:schemas:core:2.0:User has no attribute role; see /Schemas");
        insta::assert_snapshot!(at("urn:ietf:params:scim:schemas:core:2.0:Group:displayName"), @"400 invalidPath: Operations[0]: urn:ietf:params:scim:schemas:core:2.0:Group:displayName is not of a User; its schema is urn:ietf:params:scim:schemas:core:2.0:User; see /Schemas");
        insta::assert_snapshot!(at(&format!("{ENTERPRISE_USER_SCHEMA}:shoe")), @"400 invalidPath: Operations[0]: the schema urn:ietf:params:scim:schemas:extension:enterprise:2.0:User has no attribute shoe; see /Schemas");
        insta::assert_snapshot!(at(&format!("{ENTERPRISE_USER_SCHEMA}.department")), @"400 invalidPath: Operations[0]: urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.department names no attribute; a colon stands between a schema and its attribute; see /Schemas");
        insta::assert_snapshot!(at("emails[shoe eq 7].value"), @"400 invalidPath: Operations[0]: emails has no sub-attribute shoe; see /Schemas");
        insta::assert_snapshot!(at("title[value eq \"x\"]"), @"400 invalidPath: Operations[0]: title has no sub-attribute value; see /Schemas");
        insta::assert_snapshot!(at("other:title"), @"400 invalidPath: Operations[0]: other:title is not of a User; its schema is urn:ietf:params:scim:schemas:core:2.0:User; see /Schemas");
        insta::assert_snapshot!(outcome(Kind::Group, &json!({"op": "add", "path": "userName", "value": "x"})), @"400 invalidPath: Operations[0]: the schema urn:ietf:params:scim:schemas:core:2.0:Group has no attribute userName; see /Schemas");
        let foreign = json!({"op": "add", "value": {"urn:ietf:params:scim:schemas:core:2.0:Group": {}}});
        insta::assert_snapshot!(outcome(Kind::User, &foreign), @"400 invalidPath: Operations[0]: urn:ietf:params:scim:schemas:core:2.0:Group is not of a User; its schema is urn:ietf:params:scim:schemas:core:2.0:User; see /Schemas");
    }

    #[test]
    fn what_is_known_or_free_passes() {
        for path in [
            "TITLE",
            "name.givenName",
            "emails[type eq \"work\" and not (primary eq \"True\")].value",
            "addresses[type eq \"work\"].locality",
            "id",
            "meta.version",
            "groups",
            "urn:ietf:params:scim:schemas:core:2.0:User",
            "urn:ietf:params:scim:schemas:core:2.0:User:name.givenName",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user:manager.value",
            "urn:ietf:params:scim:schemas:extension:Custom:2.0:User",
            "urn:ietf:params:scim:schemas:extension:Custom:2.0:User:shoe.size",
        ] {
            assert_eq!(at(path), "", "{path}");
        }
        let keys = json!({"op": "replace", "value": {"foo": 1, "a b": 2, "urn:x:2.0:User:y": 3}});
        assert_eq!(outcome(Kind::User, &keys), "");
    }

    #[test]
    fn what_is_required_is_not_removed() {
        let remove = |kind, path: &str| outcome(kind, &json!({"op": "Remove", "path": path}));
        insta::assert_snapshot!(remove(Kind::User, "USERNAME"), @"400 mutability: USERNAME is required and cannot be removed; replace its value");
        insta::assert_snapshot!(remove(Kind::Group, "members[value eq \"7\"].value"), @r#"400 mutability: members[value eq "7"].value is required and cannot be removed; replace its value"#);
        insta::assert_snapshot!(outcome(Kind::Group, &json!({"op": "replace", "path": "displayName", "value": null})), @"400 mutability: displayName is required and cannot be removed; replace its value");
        assert_eq!(remove(Kind::Group, "members[value eq \"7\"]"), "");
        assert_eq!(remove(Kind::Group, "members"), "");
    }
}
