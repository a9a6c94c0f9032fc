//! The value that an attribute mapping gives, in the type of its target attribute.

use provisor_expression::{Outcome, Value};

use super::Context;
use crate::ports::{AttributeType, TargetAttribute};
use crate::schema::{AttributeFlow, FlowSource};

/// What an attribute mapping gives.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Flowed {
    /// A value; null when the source has none.
    Value(Value),
    /// The attribute is left alone (`IgnoreFlowIfNullOrEmpty`).
    Dropped,
    /// The whole object is left alone (`IgnoreObjectFlow`).
    ObjectSkipped,
}

/// Evaluates one attribute mapping.
///
/// # Errors
/// A sentence that says why there is no value.
pub(super) fn evaluate(
    flow: &AttributeFlow,
    attribute: &TargetAttribute,
    values: &[Value],
    context: &Context<'_>,
) -> Result<Flowed, String> {
    let value = match &flow.source {
        FlowSource::None => Value::Null,
        FlowSource::Attribute(slot) => values.get(*slot).cloned().unwrap_or_default(),
        FlowSource::Program(program) => match program.evaluate(values, &Evaluation(context)) {
            Ok(Outcome::Value(value)) => value,
            Ok(Outcome::Dropped) => return Ok(Flowed::Dropped),
            Ok(Outcome::ObjectSkipped) => return Ok(Flowed::ObjectSkipped),
            Ok(Outcome::Roles { roles, .. }) => Value::List(roles),
            Err(error) => return Err(format!("the mapping of '{}' gives no value: {error}", attribute.name)),
        },
    };
    convert(value, attribute).map(Flowed::Value)
}

struct Evaluation<'a>(&'a Context<'a>);

impl provisor_expression::Context for Evaluation<'_> {
    fn now(&self) -> jiff::Timestamp {
        self.0.now
    }

    fn random_u64(&self) -> u64 {
        self.0.ids.random()
    }

    // Uniqueness cannot be asked for from inside a decision: it takes every value for free. What clashes is
    // refused by the target, matched again, and told in the log.
    fn exists_in_target(&self, _value: &str) -> bool {
        false
    }

    fn default_domain(&self) -> Option<&str> {
        self.0.policy.default_domain.as_deref()
    }
}

/// Brings a value into the declared type of its target attribute.
fn convert(value: Value, attribute: &TargetAttribute) -> Result<Value, String> {
    match value {
        Value::Null => Ok(Value::Null),
        Value::List(values) if attribute.multivalued => {
            let values: Result<Vec<Value>, String> =
                values.iter().map(|value| convert_single(value.clone(), attribute)).collect();
            Ok(Value::List(values?.into()))
        }
        // A single-valued attribute takes the first of several values, as matching by it would.
        Value::List(values) => match values.first() {
            Some(first) => convert_single(first.clone(), attribute),
            None => Ok(Value::Null),
        },
        value if attribute.multivalued && !matches!(value, Value::Record(_)) => {
            if value.is_null_or_empty() {
                return Ok(Value::Null);
            }
            Ok(Value::List(vec![convert_single(value, attribute)?].into()))
        }
        value => convert_single(value, attribute),
    }
}

fn convert_single(value: Value, attribute: &TargetAttribute) -> Result<Value, String> {
    let mismatch = |wanted: &str| {
        let text = value.text().unwrap_or_default();
        let text: String = text.chars().take(64).collect();
        format!("'{text}' is not {wanted}, which the target attribute '{}' holds", attribute.name)
    };
    match attribute.attribute_type {
        AttributeType::Boolean => match &value {
            Value::Boolean(_) | Value::Null => Ok(value),
            other => match other.text().as_deref().map(str::trim) {
                Some(text) if text.eq_ignore_ascii_case("true") => Ok(Value::Boolean(true)),
                Some(text) if text.eq_ignore_ascii_case("false") => Ok(Value::Boolean(false)),
                Some("") => Ok(Value::Null),
                _ => Err(mismatch("a boolean")),
            },
        },
        AttributeType::Integer => match value.text().as_deref().map(str::trim) {
            None | Some("") => Ok(Value::Null),
            Some(text) => text.parse::<i64>().map(Value::from).map_err(|_| mismatch("a whole number")),
        },
        AttributeType::DateTime => match &value {
            Value::DateTime(instant) => Ok(Value::from(instant.to_string())),
            _ => Ok(value),
        },
        AttributeType::String | AttributeType::Reference | AttributeType::Binary => match value {
            Value::String(_) | Value::Null | Value::Binary(_) | Value::Record(_) => Ok(value),
            other => Ok(other.text().map_or(Value::Null, |text| Value::from(text.into_owned()))),
        },
    }
}
