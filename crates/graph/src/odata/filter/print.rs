//! Filters as text. What is printed reads back as the same tree.

use std::fmt::{self, Display, Formatter};

use super::ast::{Expression, Literal, Operand, Path, Quantifier};
use crate::edm;

/// How tightly an expression binds.
fn strength(expression: &Expression) -> u8 {
    match expression {
        Expression::Or(_) => 0,
        Expression::And(_) => 1,
        // By the standard `not` binds tighter than a comparison, so what it denies stands in parentheses.
        Expression::In(..) => 2,
        Expression::Compare(_, operator, _) if !operator.is_function() => 2,
        _ => 3,
    }
}

/// Prints a part of an expression that binds as tightly as `outer`.
fn part(f: &mut Formatter<'_>, part: &Expression, outer: u8) -> fmt::Result {
    if strength(part) < outer { write!(f, "({part})") } else { part.fmt(f) }
}

impl Display for Expression {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(parts) | Self::Or(parts) => {
                let word = if matches!(self, Self::And(_)) { " and " } else { " or " };
                for (index, inner) in parts.iter().enumerate() {
                    if index > 0 {
                        f.write_str(word)?;
                    }
                    part(f, inner, strength(self) + 1)?;
                }
                Ok(())
            }
            Self::Not(inner) => {
                f.write_str("not ")?;
                part(f, inner, strength(self))
            }
            Self::Compare(left, operator, right) if operator.is_function() => {
                write!(f, "{}({left},{right})", operator.name())
            }
            Self::Compare(left, operator, right) => write!(f, "{left} {} {right}", operator.name()),
            Self::In(operand, values) => {
                write!(f, "{operand} in (")?;
                for (index, value) in values.iter().enumerate() {
                    write!(f, "{}{value}", if index > 0 { "," } else { "" })?;
                }
                f.write_str(")")
            }
            Self::Property(path) => path.fmt(f),
            Self::Lambda { path, quantifier, condition } => {
                let name = match quantifier {
                    Quantifier::Any => "any",
                    Quantifier::All => "all",
                };
                match condition {
                    Some((variable, condition)) => write!(f, "{path}/{name}({variable}:{condition})"),
                    None => write!(f, "{path}/{name}()"),
                }
            }
        }
    }
}

impl Display for Operand {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => path.fmt(f),
            Self::Literal(literal) => literal.fmt(f),
            Self::Call(function, inner) => write!(f, "{}({inner})", function.name()),
        }
    }
}

impl Display for Path {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("/"))
    }
}

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let quoted = |text: &str| text.replace('\'', "''");
        match self {
            Self::Null => f.write_str("null"),
            Self::Boolean(truth) => truth.fmt(f),
            Self::Integer(number) => number.fmt(f),
            // Debug keeps the point or the exponent, without which it would read back as an integer.
            Self::Decimal(number) => write!(f, "{number:?}"),
            Self::String(text) => write!(f, "'{}'", quoted(text)),
            Self::Guid(id) => id.fmt(f),
            Self::DateTime(at) => f.write_str(&edm::print(*at)),
            Self::Enum { type_name, member } => write!(f, "{type_name}'{}'", quoted(member)),
        }
    }
}
