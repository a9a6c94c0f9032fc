//! What an evaluation ends in.

use std::fmt;
use std::sync::Arc;

use crate::value::Value;

/// How the result of a role function is written to an existing target object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PatchOperation {
    /// The roles are added to those the object has.
    Add,
    /// The roles take the place of those the object has.
    Replace,
}

/// What an evaluation ends in.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// A value; [`Value::Null`] when there is none to provision.
    Value(Value),
    /// Roles for a multi-valued complex attribute, as records of `value`, `display`, `primary` and
    /// `type`. An empty list with [`PatchOperation::Replace`] removes all roles.
    Roles {
        /// The records.
        roles: Arc<[Value]>,
        /// How to write them.
        operation: PatchOperation,
    },
    /// The attribute is left out of the flow.
    Dropped,
    /// The whole object is left out of the flow (`IgnoreObjectFlow`).
    ObjectSkipped,
}

impl Outcome {
    /// The value, when the outcome is one.
    #[must_use]
    pub fn value(&self) -> Option<&Value> {
        match self {
            Outcome::Value(value) => Some(value),
            _ => None,
        }
    }
}

impl fmt::Display for Outcome {
    /// For people: several values are separated by `; `, and what is no text stands in parentheses.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Dropped => formatter.write_str("(dropped)"),
            Outcome::ObjectSkipped => formatter.write_str("(object skipped)"),
            Outcome::Roles { roles, .. } => show(roles, formatter),
            Outcome::Value(Value::Null) => formatter.write_str("(null)"),
            Outcome::Value(value) => show(value.values(), formatter),
        }
    }
}

fn show(values: &[Value], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            formatter.write_str("; ")?;
        }
        match (value.text(), value) {
            (Some(text), _) => formatter.write_str(&text)?,
            (None, Value::Binary(bytes)) => write!(formatter, "({} bytes)", bytes.len())?,
            (None, Value::Record(fields)) => {
                let text = |(name, value): &(Arc<str>, Value)| {
                    format!("{name}={}", value.text().unwrap_or_default())
                };
                let fields: Vec<String> = fields.iter().map(text).collect();
                write!(formatter, "{{{}}}", fields.join(", "))?;
            }
            (None, Value::List(_)) => formatter.write_str("(list)")?,
            (None, _) => formatter.write_str("(null)")?,
        }
    }
    Ok(())
}
