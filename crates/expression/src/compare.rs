//! The comparison operators.

use std::cmp::Ordering;

use crate::tree::Operator;
use crate::value::{Decimal, Value};

/// The value itself, or the only value of a list; `None` for several values.
pub(crate) fn single(value: &Value) -> Option<&Value> {
    const NULL: &Value = &Value::Null;
    match value {
        Value::List(values) => match &values[..] {
            [] => Some(NULL),
            [only] => Some(only),
            _ => None,
        },
        value => Some(value),
    }
}

/// Numerically when one side is a number and the other one is or looks like one, otherwise by the
/// text forms, ordinally. Null equals nothing but null, and is neither less nor greater.
/// `None` when a side has several values.
pub(crate) fn compare(operator: Operator, left: &Value, right: &Value) -> Option<bool> {
    let (left, right) = (single(left)?, single(right)?);
    let ordering = if left.is_null() || right.is_null() {
        (left.is_null() && right.is_null()).then_some(Ordering::Equal)
    } else if let (Value::Binary(left), Value::Binary(right)) = (left, right) {
        Some(left.cmp(right))
    } else if let (Value::DateTime(left), Value::DateTime(right)) = (left, right) {
        Some(left.cmp(right))
    } else {
        let (left_text, right_text) = (left.text()?, right.text()?);
        let numeric = matches!(left, Value::Number(_)) || matches!(right, Value::Number(_));
        match (Decimal::read(left_text.trim()), Decimal::read(right_text.trim())) {
            (Some(left), Some(right)) if numeric => Some(left.cmp(&right)),
            _ => Some(utf16_order(&left_text, &right_text)),
        }
    };
    Some(match operator {
        Operator::Equal => ordering == Some(Ordering::Equal),
        Operator::NotEqual => ordering != Some(Ordering::Equal),
        Operator::Less => ordering == Some(Ordering::Less),
        Operator::LessOrEqual => matches!(ordering, Some(Ordering::Less | Ordering::Equal)),
        Operator::Greater => ordering == Some(Ordering::Greater),
        Operator::GreaterOrEqual => matches!(ordering, Some(Ordering::Greater | Ordering::Equal)),
    })
}

/// The order of .NET's ordinal comparison: by UTF-16 code units.
fn utf16_order(left: &str, right: &str) -> Ordering {
    left.encode_utf16().cmp(right.encode_utf16())
}
