//! From SCIM resources to target objects.

use provisor_engine::object::{TargetId, TargetObject};
use provisor_engine::ports::AttributeType;
use provisor_expression::Value;
use provisor_scim::resource;
use serde_json::Value as Json;

use super::shape::{ScimAttribute, Shape};

/// A resource as the engine sees it; `None` when it has no id.
pub(super) fn object(shape: &Shape, resource: &Json) -> Option<TargetObject> {
    let id = resource::id(resource)?;
    let values = shape.attributes.iter().map(|attribute| value(attribute, resource)).collect();
    Some(TargetObject { id: TargetId::new(id), values })
}

fn value(attribute: &ScimAttribute, resource: &Json) -> Value {
    if attribute.declared.attribute_type == AttributeType::Reference {
        return Value::Null;
    }
    let mut found = attribute.path.values(resource).into_iter();
    if attribute.declared.multivalued {
        let values: Vec<Value> =
            found.flat_map(elements).map(single).filter(|value| !value.is_null()).collect();
        return if values.is_empty() { Value::Null } else { Value::List(values.into()) };
    }
    found.next().map_or(Value::Null, single)
}

fn elements(value: &Json) -> std::slice::Iter<'_, Json> {
    match value {
        Json::Array(values) => values.iter(),
        single => std::slice::from_ref(single).iter(),
    }
}

fn single(value: &Json) -> Value {
    match value {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Boolean(*truth),
        Json::Number(number) => number.as_i64().map_or_else(|| Value::from(number.to_string()), Value::from),
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(values) => values.first().map_or(Value::Null, single),
        // A complex value stands for its `value` (RFC 7643 section 2.4).
        Json::Object(_) => resource::get(value, "value").map_or(Value::Null, single),
    }
}

/// The resources of a list answer; `None` when it is none.
pub(super) fn resources(answer: &Json) -> Option<&[Json]> {
    match resource::get(answer, "Resources") {
        Some(Json::Array(resources)) => Some(resources),
        // Servers leave the list out when it is empty (RFC 7644 section 3.4.2 allows it).
        Some(Json::Null) | None if resource::get(answer, "totalResults").is_some() => Some(&[]),
        _ => None,
    }
}
