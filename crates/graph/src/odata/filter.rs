//! `$filter`: reading, printing and evaluating OData filter expressions (OData URL conventions, 5.1.1).
//!
//! `eq ne gt ge lt le in and or not`, parentheses, `startswith`, `endswith`, `contains`, `tolower`, `toupper`,
//! `any` and `all`, property paths with `/` and `/$count`. Reading is linear in the length of the text;
//! nesting and length are bounded.

mod ast;
mod check;
mod evaluate;
mod lexer;
mod parser;
mod print;

#[cfg(test)]
mod tests;

use std::fmt;

use serde_json::Value as Json;

use crate::error::GraphError;

pub use ast::{Expression, Function, Literal, Operand, Operator, Path, Quantifier};
pub use check::{Field, Kind, Members, Table};
pub use evaluate::{Case, Comparison};

/// A filter, ready to be evaluated.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    root: Expression,
}

/// One condition that every object which passes the filter meets.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// The property: `displayName`, `servicePrincipal/id`.
    pub path: String,
    /// How it is compared.
    pub operator: Operator,
    /// What it is compared with.
    pub value: Literal,
}

/// Reads a filter.
///
/// # Errors
/// 400 `Invalid filter clause: …` with the position (counted in characters, from 0) where it breaks.
pub fn parse(text: &str) -> Result<Filter, GraphError> {
    parser::parse(text).map(|root| Filter { root }).map_err(|problem| {
        let at = text.get(..problem.at).map_or(0, |before| before.chars().count());
        GraphError::invalid_filter(&format!("{} at position {at} in '{text}'.", problem.message))
    })
}

impl Filter {
    /// A filter of an expression that was made by hand.
    #[must_use]
    pub const fn new(root: Expression) -> Self {
        Self { root }
    }

    /// Its expression.
    #[must_use]
    pub const fn expression(&self) -> &Expression {
        &self.root
    }

    /// Whether a resource passes. Property names compare without regard to case.
    #[must_use]
    pub fn matches(&self, resource: &Json, case: Case) -> bool {
        self.matches_by(resource, &Comparison::of(case))
    }

    /// Whether a resource passes, by rules of its own.
    #[must_use]
    pub fn matches_by(&self, resource: &Json, comparison: &Comparison<'_>) -> bool {
        evaluate::matches(&self.root, resource, comparison)
    }

    /// The properties that the filter looks at, once for every place where it does.
    #[must_use]
    pub fn properties(&self) -> Vec<String> {
        let mut properties = Vec::new();
        self.root.visit_paths(&mut |path| properties.push(path.to_string()));
        properties
    }

    /// The conditions that stand alone or are joined by `and` at the top, as far as they compare a property
    /// with a literal: an index may answer them, whatever the rest of the filter says. `startswith` counts as
    /// [`Operator::StartsWith`].
    #[must_use]
    pub fn conjuncts(&self) -> Vec<Term> {
        let parts = match &self.root {
            Expression::And(parts) => parts.as_slice(),
            single => std::slice::from_ref(single),
        };
        parts.iter().filter_map(Expression::as_term).collect()
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root.fmt(f)
    }
}
