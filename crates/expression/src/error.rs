//! Why an evaluation fails.

use crate::diagnostic::{Span, show};

/// What kind of failure an [`EvaluationError`] is, stable for programs to act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// An argument has a value that the function does not take.
    Argument,
    /// A text is not a date in the expected form.
    DateFormat,
    /// A date lies outside the years 1 to 9999.
    DateRange,
    /// A list has no value at the wanted position.
    Index,
    /// A regular expression is invalid or too costly.
    Pattern,
    /// Every value that `SelectUniqueValue` could choose is taken.
    NoUniqueValue,
    /// The expression itself asked for the failure (`Error`).
    Custom,
    /// Something the expression needs is not configured, such as the default domain.
    Configuration,
    /// The result, or the work to compute it, exceeds the limits.
    Limit,
}

impl ErrorKind {
    /// The kind as a word, as in `date-format`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            ErrorKind::Argument => "argument",
            ErrorKind::DateFormat => "date-format",
            ErrorKind::DateRange => "date-range",
            ErrorKind::Index => "index",
            ErrorKind::Pattern => "regex",
            ErrorKind::NoUniqueValue => "no-unique-value",
            ErrorKind::Custom => "custom",
            ErrorKind::Configuration => "configuration",
            ErrorKind::Limit => "limit",
        }
    }
}

/// The value of an expression cannot be computed for this object.
///
/// Messages never contain attribute values: they may be secret, and they go to logs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", self.prefix())]
pub struct EvaluationError {
    /// What kind of failure it is.
    pub kind: ErrorKind,
    /// The function that failed; `None` for an operator or a token.
    pub function: Option<&'static str>,
    /// Where in the expression.
    pub span: Span,
    /// What failed and what to do about it.
    pub message: String,
}

impl EvaluationError {
    /// The error with the line of the expression's text it stands on and a caret below the place.
    #[must_use]
    pub fn render(&self, text: &str) -> String {
        show(self.kind.as_str(), &self.to_string(), text, self.span, None, None)
    }

    fn prefix(&self) -> String {
        self.function.map(|name| format!("{name}: ")).unwrap_or_default()
    }
}

/// Why an evaluation ends without a value.
#[derive(Debug)]
pub(crate) enum Interrupt {
    /// This attribute is not to flow.
    Dropped,
    /// The whole object is not to flow.
    ObjectSkipped,
    /// Boxed, because every step of an evaluation returns it.
    Failed(Box<EvaluationError>),
}
