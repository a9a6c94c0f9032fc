//! Bringing what a client sent into the form that is kept: known attributes under their own
//! spelling, of the right type, without nulls.

use std::collections::HashSet;

use provisor_scim::discovery::AttributeDefinition;
use provisor_scim::resource::{ENTERPRISE_USER_SCHEMA, is_core_schema};
use provisor_scim::{ScimError, ScimType};
use serde_json::{Map, Value};

use super::{Kind, SCHEMAS};

type Object = Map<String, Value>;

/// Checks and cleans a whole resource. What the server alone decides (`id`, `meta`, `schemas`) is
/// left out of the result; `schemas` is made anew from the extensions that are there.
pub(crate) fn normalize(kind: Kind, resource: Value) -> Result<Object, ScimError> {
    let Value::Object(members) = resource else {
        let detail = format!("the body of a {} is a JSON object", kind.name());
        return Err(ScimError::bad_request(ScimType::InvalidSyntax, detail));
    };
    let mut kept = Map::new();
    let mut schemas = vec![Value::from(kind.uri())];
    for (name, value) in members {
        if let Some(definition) = kind.schema().attribute(&name) {
            insert(&mut kept, definition, value, None)?;
        } else if name.eq_ignore_ascii_case("schemas") {
            check_schemas(kind, &value)?;
        } else if is_extension(&name) {
            let (name, extension) = extension(kind, name, value)?;
            if !extension.is_empty() {
                schemas.push(name.clone().into());
                kept.insert(name, Value::Object(extension));
            }
        }
    }
    let unique = kind.unique();
    if kept.get(unique).and_then(Value::as_str).is_none_or(|text| text.trim().is_empty()) {
        return Err(invalid(format!("{unique} is required and not empty")));
    }
    kept.insert("schemas".into(), Value::Array(schemas));
    Ok(kept)
}

/// A resource that calls itself another kind's was sent to the wrong place.
fn check_schemas(kind: Kind, listed: &Value) -> Result<(), ScimError> {
    let mut listed = listed.as_array().into_iter().flatten().filter_map(Value::as_str);
    match listed.find(|uri| is_core_schema(uri) && !uri.eq_ignore_ascii_case(kind.uri())) {
        Some(other) => {
            Err(invalid(format!("schemas names {other}; that of a {} is {}", kind.name(), kind.uri())))
        }
        None => Ok(()),
    }
}

pub(super) fn is_extension(name: &str) -> bool {
    name.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("urn:"))
}

fn extension(kind: Kind, name: String, value: Value) -> Result<(String, Object), ScimError> {
    let members = match value {
        Value::Object(members) => members,
        Value::Null => return Ok((name, Map::new())),
        _ => return Err(invalid(format!("the extension {name} is an object"))),
    };
    if kind != Kind::User || !name.eq_ignore_ascii_case(ENTERPRISE_USER_SCHEMA) {
        return Ok((name, members));
    }
    let mut kept = Map::new();
    for (name, value) in members {
        if let Some(definition) = SCHEMAS[2].attribute(&name) {
            insert(&mut kept, definition, value, None)?;
        }
    }
    Ok((ENTERPRISE_USER_SCHEMA.to_owned(), kept))
}

fn insert(
    kept: &mut Object,
    definition: &AttributeDefinition,
    value: Value,
    parent: Option<&str>,
) -> Result<(), ScimError> {
    let place = || place(parent, &definition.name);
    let value = match value {
        Value::Null => return Ok(()),
        Value::Array(items) if definition.multi_valued => {
            let mut cleaned = Vec::with_capacity(items.len());
            for item in items {
                cleaned.extend(single(definition, item, parent)?);
            }
            if definition.name == "members" {
                keep_distinct(&mut cleaned);
            }
            if cleaned.iter().filter(|item| item["primary"] == Value::Bool(true)).nth(1).is_some() {
                return Err(invalid(format!(
                    "{} has more than one value with primary true; keep one",
                    place()
                )));
            }
            if cleaned.is_empty() {
                return Ok(());
            }
            Value::Array(cleaned)
        }
        _ if definition.multi_valued => return Err(invalid(format!("{} is an array", place()))),
        value => match single(definition, value, parent)? {
            Some(value) => value,
            None => return Ok(()),
        },
    };
    kept.insert(definition.name.clone(), value);
    Ok(())
}

