//! Writing whole values: sets of elements, their one primary, merged objects.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::{Changed, Object, changed_if, put};
use crate::filter::Filter;
use crate::json;
use crate::patch::Op;

/// Attributes that hold several values by the core schema (RFC 7643, 4), so that a first single
/// value is stored as a list of one.
const MULTI_VALUED: [&str; 10] = [
    "emails",
    "phoneNumbers",
    "ims",
    "photos",
    "addresses",
    "groups",
    "entitlements",
    "roles",
    "x509Certificates",
    "members",
];

pub(super) fn is_multi_valued(name: &str) -> bool {
    MULTI_VALUED.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Adds or replaces the whole attribute `name`.
pub(super) fn write(object: &mut Object, name: &str, value: &Value, op: Op) -> Changed {
    let current = object.get_mut(name).filter(|value| !json::is_unassigned(value));
    match (current, unwrapped(name, value)) {
        (Some(Value::Array(items)), value) => {
            let incoming = as_items(name, value);
            let changed = match op {
                Op::Add => append(name, items, incoming),
                _ => replace(name, items, incoming),
            };
            if items.is_empty() {
                object.remove(name);
            }
            changed
        }
        (Some(Value::Object(current)), Value::Object(members)) => {
            let changed = merge(current, members);
            if current.is_empty() {
                object.remove(name);
            }
            changed
        }
        (None, value) if value.is_array() || is_multi_valued(name) => {
            let mut items = Vec::new();
            append(name, &mut items, as_items(name, value));
            if items.is_empty() {
                return changed_if(object.remove(name).is_some());
            }
            object.insert(name.to_owned(), Value::Array(items));
            Changed::Yes
        }
        (_, value) => put(object, name, value),
    }
}

/// Entra's older dialect writes a manager as a list of one.
fn unwrapped<'v>(name: &str, value: &'v Value) -> &'v Value {
    match value {
        Value::Array(items) if items.len() == 1 && name.eq_ignore_ascii_case("manager") => &items[0],
        other => other,
    }
}

/// Sub-attributes that are not mentioned stay (RFC 7644, 3.5.2.3).
pub(super) fn merge(object: &mut Object, members: &Object) -> Changed {
    let mut changed = Changed::No;
    for (name, value) in members {
        changed |= put(object, name, value);
    }
    changed
}

pub(super) fn as_items(name: &str, value: &Value) -> Vec<Value> {
    let item = |value: &Value| match value {
        // A member named by its id alone.
        Value::String(id) if name.eq_ignore_ascii_case("members") => {
            Value::Object(Map::from_iter([("value".to_owned(), Value::String(id.clone()))]))
        }
        other => without_nulls(other),
    };
    match value {
        Value::Array(items) => items.iter().filter(|value| !value.is_null()).map(item).collect(),
        single => vec![item(single)],
    }
}

fn append(name: &str, items: &mut Vec<Value>, incoming: Vec<Value>) -> Changed {
    let before = items.len();
    let fresh: Vec<bool> = {
        let mut seen: HashSet<Cow<'_, str>> = items.iter().map(|item| identity(name, item)).collect();
        incoming.iter().map(|item| seen.insert(identity(name, item))).collect()
    };
    items.extend(incoming.into_iter().zip(fresh).filter_map(|(item, fresh)| fresh.then_some(item)));
    if items.len() == before {
        return Changed::No;
    }
    keep_one_primary(items, |index| index >= before);
    Changed::Yes
}

fn replace(name: &str, items: &mut Vec<Value>, incoming: Vec<Value>) -> Changed {
    let mut fresh = Vec::new();
    append(name, &mut fresh, incoming);
    if fresh == *items {
        return Changed::No;
    }
    *items = fresh;
    Changed::Yes
}

/// What makes two elements the same: of a group's members the id, else the whole value.
pub(super) fn identity<'v>(name: &str, item: &'v Value) -> Cow<'v, str> {
    let id = if name.eq_ignore_ascii_case("members") {
        item.as_object().and_then(|members| json::get(members, "value"))
    } else {
        None
    };
    match id {
        Some(Value::String(id)) => id.as_str().into(),
        _ => item.to_string().into(),
    }
}

/// RFC 7644 (3.5.2): when a new value is primary, the others stop being so.
pub(super) fn keep_one_primary(items: &mut [Value], is_new: impl Fn(usize) -> bool) {
    if !items.iter().enumerate().any(|(index, item)| is_new(index) && is_primary(item)) {
        return;
    }
    for (index, item) in items.iter_mut().enumerate() {
        if !is_new(index)
            && is_primary(item)
            && let Value::Object(members) = item
        {
            members.insert(json::spelling(members, "primary"), Value::Bool(false));
        }
    }
}

pub(super) fn is_primary(item: &Value) -> bool {
    item.as_object().and_then(|members| json::get(members, "primary")) == Some(&Value::Bool(true))
}

/// Takes away the elements that a removal lists: those whose `value` is listed and whose other
/// sub-attributes do not contradict the list.
pub(super) fn remove_listed(items: &mut Vec<Value>, listed: &Value) -> bool {
    let mut by_value: HashMap<String, Vec<&Value>> = HashMap::new();
    for value in listed_values(listed) {
        by_value.entry(key(value)).or_default().push(value);
    }
    let before = items.len();
    items.retain(|item| {
        !by_value.get(&key(item)).is_some_and(|listed| listed.iter().any(|l| agrees(item, l)))
    });
    items.len() != before
}

/// What a removal lists: several values, or one without a list around it.
pub(super) fn listed_values(listed: &Value) -> &[Value] {
    match listed {
        Value::Array(listed) => listed.as_slice(),
        single => std::slice::from_ref(single),
    }
}

pub(super) fn key(element: &Value) -> String {
    element.as_object().and_then(|members| json::get(members, "value")).unwrap_or(element).to_string()
}

pub(super) fn agrees(item: &Value, listed: &Value) -> bool {
    const HINTS: [&str; 3] = ["$ref", "display", "primary"];
    match (item, listed) {
        (Value::Object(item), Value::Object(listed)) => listed.iter().all(|(name, value)| {
            let hint = HINTS.iter().any(|hint| hint.eq_ignore_ascii_case(name));
            hint || value.is_null() || json::get(item, name).is_none_or(|current| current == value)
        }),
        _ => true,
    }
}

/// The element that a selector describes, when it is made of `eq` on plain sub-attributes.
pub(super) fn element_of(selector: &Filter) -> Option<Object> {
    let mut element = Map::new();
    for part in selector.conjuncts() {
        let (path, value) = part.as_equality().filter(|(path, _)| path.is_simple())?;
        let name = path.attribute().name();
        // Entra selects by `primary eq "True"`; the sub-attribute is a boolean.
        let value = match value.as_str() {
            Some(text) if name.eq_ignore_ascii_case("primary") => match text {
                _ if text.eq_ignore_ascii_case("true") => Value::Bool(true),
                _ if text.eq_ignore_ascii_case("false") => Value::Bool(false),
                _ => return None,
            },
            _ => value.clone(),
        };
        element.insert(name.to_owned(), value);
    }
    Some(element)
}

/// The value without members that are null, which mean "unassigned" (RFC 7643, 2.5).
pub(super) fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name.clone(), without_nulls(value)))
            .collect::<Object>()
            .into(),
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        simple => simple.clone(),
    }
}
