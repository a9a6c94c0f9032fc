//! Applying operations to a resource.
//!
//! A request is broken into steps of one place each. A step checks before it changes, so that a
//! failing one leaves no trace; a request of several steps works on a copy.

mod members;
mod values;

use std::borrow::Cow;

use serde_json::{Map, Value};

use self::values::{element_of, is_multi_valued, without_nulls};
use super::{Changed, Op, Operation, PatchRequest};
use crate::error::{ScimError, ScimType};
use crate::json;
use crate::path::Path;
use crate::resource::{ends_in_version, is_core_schema};

type Object = Map<String, Value>;

enum Step<'a> {
    /// One change at one place.
    At { op: Op, path: Cow<'a, Path>, value: Option<&'a Value> },
    /// The whole extension of this schema URI goes.
    RemoveExtension(String),
}

pub(super) fn apply(resource: &mut Value, request: &PatchRequest) -> Result<Changed, ScimError> {
    let mut steps = Vec::with_capacity(request.operations.len());
    for operation in &request.operations {
        read_steps(resource, operation, &mut steps)?;
    }
    let mut changed = Changed::No;
    if let [only] = steps.as_slice() {
        changed |= run(object_of(resource)?, only)?;
    } else {
        let mut copy = resource.clone();
        let object = object_of(&mut copy)?;
        let mut rest = steps.as_slice();
        while let Some((first, others)) = rest.split_first() {
            if let Some((count, outcome)) = members::run(object, rest) {
                changed |= outcome;
                rest = &rest[count..];
            } else {
                changed |= run(object, first)?;
                rest = others;
            }
        }
        if changed.is_yes() {
            *resource = copy;
        }
    }
    if changed.is_yes() {
        list_extensions(object_of(resource)?);
    }
    Ok(changed)
}

pub(super) fn set(resource: &mut Value, path: &Path, value: &Value) -> Result<Changed, ScimError> {
    let op = if value.is_null() { Op::Remove } else { Op::Add };
    let step = Step::At { op, path: Cow::Borrowed(path), value: Some(value) };
    let object = object_of(resource)?;
    let changed = run(object, &step)?;
    if changed.is_yes() {
        list_extensions(object);
    }
    Ok(changed)
}

fn object_of(resource: &mut Value) -> Result<&mut Object, ScimError> {
    resource.as_object_mut().ok_or_else(|| ScimError::new(500, "the resource is not a JSON object"))
}

fn read_steps<'a>(
    resource: &Value,
    operation: &'a Operation,
    steps: &mut Vec<Step<'a>>,
) -> Result<(), ScimError> {
    let op = operation.op;
    match (&operation.path, &operation.value) {
        (Some(path), value) => {
            let text = path.to_string();
            if path.selector.is_none() && is_schema(resource, &text) {
                schema_steps(op, &text, value.as_ref(), steps)
            } else {
                steps.push(Step::At { op, path: Cow::Borrowed(path), value: value.as_ref() });
                Ok(())
            }
        }
        (None, _) if op == Op::Remove => {
            Err(ScimError::bad_request(ScimType::NoTarget, "remove needs a path that says what to remove"))
        }
        (None, Some(Value::Object(members))) => {
            for (key, value) in members {
                if is_schema(resource, key) {
                    schema_steps(op, key, Some(value), steps)?;
                } else {
                    steps.push(Step::At { op, path: Cow::Owned(key_path(key)?), value: Some(value) });
                }
            }
            Ok(())
        }
        (None, _) => Err(invalid_value("an operation without a path needs an object as its value")),
    }
}