/// One value of an attribute, or none when it is null or an object without known members.
fn single(
    definition: &AttributeDefinition,
    value: Value,
    parent: Option<&str>,
) -> Result<Option<Value>, ScimError> {
    let own = definition.name.as_str();
    let wrong = |what: &str| invalid(format!("{} is {what}", place(parent, own)));
    match (definition.kind.as_str(), value) {
        (_, Value::Null) => Ok(None),
        ("complex", Value::Object(members)) => {
            let mut kept = Map::new();
            for (name, value) in members {
                if let Some(sub) = definition.sub_attribute(&name) {
                    insert(&mut kept, sub, value, Some(own))?;
                }
            }
            let missing =
                definition.sub_attributes.iter().find(|sub| sub.required && !kept.contains_key(&sub.name));
            if let Some(missing) = missing {
                return Err(invalid(format!("{} is required", place(Some(own), &missing.name))));
            }
            Ok((!kept.is_empty()).then_some(Value::Object(kept)))
        }
        ("complex", _) => Err(wrong("complex: its value is a JSON object")),
        ("boolean", value @ Value::Bool(_)) => Ok(Some(value)),
        ("boolean", _) => Err(wrong("a boolean: true or false, without quotes")),
        (_, value @ Value::String(_)) => Ok(Some(value)),
        (_, _) => Err(wrong("a string")),
    }
}

/// Members are a set by their id; the first of each stays.
fn keep_distinct(members: &mut Vec<Value>) {
    let mut seen = HashSet::with_capacity(members.len());
    let firsts: Vec<bool> = members.iter().map(|member| seen.insert(member["value"].as_str())).collect();
    let mut firsts = firsts.into_iter();
    members.retain(|_| firsts.next().unwrap_or(true));
}

fn place(parent: Option<&str>, name: &str) -> String {
    parent.map_or_else(|| name.to_owned(), |parent| format!("{parent}.{name}"))
}

fn invalid(detail: String) -> ScimError {
    ScimError::bad_request(ScimType::InvalidValue, detail)
}

#[cfg(test)]
mod tests {
    use provisor_scim::resource::{GROUP_SCHEMA, USER_SCHEMA};
    use serde_json::json;

    use super::*;

    fn refusal(kind: Kind, resource: Value) -> String {
        normalize(kind, resource).unwrap_err().to_string()
    }

    #[test]
    fn names_are_spelled_as_in_the_schema_and_unknown_ones_dropped() {
        let kept = normalize(
            Kind::User,
            json!({
                "USERNAME": "ada", "shoeSize": 7, "id": "mine", "title": null,
                "emails": [{"Value": "a@x", "shoe": 1}, {"nothing": "known"}],
                "URN:ietf:params:scim:schemas:extension:enterprise:2.0:user": {"Department": "Maths", "x": 1},
                "urn:example:2.0:User": {"free": [1, 2]}
            }),
        );
        insta::assert_snapshot!(Value::Object(kept.unwrap()), @r#"{"emails":[{"value":"a@x"}],"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User","urn:example:2.0:User"],"urn:example:2.0:User":{"free":[1,2]},"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Maths"},"userName":"ada"}"#);
    }

    #[test]
    fn wrong_types_are_refused_by_name() {
        let user = |name: &str, value: Value| refusal(Kind::User, json!({"userName": "ada", name: value}));
        insta::assert_snapshot!(user("active", json!("True")), @"400 invalidValue: active is a boolean: true or false, without quotes");
        insta::assert_snapshot!(user("title", json!(7)), @"400 invalidValue: title is a string");
        insta::assert_snapshot!(user("name", json!("Ada")), @"400 invalidValue: name is complex: its value is a JSON object");
        insta::assert_snapshot!(user("emails", json!({"value": "a"})), @"400 invalidValue: emails is an array");
        insta::assert_snapshot!(user("emails", json!([{"primary": "True"}])), @"400 invalidValue: emails.primary is a boolean: true or false, without quotes");
        insta::assert_snapshot!(user(ENTERPRISE_USER_SCHEMA, json!({"manager": "7"})), @"400 invalidValue: manager is complex: its value is a JSON object");
        insta::assert_snapshot!(user("roles", json!([{"value": "a", "primary": true}, {"value": "b"}, {"value": "c", "PRIMARY": true}])), @"400 invalidValue: roles has more than one value with primary true; keep one");
        insta::assert_snapshot!(user("schemas", json!([USER_SCHEMA, GROUP_SCHEMA])), @"400 invalidValue: schemas names urn:ietf:params:scim:schemas:core:2.0:Group; that of a User is urn:ietf:params:scim:schemas:core:2.0:User");
        insta::assert_snapshot!(refusal(Kind::User, json!({"userName": " "})), @"400 invalidValue: userName is required and not empty");
        insta::assert_snapshot!(refusal(Kind::Group, json!({"displayName": "g", "members": [{"display": "x"}]})), @"400 invalidValue: members.value is required");
        insta::assert_snapshot!(refusal(Kind::Group, json!([])), @"400 invalidSyntax: the body of a Group is a JSON object");
    }

    #[test]
    fn members_are_a_set() {
        let group = json!({"displayName": "g", "members": [{"value": "1"}, {"value": "2"}, {"value": "1"}]});
        assert_eq!(normalize(Kind::Group, group).unwrap()["members"].as_array().unwrap().len(), 2);
    }
}
