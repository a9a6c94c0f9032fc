//! Outcomes as JSON and as text.

use provisor_expression::{Outcome, PatchOperation, Value, quote};
use serde_json::{Value as Json, json};

/// The outcome in the form that `expected` has in vectors.
#[must_use]
pub fn to_json(outcome: &Outcome) -> Json {
    match outcome {
        Outcome::Value(value) => value_json(value),
        Outcome::Dropped => json!({ "dropped": true }),
        Outcome::ObjectSkipped => json!({ "objectSkipped": true }),
        Outcome::Roles { roles, operation } => {
            let roles: Vec<Json> = roles.iter().map(value_json).collect();
            json!({ "roles": roles, "patchOp": patch_operation(*operation) })
        }
    }
}

/// The outcome as code: texts in quotation marks, lists in brackets.
#[must_use]
pub fn to_code(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Value(value) => value_code(value),
        other => other.to_string(),
    }
}

/// The name of the operation in a SCIM PATCH.
pub(super) fn patch_operation(operation: PatchOperation) -> &'static str {
    match operation {
        PatchOperation::Add => "add",
        PatchOperation::Replace => "replace",
    }
}

fn value_json(value: &Value) -> Json {
    match value {
        Value::List(values) => values.iter().map(value_json).collect(),
        Value::Record(fields) => {
            let field = |(name, value): &(std::sync::Arc<str>, Value)| {
                let json = match value {
                    Value::Boolean(value) => Json::from(*value),
                    value => value_json(value),
                };
                (name.to_string(), json)
            };
            fields.iter().map(field).collect()
        }
        Value::Binary(bytes) => {
            use base64::Engine as _;
            json!({ "base64": base64::engine::general_purpose::STANDARD.encode(bytes) })
        }
        value => value.text().map_or(Json::Null, Json::from),
    }
}

fn value_code(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::String(text) => quote(text),
        Value::List(values) => format!("[{}]", values.iter().map(value_code).collect::<Vec<_>>().join(", ")),
        other => Outcome::Value(other.clone()).to_string(),
    }
}
