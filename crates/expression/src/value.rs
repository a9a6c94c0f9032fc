//! The values that flow through an expression.

mod date_time;
mod number;

use std::borrow::Cow;
use std::sync::Arc;

pub use date_time::DateTime;
pub(crate) use date_time::TICKS_PER_SECOND;
pub use number::Number;
pub(crate) use number::{Decimal, integer};

/// A value of a source attribute, or what an expression makes of such values.
///
/// Cloning is cheap: everything of unbounded size is shared.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Value {
    /// No value: the attribute is absent.
    #[default]
    Null,
    /// `True` or `False`.
    Boolean(bool),
    /// An integer, or a number as it was written.
    Number(Number),
    /// Text.
    String(Arc<str>),
    /// An instant in UTC.
    DateTime(DateTime),
    /// The values of a multi-valued attribute, in order.
    List(Arc<[Value]>),
    /// Bytes, such as a security identifier.
    Binary(Arc<[u8]>),
    /// A complex value by the names of its sub-attributes, such as an app role assignment.
    Record(Arc<[(Arc<str>, Value)]>),
}

impl Value {
    /// Whether there is no value. A multi-valued attribute without values is absent, too.
    #[must_use]
    pub fn is_null(&self) -> bool {
        match self {
            Value::Null => true,
            Value::List(values) => values.is_empty(),
            _ => false,
        }
    }

    /// Whether there is no value, or only the empty text.
    #[must_use]
    pub fn is_null_or_empty(&self) -> bool {
        match self {
            Value::String(text) => text.is_empty(),
            Value::List(values) => values.iter().all(Value::is_null_or_empty),
            _ => self.is_null(),
        }
    }

    /// The text of a string value; `None` for every other type.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The text form, in which the value is compared, joined and shown: `True`, `12.50`,
    /// `3/16/2020 7:00:00 AM`. Null, lists, bytes and records have none.
    #[must_use]
    pub fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Value::Boolean(true) => Some(Cow::Borrowed("True")),
            Value::Boolean(false) => Some(Cow::Borrowed("False")),
            Value::Number(number) => Some(number.text()),
            Value::String(text) => Some(Cow::Borrowed(text)),
            Value::DateTime(instant) => Some(Cow::Owned(instant.to_string())),
            Value::Null | Value::List(_) | Value::Binary(_) | Value::Record(_) => None,
        }
    }

    /// The values of a list, or the value itself as the only one; none for null.
    #[must_use]
    pub fn values(&self) -> &[Value] {
        match self {
            Value::Null => &[],
            Value::List(values) => values,
            single => std::slice::from_ref(single),
        }
    }

    /// The sub-attribute `name` of a record, found without regard to case (RFC 7643, 2.1).
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Record(fields) => {
                fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// Whether the value counts as true: the boolean, the text `True` in any case, or a number
    /// other than zero.
    pub(crate) fn is_true(&self) -> bool {
        match self {
            Value::Boolean(value) => *value,
            Value::String(text) => text.eq_ignore_ascii_case("true"),
            Value::Number(number) => !number.is_zero(),
            Value::List(values) => matches!(&values[..], [single] if single.is_true()),
            _ => false,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::String(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::String(text.into())
    }
}

impl From<Arc<str>> for Value {
    fn from(text: Arc<str>) -> Value {
        Value::String(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Value {
        Value::Boolean(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Value {
        Value::Number(Number::from(value))
    }
}

impl From<DateTime> for Value {
    fn from(value: DateTime) -> Value {
        Value::DateTime(value)
    }
}

impl From<Vec<Value>> for Value {
    fn from(values: Vec<Value>) -> Value {
        Value::List(values.into())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_without_values_is_null() {
        assert!(Value::from(Vec::new()).is_null());
        assert!(!Value::from("").is_null());
        assert!(Value::from("").is_null_or_empty());
        assert!(Value::from(vec![Value::from("")]).is_null_or_empty());
        assert!(!Value::from(false).is_null_or_empty());
    }

    #[test]
    fn text_forms() {
        assert_eq!(Value::from(true).text().as_deref(), Some("True"));
        assert_eq!(Value::from(-7).text().as_deref(), Some("-7"));
        assert_eq!(Value::Null.text(), None);
        assert_eq!(Value::from(vec![Value::from("a")]).text(), None);
    }

    #[test]
    fn fields_ignore_case() {
        let role = Value::Record([("displayName".into(), Value::from("Admin"))].into());
        assert_eq!(role.field("DisplayName"), Some(&Value::from("Admin")));
        assert_eq!(role.field("id"), None);
    }
}
