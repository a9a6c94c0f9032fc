//! From decided values and changes to SCIM bodies.

use provisor_engine::ports::{Change, ChangeKind, SlotValue};
use provisor_expression::Value;
use provisor_scim::{Op, Operation, PatchRequest, Path, ScimError, patch};
use serde_json::{Map, Value as Json, json};

use super::manners::Manners;
use super::shape::{ScimAttribute, Shape};

/// A value on the wire.
pub(super) fn json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Boolean(truth) => Json::Bool(*truth),
        Value::List(values) => Json::Array(values.iter().map(json).collect()),
        Value::Record(fields) => {
            Json::Object(fields.iter().map(|(name, value)| (name.to_string(), json(value))).collect())
        }
        Value::Number(_) => {
            let text = value.text().unwrap_or_default();
            serde_json::from_str(&text).unwrap_or_else(|_| Json::from(text.into_owned()))
        }
        single => single.text().map_or(Json::Null, |text| Json::from(text.into_owned())),
    }
}

/// The value of a multi-valued attribute: each value an element of its own (`[{"value": …}]`).
fn wire(attribute: &ScimAttribute, value: &Value) -> Json {
    match value {
        Value::List(values) if attribute.path.sub_attribute().is_none() => {
            Json::Array(values.iter().map(element).collect())
        }
        value => json(value),
    }
}

fn element(value: &Value) -> Json {
    match value {
        Value::Record(_) => json(value),
        single => json!({ "value": json(single) }),
    }
}

/// The body of a new resource.
pub(super) fn create(shape: &Shape, values: &[SlotValue], dropped: &[usize]) -> Result<Json, ScimError> {
    let mut body = Map::new();
    body.insert("schemas".into(), json!(shape.schemas));
    let mut body = Json::Object(body);
    for value in values.iter().filter(|value| !dropped.contains(&value.slot)) {
        if let Some(attribute) = shape.attribute(value.slot) {
            patch::set(&mut body, &attribute.path, &wire(attribute, &value.value))?;
        }
    }
    mark_primary(&mut body);
    Ok(body)
}

/// A work e-mail address is the primary one, as Entra sends it.
fn mark_primary(body: &mut Json) {
    let Some(Json::Array(emails)) = body.get_mut("emails") else { return };
    for email in emails.iter_mut().filter_map(Json::as_object_mut) {
        if email.get("type").and_then(Json::as_str) == Some("work") {
            email.insert("primary".into(), Json::Bool(true));
        }
    }
}

/// The PATCH for some changes. With `present`, the resource as it is now tells which elements exist; those
/// that do not are added whole where the target wants it so.
pub(super) fn update(
    shape: &Shape,
    changes: &[Change],
    dropped: &[usize],
    manners: &Manners,
    present: Option<&Json>,
) -> PatchRequest {
    let mut operations = Vec::with_capacity(changes.len());
    let mut whole: Vec<(Path, &str, Json)> = Vec::new();
    for change in changes.iter().filter(|change| !dropped.contains(&change.slot)) {
        let Some(attribute) = shape.attribute(change.slot) else { continue };
        if let Some(element) = missing_element(attribute, change, manners, present) {
            let wanted = whole.iter_mut().find(|(_, name, _)| *name == element);
            let body = match wanted {
                Some((_, _, body)) => body,
                None => {
                    let list = Path::of(attribute.path.attribute().clone());
                    whole.push((list, element, json!({})));
                    let Some((_, _, body)) = whole.last_mut() else { continue };
                    body
                }
            };
            // A path that cannot be set in an empty resource could not be patched either.
            let _unsettable = patch::set(body, &attribute.path, &wire(attribute, &change.new));
            continue;
        }
        operations.push(operation(attribute, change));
    }
    for (list, _, body) in whole {
        if let Some(elements) = list.values(&body).first() {
            let elements = match elements {
                Json::Array(_) => (*elements).clone(),
                single => json!([single]),
            };
            operations.push(Operation::add(list.clone(), elements));
        }
    }
    PatchRequest::new(operations)
}

fn operation(attribute: &ScimAttribute, change: &Change) -> Operation {
    let value = Some(wire(attribute, &change.new));
    let (op, value) = match change.kind {
        ChangeKind::Add => (Op::Add, value),
        ChangeKind::Replace => (Op::Replace, value),
        ChangeKind::Remove => (Op::Remove, None),
    };
    Operation { op, path: Some(attribute.path.clone()), value }
}

/// The element that a change would have to be made in, if the target wants elements added whole and this one
/// is not there yet.
fn missing_element<'a>(
    attribute: &'a ScimAttribute,
    change: &Change,
    manners: &Manners,
    present: Option<&Json>,
) -> Option<&'a str> {
    let element = attribute.element.as_deref()?;
    if change.kind != ChangeKind::Add || !manners.is_whole(element) {
        return None;
    }
    let exists = present.is_some_and(|resource| element_exists(attribute, resource));
    (!exists).then_some(element)
}

fn element_exists(attribute: &ScimAttribute, resource: &Json) -> bool {
    let Some(selector) = attribute.path.selector() else { return false };
    let list = Path::of(attribute.path.attribute().clone());
    list.values(resource)
        .into_iter()
        .flat_map(|value| match value {
            Json::Array(values) => values.iter(),
            single => std::slice::from_ref(single).iter(),
        })
        .any(|element| selector.matches(element))
}

/// The elements that changes would be made in by a selecting path (`add` at `emails[type eq "work"].value`).
pub(super) fn selected_elements(shape: &Shape, changes: &[Change], manners: &Manners) -> Vec<String> {
    changes
        .iter()
        .filter(|change| change.kind == ChangeKind::Add)
        .filter_map(|change| shape.attribute(change.slot)?.element.clone())
        .filter(|element| !manners.is_whole(element))
        .collect()
}

/// Whether a resource holds what changes added by selecting paths.
pub(super) fn holds(shape: &Shape, changes: &[Change], resource: &Json) -> bool {
    changes.iter().filter(|change| change.kind == ChangeKind::Add).all(|change| {
        let Some(attribute) = shape.attribute(change.slot) else { return true };
        attribute.element.is_none() || !attribute.path.values(resource).is_empty()
    })
}

/// Whether the resource must be read to know which of the whole elements exist.
pub(super) fn needs_present(shape: &Shape, changes: &[Change], manners: &Manners) -> bool {
    changes.iter().filter(|change| change.kind == ChangeKind::Add).any(|change| {
        shape.attribute(change.slot).and_then(|attribute| attribute.element.as_deref()).is_some_and(
            |element| {
                // With a single mapped sub-attribute, no value means no element.
                let sharers =
                    shape.attributes.iter().filter(|other| other.element.as_deref() == Some(element));
                manners.is_whole(element) && sharers.count() > 1
            },
        )
    })
}
