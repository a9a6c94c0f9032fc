//! `attributes` and `excludedAttributes` (RFC 7644, 3.4.2.5).

use std::collections::BTreeMap;

use provisor_scim::{Path, ScimError, ScimType};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

type Object = Map<String, Value>;

/// Which attributes an answer holds.
#[derive(Debug, Default)]
pub(crate) enum Projection {
    /// Everything.
    #[default]
    All,
    /// What is always returned, and these.
    Only(Vec<Name>),
    /// Everything but these.
    Without(Vec<Name>),
}

#[derive(Debug)]
pub(crate) struct Name {
    /// As it was written: it may be the URN of a whole extension.
    text: String,
    path: Path,
}

impl Projection {
    /// Reads the two comma-separated lists; `attributes` wins, as the RFC lets a client give one.
    pub(crate) fn parse(attributes: Option<&str>, excluded: Option<&str>) -> Result<Self, ScimError> {
        let names = |list: &str| -> Result<Vec<Name>, ScimError> {
            list.split(',').map(str::trim).filter(|name| !name.is_empty()).map(name).collect()
        };
        match (attributes, excluded) {
            (Some(list), _) if !list.trim().is_empty() => names(list).map(Self::Only),
            (_, Some(list)) if !list.trim().is_empty() => names(list).map(Self::Without),
            _ => Ok(Self::All),
        }
    }

    pub(crate) fn is_all(&self) -> bool {
        matches!(self, Self::All)
    }

    /// Leaves out whole attributes, such as the members of a large group, without taking the rest
    /// apart; none when the names reach deeper than that.
    pub(crate) fn apply_to_text(&self, resource: &[u8]) -> Option<String> {
        let (names, listed_stay) = match self {
            Self::All => return None,
            Self::Only(names) => (names, true),
            Self::Without(names) => (names, false),
        };
        if !names.iter().all(|name| name.path.is_simple()) {
            return None;
        }
        let mut members: BTreeMap<String, &RawValue> = serde_json::from_slice(resource).ok()?;
        members.retain(|member, _| {
            let listed = names.iter().any(|name| name.text.eq_ignore_ascii_case(member));
            is_always_returned(member) || listed == listed_stay
        });
        serde_json::to_string(&members).ok()
    }

    pub(crate) fn apply(&self, resource: Value) -> Value {
        match (self, resource) {
            (Self::Only(names), Value::Object(resource)) => Value::Object(only(names, &resource)),
            (Self::Without(names), Value::Object(mut resource)) => {
                for name in names.iter().filter(|name| !is_always_returned(&name.text)) {
                    without(name, &mut resource);
                }
                Value::Object(resource)
            }
            (_, resource) => resource,
        }
    }
}

fn name(text: &str) -> Result<Name, ScimError> {
    let path = Path::parse(text).map_err(|error| {
        let detail = format!("attributes or excludedAttributes: {text:?} is not an attribute: {error}");
        ScimError::bad_request(ScimType::InvalidValue, detail)
    })?;
    Ok(Name { text: text.to_owned(), path })
}

fn is_always_returned(name: &str) -> bool {
    name.eq_ignore_ascii_case("id") || name.eq_ignore_ascii_case("schemas")
}

fn key<'a>(object: &'a Object, name: &str) -> Option<&'a String> {
    object.keys().find(|key| key.eq_ignore_ascii_case(name))
}