/// The steps of an operation on a whole schema: one for each attribute in its value. Those of a core
/// schema stand at the top of the resource.
fn schema_steps<'a>(
    op: Op,
    uri: &str,
    value: Option<&'a Value>,
    steps: &mut Vec<Step<'a>>,
) -> Result<(), ScimError> {
    match (op, value) {
        (Op::Remove, _) | (Op::Replace, Some(Value::Null)) => {
            if is_core_schema(uri) {
                let detail = format!("{uri} is the resource itself; delete it, or remove its attributes");
                return Err(ScimError::bad_request(ScimType::Mutability, detail));
            }
            steps.push(Step::RemoveExtension(uri.to_owned()));
            Ok(())
        }
        (_, Some(Value::Object(members))) => {
            for (key, value) in members {
                let mut path = key_path(key)?;
                if !is_core_schema(uri) {
                    path.attribute = path.attribute.in_schema(uri);
                }
                steps.push(Step::At { op, path: Cow::Owned(path), value: Some(value) });
            }
            Ok(())
        }
        _ => Err(invalid_value(format!("the value of the schema {uri} is an object"))),
    }
}

fn key_path(key: &str) -> Result<Path, ScimError> {
    Path::parse(key).map_err(|error| {
        ScimError::bad_request(ScimType::InvalidPath, format!("{key:?} in the value is not a path: {error}"))
    })
}

/// Whether the text names a schema and not an attribute of one: the resource has it, or a version
/// stands before its last part (`…:enterprise:2.0:User`, but not `…:2.0:User:department`).
fn is_schema(resource: &Value, text: &str) -> bool {
    if !text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("urn:")) {
        return false;
    }
    let (namespace, last) = text.rsplit_once(':').unwrap_or_default();
    let versioned = ends_in_version(namespace);
    if is_core_schema(text) {
        return versioned && !last.contains('.');
    }
    versioned || crate::resource::schemas(resource).any(|uri| uri.eq_ignore_ascii_case(text))
}

fn run(object: &mut Object, step: &Step<'_>) -> Result<Changed, ScimError> {
    match step {
        Step::RemoveExtension(uri) => {
            unlist_extension(object, uri);
            let key = json::spelling(object, uri);
            Ok(changed_if(object.remove(&key).is_some()))
        }
        Step::At { op, path, value } => {
            if let Some(outcome) = read_only(object, *op, path, *value) {
                return outcome;
            }
            match path.attribute.extension() {
                None => change(object, *op, path, *value),
                Some(uri) => in_extension(object, uri, |inner| change(inner, *op, path, *value)),
            }
        }
    }
}

/// `id`, `meta` and a user's `groups` belong to the server (RFC 7643, 3.1, 4.1.2); writing the
/// value that is there already is no change.
fn read_only(
    object: &Object,
    op: Op,
    path: &Path,
    value: Option<&Value>,
) -> Option<Result<Changed, ScimError>> {
    let name = path.attribute.name();
    let is = |known: &str| name.eq_ignore_ascii_case(known);
    let guarded = is("id") || is("meta") || is("groups") || (is("schemas") && op == Op::Remove);
    if !guarded || path.attribute.extension().is_some() {
        return None;
    }
    let same = op != Op::Remove
        && path.is_simple()
        && value.is_some_and(|value| match json::get(object, name) {
            Some(current) => current == value,
            None => json::is_unassigned(value),
        });
    if same {
        return Some(Ok(Changed::No));
    }
    Some(Err(ScimError::bad_request(ScimType::Mutability, format!("{path} is read-only; leave it out"))))
}

/// Runs a change in the object of an extension, which comes into being and goes with its attributes.
fn in_extension(
    object: &mut Object,
    uri: &str,
    change: impl FnOnce(&mut Object) -> Result<Changed, ScimError>,
) -> Result<Changed, ScimError> {
    let key = json::spelling(object, uri);
    let mut inner = match object.remove(&key) {
        Some(Value::Object(inner)) => inner,
        None | Some(Value::Null) => Map::new(),
        Some(other) => {
            object.insert(key, other);
            return Err(invalid_value(format!("the resource holds no object at {uri}")));
        }
    };
    let outcome = change(&mut inner);
    if inner.is_empty() {
        unlist_extension(object, uri);
    } else {
        object.insert(key, Value::Object(inner));
    }
    outcome
}

