//! Filters (RFC 7644, 3.4.2.2): reading, writing, and evaluating against JSON.
//!
//! Beyond the grammar of the RFC, a comparison may be made on selected values, as in
//! `emails[type eq "work"].value eq "ada@example.com"`: Entra asks so when it matches on an address.

mod evaluate;
pub(crate) mod parse;

use std::fmt;
use std::str::FromStr;

use serde_json::Value;

use crate::path::{Attribute, Path, SyntaxError};

/// How deep parentheses and brackets may nest.
pub const MAX_DEPTH: usize = 32;

/// The longest filter or path that is read, in bytes.
pub const MAX_LENGTH: usize = 65_536;

/// A comparison operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CompareOp {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Contains.
    Co,
    /// Starts with.
    Sw,
    /// Ends with.
    Ew,
    /// Greater than.
    Gt,
    /// Greater than or equal.
    Ge,
    /// Less than.
    Lt,
    /// Less than or equal.
    Le,
}

impl CompareOp {
    /// All operators.
    pub const ALL: [Self; 9] =
        [Self::Eq, Self::Ne, Self::Co, Self::Sw, Self::Ew, Self::Gt, Self::Ge, Self::Lt, Self::Le];

    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Co => "co",
            Self::Sw => "sw",
            Self::Ew => "ew",
            Self::Gt => "gt",
            Self::Ge => "ge",
            Self::Lt => "lt",
            Self::Le => "le",
        }
    }

    fn is_ordering(self) -> bool {
        matches!(self, Self::Gt | Self::Ge | Self::Lt | Self::Le)
    }
}

/// A filter.
///
/// `And` and `Or` hold two or more parts; a filter with fewer does not read back as itself.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// `path pr`: a value is there and is not empty.
    Present(Path),
    /// `path op value`.
    Compare {
        /// What is compared.
        path: Path,
        /// How.
        op: CompareOp,
        /// With what: a JSON string, number, boolean or null.
        value: Value,
    },
    /// `attribute[filter]`: one element of the attribute satisfies the whole filter.
    ValuePath {
        /// The multi-valued or complex attribute.
        attribute: Attribute,
        /// The filter over each of its elements.
        filter: Box<Filter>,
    },
    /// All of them hold.
    And(Vec<Filter>),
    /// Any of them holds.
    Or(Vec<Filter>),
    /// It does not hold.
    Not(Box<Filter>),
}

impl Filter {
    /// Reads a filter.
    ///
    /// # Errors
    /// With the position, when the text is not a filter, is longer than [`MAX_LENGTH`], or nests
    /// deeper than [`MAX_DEPTH`].
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        let mut parser = parse::Parser::new(text)?;
        let filter = parser.filter()?;
        parser.end()?;
        Ok(filter)
    }

    /// `path eq value`. Strings are written as JSON strings, so any text is safe as a value.
    #[must_use]
    pub fn eq(path: Path, value: impl Into<Value>) -> Self {
        Self::Compare { path, op: CompareOp::Eq, value: value.into() }
    }

    /// Both this and `other`.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match self {
            Self::And(mut parts) => {
                parts.push(other);
                Self::And(parts)
            }
            first => Self::And(vec![first, other]),
        }
    }

    /// This or `other`.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match self {
            Self::Or(mut parts) => {
                parts.push(other);
                Self::Or(parts)
            }
            first => Self::Or(vec![first, other]),
        }
    }

    /// The parts that all have to hold: those of an `And`, or the filter itself.
    #[must_use]
    pub fn conjuncts(&self) -> &[Self] {
        match self {
            Self::And(parts) => parts,
            single => std::slice::from_ref(single),
        }
    }

    /// Path and value when this is a single `eq`.
    #[must_use]
    pub fn as_equality(&self) -> Option<(&Path, &Value)> {
        match self {
            Self::Compare { path, op: CompareOp::Eq, value } => Some((path, value)),
            _ => None,
        }
    }

    /// Whether `resource` satisfies the filter. Attribute names and schemas ignore letter case; a
    /// multi-valued attribute satisfies a comparison when one of its values does.
    #[must_use]
    pub fn matches(&self, resource: &Value) -> bool {
        evaluate::matches(self, resource)
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Present(path) => write!(f, "{path} pr"),
            Self::Compare { path, op, value } => write!(f, "{path} {} {value}", op.as_str()),
            Self::ValuePath { attribute, filter } => write!(f, "{attribute}[{filter}]"),
            Self::Not(inner) => write!(f, "not ({inner})"),
            Self::And(parts) => join(f, parts, " and ", |part| matches!(part, Self::And(_) | Self::Or(_))),
            Self::Or(parts) => join(f, parts, " or ", |part| matches!(part, Self::Or(_))),
        }
    }
}

fn join(
    f: &mut fmt::Formatter<'_>,
    parts: &[Filter],
    word: &str,
    grouped: impl Fn(&Filter) -> bool,
) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(word)?;
        }
        if grouped(part) { write!(f, "({part})")? } else { write!(f, "{part}")? }
    }
    Ok(())
}

impl FromStr for Filter {
    type Err = SyntaxError;

    fn from_str(text: &str) -> Result<Self, SyntaxError> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests;