fn only(names: &[Name], resource: &Object) -> Object {
    let mut kept: Object = resource
        .iter()
        .filter(|(name, _)| is_always_returned(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    for name in names {
        if let Some(whole) = key(resource, &name.text) {
            kept.insert(whole.clone(), resource[whole].clone());
            continue;
        }
        match name.path.attribute().extension().and_then(|uri| key(resource, uri)) {
            Some(uri) => {
                let Some(inner) = resource[uri].as_object() else { continue };
                let target = kept.entry(uri.clone()).or_insert_with(|| Value::Object(Map::new()));
                if let Value::Object(target) = target {
                    copy(&name.path, inner, target);
                }
            }
            None if name.path.attribute().extension().is_none() => copy(&name.path, resource, &mut kept),
            None => {}
        }
    }
    kept
}

/// Copies what the path names from one object into another.
fn copy(path: &Path, from: &Object, to: &mut Object) {
    let Some(name) = key(from, path.attribute().name()) else { return };
    let Some(sub) = path.sub_attribute() else {
        to.insert(name.clone(), from[name].clone());
        return;
    };
    let pick = |value: &Value, target: &mut Value| {
        let found = value.as_object().and_then(|members| Some((key(members, sub)?, members)));
        if let (Some((sub, members)), Value::Object(target)) = (found, target) {
            target.insert(sub.clone(), members[sub].clone());
        }
    };
    let empty = || Value::Object(Map::new());
    match &from[name] {
        Value::Array(items) => {
            let target = to.entry(name.clone()).or_insert_with(|| items.iter().map(|_| empty()).collect());
            for (item, target) in items.iter().zip(target.as_array_mut().into_iter().flatten()) {
                pick(item, target);
            }
        }
        single => pick(single, to.entry(name.clone()).or_insert_with(empty)),
    }
}

fn without(name: &Name, resource: &mut Object) {
    if let Some(whole) = key(resource, &name.text).cloned() {
        resource.remove(&whole);
        return;
    }
    let uri = name.path.attribute().extension().map(str::to_owned);
    let object = match &uri {
        None => Some(resource),
        Some(uri) => key(resource, uri).cloned().and_then(|uri| resource.get_mut(&uri)?.as_object_mut()),
    };
    let Some(object) = object else { return };
    let Some(attribute) = key(object, name.path.attribute().name()).cloned() else { return };
    let Some(sub) = name.path.sub_attribute() else {
        object.remove(&attribute);
        return;
    };
    let items = match object.get_mut(&attribute) {
        Some(Value::Array(items)) => items.as_mut_slice(),
        Some(single) => std::slice::from_mut(single),
        None => return,
    };
    for members in items.iter_mut().filter_map(Value::as_object_mut) {
        if let Some(sub) = key(members, sub).cloned() {
            members.remove(&sub);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn projected(attributes: Option<&str>, excluded: Option<&str>) -> String {
        let user = json!({
            "id": "1", "schemas": ["s"], "userName": "ada", "title": "t",
            "name": {"givenName": "Ada", "familyName": "L"},
            "emails": [{"type": "work", "value": "a"}, {"value": "b"}],
            "urn:x:2.0:User": {"a": 1, "b": 2}
        });
        Projection::parse(attributes, excluded).unwrap().apply(user).to_string()
    }

    #[test]
    fn text_and_tree_are_projected_alike() {
        let group = json!({"id": "1", "schemas": ["s"], "displayName": "g", "members": [{"value": "1"}]});
        let text = group.to_string();
        for (attributes, excluded) in
            [(None, Some("Members,id")), (Some("DISPLAYNAME,x"), None), (Some("id"), None)]
        {
            let projection = Projection::parse(attributes, excluded).unwrap();
            assert_eq!(
                projection.apply_to_text(text.as_bytes()),
                Some(projection.apply(group.clone()).to_string())
            );
        }
        let deeper = Projection::parse(Some("displayName,members.value"), None).unwrap();
        assert_eq!(deeper.apply_to_text(text.as_bytes()), None);
    }

    #[test]
    fn asked_attributes_come_with_id_and_schemas() {
        insta::assert_snapshot!(projected(Some("USERNAME,nickName"), None), @r#"{"id":"1","schemas":["s"],"userName":"ada"}"#);
        insta::assert_snapshot!(projected(Some("name.givenName,emails.value,emails.type"), None), @r#"{"emails":[{"type":"work","value":"a"},{"value":"b"}],"id":"1","name":{"givenName":"Ada"},"schemas":["s"]}"#);
        insta::assert_snapshot!(projected(Some("urn:x:2.0:User:a"), None), @r#"{"id":"1","schemas":["s"],"urn:x:2.0:User":{"a":1}}"#);
        insta::assert_snapshot!(projected(Some("urn:x:2.0:User"), None), @r#"{"id":"1","schemas":["s"],"urn:x:2.0:User":{"a":1,"b":2}}"#);
    }

    #[test]
    fn excluded_attributes_are_left_out_but_for_id_and_schemas() {
        insta::assert_snapshot!(projected(None, Some("id,schemas,emails,name.givenName,urn:x:2.0:User:a,title")), @r#"{"id":"1","name":{"familyName":"L"},"schemas":["s"],"urn:x:2.0:User":{"b":2},"userName":"ada"}"#);
        insta::assert_snapshot!(projected(Some(" "), Some("emails,name,title,urn:x:2.0:User")), @r#"{"id":"1","schemas":["s"],"userName":"ada"}"#);
        assert!(Projection::parse(Some("a b"), None).is_err());
    }
}