fn change(object: &mut Object, op: Op, path: &Path, value: Option<&Value>) -> Result<Changed, ScimError> {
    let name = json::spelling(object, path.attribute.name());
    match (op, value) {
        (Op::Remove, value) => Ok(remove(object, &name, path, value)),
        (_, None) => Err(invalid_value(format!("the operation on {path} has no value"))),
        (Op::Add, Some(Value::Null)) => Ok(Changed::No),
        (Op::Replace, Some(Value::Null)) => Ok(remove(object, &name, path, None)),
        (op, Some(value)) => match (&path.selector, &path.sub_attribute) {
            (None, None) => Ok(values::write(object, &name, value, op)),
            (None, Some(sub)) => write_sub_attribute(object, &name, sub, value, path),
            (Some(_), _) => write_selected(object, &name, path, value, op),
        },
    }
}

fn write_sub_attribute(
    object: &mut Object,
    name: &str,
    sub: &str,
    value: &Value,
    path: &Path,
) -> Result<Changed, ScimError> {
    match object.get_mut(name).filter(|value| !json::is_unassigned(value)) {
        None => {
            let inner = Value::Object(Map::from_iter([(sub.to_owned(), without_nulls(value))]));
            let value = if is_multi_valued(name) { Value::Array(vec![inner]) } else { inner };
            object.insert(name.to_owned(), value);
            Ok(Changed::Yes)
        }
        Some(Value::Object(inner)) => Ok(put(inner, sub, value)),
        Some(Value::Array(items)) if items.iter().all(Value::is_object) => {
            let mut changed = Changed::No;
            for inner in items.iter_mut().filter_map(Value::as_object_mut) {
                changed |= put(inner, sub, value);
            }
            Ok(changed)
        }
        Some(_) => {
            let detail = format!("{path}: {name} has no sub-attributes");
            Err(ScimError::bad_request(ScimType::InvalidPath, detail))
        }
    }
}

fn write_selected(
    object: &mut Object,
    name: &str,
    path: &Path,
    value: &Value,
    op: Op,
) -> Result<Changed, ScimError> {
    let Some(selector) = path.selector() else { return Ok(Changed::No) };
    let sub = path.sub_attribute();
    let value = match value {
        Value::Array(items) if sub.is_none() && items.len() == 1 => &items[0],
        other => other,
    };
    if sub.is_none() && !value.is_object() {
        return Err(invalid_value(format!("{path} selects complex values; the value is an object")));
    }
    let chosen: Vec<usize> = elements(object.get(name))
        .iter()
        .enumerate()
        .filter(|(_, e)| selector.matches(e))
        .map(|(i, _)| i)
        .collect();
    if chosen.is_empty() {
        let Some(mut element) = element_of(selector).filter(|_| op == Op::Add) else {
            let detail = format!("{path} selects nothing; add the element to {name} first");
            return Err(ScimError::bad_request(ScimType::NoTarget, detail));
        };
        write_element(&mut element, sub, value, Op::Add);
        return Ok(values::write(object, name, &Value::Array(vec![Value::Object(element)]), Op::Add));
    }
    let mut changed = Changed::No;
    let Some(target) = object.get_mut(name) else { return Ok(changed) };
    let items = match target {
        Value::Array(items) => items.as_mut_slice(),
        single => std::slice::from_mut(single),
    };
    if chosen.iter().any(|&index| !items[index].is_object()) {
        let detail = format!("{path}: the values of {name} have no sub-attributes");
        return Err(ScimError::bad_request(ScimType::InvalidPath, detail));
    }
    for &index in &chosen {
        if let Value::Object(element) = &mut items[index] {
            changed |= write_element(element, sub, value, op);
        }
    }
    if changed.is_yes() {
        values::keep_one_primary(items, |index| chosen.contains(&index));
    }
    Ok(changed)
}

fn write_element(element: &mut Object, sub: Option<&str>, value: &Value, op: Op) -> Changed {
    match (sub, value) {
        (Some(sub), value) => put(element, sub, value),
        (None, Value::Object(members)) if op == Op::Add => values::merge(element, members),
        (None, value) => match without_nulls(value) {
            Value::Object(members) if members != *element => {
                *element = members;
                Changed::Yes
            }
            _ => Changed::No,
        },
    }
}

