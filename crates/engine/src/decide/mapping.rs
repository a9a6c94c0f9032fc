//! The value that an attribute mapping gives, in the type of its target attribute.

use std::cell::RefCell;

use provisor_expression::{Outcome, Value};

use super::Context;
use crate::ports::{AttributeType, SlotValue, TargetAttribute};
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
    /// It depends on whether the target has this value (`SelectUniqueValue`).
    Unknown(SlotValue),
}

/// What was found out about values that a new object must not share with another.
#[derive(Debug, Default)]
pub(super) struct Taken {
    known: Vec<(SlotValue, bool)>,
    asked: Option<SlotValue>,
}

impl Taken {
    pub(super) fn ask(&mut self, value: SlotValue) {
        self.asked = Some(value);
    }

    pub(super) fn learn(&mut self, taken: bool) {
        self.known.extend(self.asked.take().map(|value| (value, taken)));
    }

    fn get(&self, slot: usize, value: &str) -> Option<bool> {
        let mut known = self.known.iter();
        let known = known.find(|(known, _)| known.slot == slot && known.value.as_str() == Some(value));
        known.map(|(_, taken)| *taken)
    }
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
    taken: &Taken,
) -> Result<Flowed, String> {
    let evaluation = Evaluation { context, slot: flow.slot, taken, unknown: RefCell::new(None) };
    let value = match &flow.source {
        FlowSource::None => Value::Null,
        FlowSource::Attribute(slot) => values.get(*slot).cloned().unwrap_or_default(),
        FlowSource::Program(program) => match program.evaluate(values, &evaluation) {
            Ok(Outcome::Value(value)) => value,
            Ok(Outcome::Dropped) => return Ok(Flowed::Dropped),
            Ok(Outcome::ObjectSkipped) => return Ok(Flowed::ObjectSkipped),
            Ok(Outcome::Roles { roles, .. }) => Value::List(roles),
            Err(error) => return Err(format!("the mapping of '{}' gives no value: {error}", attribute.name)),
        },
    };
    if let Some(value) = evaluation.unknown.into_inner() {
        return Ok(Flowed::Unknown(value));
    }
    convert(value, attribute).map(Flowed::Value)
}

struct Evaluation<'a> {
    context: &'a Context<'a>,
    slot: usize,
    taken: &'a Taken,
    /// The first value of which it is not known whether the target has it.
    unknown: RefCell<Option<SlotValue>>,
}

impl provisor_expression::Context for Evaluation<'_> {
    fn now(&self) -> jiff::Timestamp {
        self.context.now
    }

    fn random_u64(&self) -> u64 {
        self.context.ids.random()
    }

    // Nothing can be asked for from inside an evaluation: it ends, and is repeated with the answer.
    fn exists_in_target(&self, value: &str) -> bool {
        self.taken.get(self.slot, value).unwrap_or_else(|| {
            let unknown = SlotValue { slot: self.slot, value: Value::from(value) };
            self.unknown.borrow_mut().get_or_insert(unknown);
            false
        })
    }

    fn default_domain(&self) -> Option<&str> {
        self.context.policy.default_domain.as_deref()
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
