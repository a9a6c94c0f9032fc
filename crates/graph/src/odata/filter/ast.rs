//! The tree of a filter.

use jiff::Timestamp;
use uuid::Uuid;

use super::Term;

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// All hold. Made by [`Expression::and`].
    And(Vec<Expression>),
    /// At least one holds. Made by [`Expression::or`].
    Or(Vec<Expression>),
    /// It does not hold.
    Not(Box<Expression>),
    /// Two values compared.
    Compare(Operand, Operator, Operand),
    /// A value that is one of a list.
    In(Operand, Vec<Literal>),
    /// A property that is itself true or false.
    Property(Path),
    /// Some or all elements of a collection.
    Lambda {
        /// The collection.
        path: Path,
        /// Some or all.
        quantifier: Quantifier,
        /// The variable and the condition; `None` for `any()`: there is an element.
        condition: Option<(String, Box<Expression>)>,
    },
}

/// Which elements a lambda is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantifier {
    /// At least one.
    Any,
    /// Every one.
    All,
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
    /// Less.
    Lt,
    /// Less or equal.
    Le,
    /// Begins with.
    StartsWith,
    /// Ends with.
    EndsWith,
    /// Has within.
    Contains,
}

impl Operator {
    /// Its name in a filter.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Gt => "gt",
            Self::Ge => "ge",
            Self::Lt => "lt",
            Self::Le => "le",
            Self::StartsWith => "startswith",
            Self::EndsWith => "endswith",
            Self::Contains => "contains",
        }
    }

    /// Whether it is written as a function: `startswith(a,b)`.
    #[must_use]
    pub const fn is_function(self) -> bool {
        matches!(self, Self::StartsWith | Self::EndsWith | Self::Contains)
    }

    /// The operator with its sides exchanged.
    const fn mirrored(self) -> Option<Self> {
        match self {
            Self::Eq | Self::Ne => Some(self),
            Self::Gt => Some(Self::Lt),
            Self::Ge => Some(Self::Le),
            Self::Lt => Some(Self::Gt),
            Self::Le => Some(Self::Ge),
            Self::StartsWith | Self::EndsWith | Self::Contains => None,
        }
    }
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// Of a property.
    Path(Path),
    /// As written.
    Literal(Literal),
    /// Of a function.
    Call(Function, Box<Operand>),
}

/// A function of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// In lower case.
    ToLower,
    /// In upper case.
    ToUpper,
}

impl Function {
    /// Its name in a filter.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ToLower => "tolower",
            Self::ToUpper => "toupper",
        }
    }
}

/// The path of a property; in a lambda it may begin with the variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path(pub Vec<String>);

/// A literal.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `null`
    Null,
    /// `true`
    Boolean(bool),
    /// `17`
    Integer(i64),
    /// `1.5`
    Decimal(f64),
    /// `'O''Neil'`
    String(String),
    /// `5d2b9d0f-0d5d-4b7e-9a4d-1f6f2f2d7c10`
    Guid(Uuid),
    /// `2026-03-04T09:12:44Z`; a date stands for its midnight in UTC.
    DateTime(Timestamp),
    /// `microsoft.graph.provisioningAction'create'`
    Enum {
        /// The qualified type.
        type_name: String,
        /// The member or members.
        member: String,
    },
}

impl Expression {
    /// All of these hold; nested conjunctions are made one.
    #[must_use]
    pub fn and(parts: Vec<Self>) -> Self {
        Self::joined(parts, Self::And, |part| match part {
            Self::And(inner) => Ok(inner),
            other => Err(other),
        })
    }

    /// One of these holds; nested disjunctions are made one.
    #[must_use]
    pub fn or(parts: Vec<Self>) -> Self {
        Self::joined(parts, Self::Or, |part| match part {
            Self::Or(inner) => Ok(inner),
            other => Err(other),
        })
    }

    fn joined(
        parts: Vec<Self>,
        join: impl FnOnce(Vec<Self>) -> Self,
        open: impl Fn(Self) -> Result<Vec<Self>, Self>,
    ) -> Self {
        let mut flat = Vec::with_capacity(parts.len());
        for part in parts {
            match open(part) {
                Ok(inner) => flat.extend(inner),
                Err(single) => flat.push(single),
            }
        }
        match flat.pop() {
            Some(only) if flat.is_empty() => only,
            last => {
                flat.extend(last);
                join(flat)
            }
        }
    }

    /// Calls `visit` with every path that begins at the resource.
    pub(super) fn visit_paths<'a>(&'a self, visit: &mut impl FnMut(&'a Path)) {
        self.visit_free(&mut Vec::new(), visit);
    }

    fn visit_free<'a>(&'a self, bound: &mut Vec<&'a str>, visit: &mut impl FnMut(&'a Path)) {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.visit_free(bound, visit)),
            Self::Not(inner) => inner.visit_free(bound, visit),
            Self::Compare(left, _, right) => {
                for path in left.path().into_iter().chain(right.path()) {
                    path.visit_unless(bound, visit);
                }
            }
            Self::In(operand, _) => {
                if let Some(path) = operand.path() {
                    path.visit_unless(bound, visit);
                }
            }
            Self::Property(path) => path.visit_unless(bound, visit),
            Self::Lambda { path, condition, .. } => {
                path.visit_unless(bound, visit);
                if let Some((variable, condition)) = condition {
                    bound.push(variable);
                    condition.visit_free(bound, visit);
                    bound.pop();
                }
            }
        }
    }

    /// The condition as a term, when it compares a property with a literal.
    pub(super) fn as_term(&self) -> Option<Term> {
        let Self::Compare(left, operator, right) = self else { return None };
        let (path, operator, value) = match (left, right) {
            (Operand::Path(path), Operand::Literal(value)) => (path, *operator, value),
            (Operand::Literal(value), Operand::Path(path)) => (path, operator.mirrored()?, value),
            _ => return None,
        };
        Some(Term { path: path.to_string(), operator, value: value.clone() })
    }
}

impl Operand {
    /// The property that it is, or is made from.
    fn path(&self) -> Option<&Path> {
        match self {
            Self::Path(path) => Some(path),
            Self::Literal(_) => None,
            Self::Call(_, inner) => inner.path(),
        }
    }
}

impl Path {
    fn visit_unless<'a>(&'a self, bound: &[&str], visit: &mut impl FnMut(&'a Self)) {
        if !self.0.first().is_some_and(|first| bound.contains(&first.as_str())) {
            visit(self);
        }
    }
}