fn remove(object: &mut Object, name: &str, path: &Path, listed: Option<&Value>) -> Changed {
    let Some(target) = object.get_mut(name) else { return Changed::No };
    let listed = listed.filter(|value| !value.is_null());
    let changed = match (&path.selector, &path.sub_attribute, &mut *target) {
        (None, None, Value::Array(items)) if listed.is_some() => {
            changed_if(listed.is_some_and(|listed| values::remove_listed(items, listed)))
        }
        (None, None, target) => {
            *target = Value::Null;
            Changed::Yes
        }
        (None, Some(sub), target) => remove_sub_attribute(target, sub, |_| true),
        (Some(selector), Some(sub), target) => {
            remove_sub_attribute(target, sub, |element| selector.matches(element))
        }
        (Some(selector), None, Value::Array(items)) => {
            let before = items.len();
            items.retain(|item| !selector.matches(item));
            changed_if(items.len() != before)
        }
        (Some(selector), None, single) if selector.matches(single) => {
            *single = Value::Null;
            Changed::Yes
        }
        _ => Changed::No,
    };
    let empty = json::is_unassigned(target) || target.as_object().is_some_and(Map::is_empty);
    if changed.is_yes() && empty {
        object.remove(name);
    }
    changed
}

fn remove_sub_attribute(target: &mut Value, sub: &str, chosen: impl Fn(&Value) -> bool) -> Changed {
    let items = match &mut *target {
        Value::Array(items) => items.as_mut_slice(),
        single => std::slice::from_mut(single),
    };
    let mut changed = Changed::No;
    for item in items.iter_mut() {
        if !chosen(item) {
            continue;
        }
        if let Value::Object(members) = item {
            let key = json::spelling(members, sub);
            changed |= changed_if(members.remove(&key).is_some());
        }
    }
    if let Value::Array(items) = target {
        items.retain(|item| !item.as_object().is_some_and(Map::is_empty));
    }
    changed
}

/// Writes one member; null takes it away.
fn put(object: &mut Object, name: &str, value: &Value) -> Changed {
    let key = json::spelling(object, name);
    if value.is_null() {
        return changed_if(object.remove(&key).is_some());
    }
    let value = without_nulls(value);
    if object.get(&key) == Some(&value) {
        return Changed::No;
    }
    object.insert(key, value);
    Changed::Yes
}

fn elements(value: Option<&Value>) -> &[Value] {
    match value {
        None | Some(Value::Null) => &[],
        Some(Value::Array(items)) => items,
        Some(single) => std::slice::from_ref(single),
    }
}

fn changed_if(changed: bool) -> Changed {
    if changed { Changed::Yes } else { Changed::No }
}

fn invalid_value(detail: impl Into<String>) -> ScimError {
    ScimError::bad_request(ScimType::InvalidValue, detail)
}

/// Names in `schemas` every extension that the resource has (RFC 7643, 3).
fn list_extensions(object: &mut Object) {
    let key = json::spelling(object, "schemas");
    let missing: Vec<String> = match object.get(&key).and_then(Value::as_array) {
        Some(listed) => object
            .keys()
            .filter(|name| name.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("urn:")))
            .filter(|name| {
                !listed.iter().any(|uri| uri.as_str().is_some_and(|u| u.eq_ignore_ascii_case(name)))
            })
            .cloned()
            .collect(),
        None => return,
    };
    if let Some(Value::Array(listed)) = object.get_mut(&key) {
        listed.extend(missing.into_iter().map(Value::String));
    }
}

fn unlist_extension(object: &mut Object, uri: &str) {
    let key = json::spelling(object, "schemas");
    if let Some(Value::Array(listed)) = object.get_mut(&key) {
        listed.retain(|listed| !listed.as_str().is_some_and(|listed| listed.eq_ignore_ascii_case(uri)));
    }
}
