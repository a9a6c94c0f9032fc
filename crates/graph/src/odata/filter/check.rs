//! Whether a filter makes sense for a type: its properties are there, and are compared with values of theirs.

use std::fmt;

use super::Filter;
use super::ast::{Expression, Literal, Operand, Operator, Path};
use crate::error::GraphError;

/// What a property holds, as far as filters care.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// A text.
    Text,
    /// A member of an enumeration: one of these. Letter case does not count.
    OneOf(&'static [&'static str]),
    /// A GUID; clients write it with quotes and without.
    Guid,
    /// True or false.
    Boolean,
    /// A number.
    Number,
    /// An instant.
    Time,
    /// Any of these: what no type declares.
    Any,
    /// Members of its own.
    Complex(&'static dyn Members),
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::OneOf(_) => "a member of an enumeration",
            Self::Guid => "a GUID",
            Self::Boolean => "true or false",
            Self::Number => "a number",
            Self::Time => "a date and time",
            Self::Any => "a value",
            Self::Complex(_) => "an object",
        }
    }

    const fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::OneOf(_) | Self::Guid | Self::Any)
    }

    /// Whether a literal is a value of this kind. Null is one of every kind.
    const fn takes(self, literal: &Literal) -> bool {
        match literal {
            Literal::Null => true,
            Literal::Boolean(_) => matches!(self, Self::Boolean | Self::Any),
            Literal::Integer(_) | Literal::Decimal(_) => matches!(self, Self::Number | Self::Any),
            Literal::String(_) | Literal::Guid(_) => self.is_text(),
            Literal::Enum { .. } => matches!(self, Self::Text | Self::OneOf(_) | Self::Any),
            Literal::DateTime(_) => matches!(self, Self::Time | Self::Any),
        }
    }

    /// Whether values of two properties can be compared.
    const fn compares(self, other: Self) -> bool {
        self.is_text() && other.is_text()
            || matches!(
                (self, other),
                (Self::Any, _)
                    | (_, Self::Any)
                    | (Self::Boolean, Self::Boolean)
                    | (Self::Number, Self::Number)
                    | (Self::Time, Self::Time)
            )
    }
}

/// A property as filters see it.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// What it holds, or each element of it.
    pub kind: Kind,
    /// Whether it is a collection.
    pub many: bool,
}

impl Field {
    /// A text.
    pub const TEXT: Self = Self::one(Kind::Text);
    /// A number.
    pub const NUMBER: Self = Self::one(Kind::Number);
    /// True or false.
    pub const BOOLEAN: Self = Self::one(Kind::Boolean);
    /// An instant.
    pub const TIME: Self = Self::one(Kind::Time);
    /// Texts.
    pub const TEXTS: Self = Self { kind: Kind::Text, many: true };

    /// A single value.
    #[must_use]
    pub const fn one(kind: Kind) -> Self {
        Self { kind, many: false }
    }

    /// An object.
    #[must_use]
    pub const fn object(members: &'static dyn Members) -> Self {
        Self::one(Kind::Complex(members))
    }

    /// A list of objects.
    #[must_use]
    pub const fn objects(members: &'static dyn Members) -> Self {
        Self { kind: Kind::Complex(members), many: true }
    }
}

/// What has properties. Names compare without regard to case.
pub trait Members: fmt::Debug + Sync {
    /// The property of this name.
    fn field(&self, name: &str) -> Option<Field>;
}

/// Properties by name.
#[derive(Debug)]
pub struct Table(pub &'static [(&'static str, Field)]);

impl Table {
    /// A name as the type spells it.
    #[must_use]
    pub fn spelled(&self, name: &str) -> Option<&'static str> {
        self.0.iter().map(|(known, _)| *known).find(|known| known.eq_ignore_ascii_case(name))
    }
}

impl Members for Table {
    fn field(&self, name: &str) -> Option<Field> {
        self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, field)| *field)
    }
}

impl Filter {
    /// Refuses a filter that means nothing for a type of these members: better than to let nothing pass.
    ///
    /// # Errors
    /// 400 `Invalid filter clause: …` for a property that is not there, or that is compared with what it can
    /// never be.
    pub fn check(&self, members: &dyn Members, type_name: &str) -> Result<(), GraphError> {
        let mut check = Check { members, type_name, bound: Vec::new() };
        check.expression(&self.root).map_err(|problem| GraphError::invalid_filter(&problem))
    }
}

struct Check<'a> {
    members: &'a dyn Members,
    type_name: &'a str,
    /// Variables of the lambdas around.
    bound: Vec<(&'a str, Field)>,
}

/// A side of a comparison.
enum Side<'a> {
    Property(String, Kind),
    Literal(&'a Literal),
}

impl<'a> Check<'a> {
    fn expression(&mut self, expression: &'a Expression) -> Result<(), String> {
        match expression {
            Expression::And(parts) | Expression::Or(parts) => {
                parts.iter().try_for_each(|part| self.expression(part))
            }
            Expression::Not(inner) => self.expression(inner),
            Expression::Compare(left, operator, right) => {
                let (left, right) = (self.side(left)?, self.side(right)?);
                comparison(&left, *operator, &right)
            }
            Expression::In(operand, values) => {
                let left = self.side(operand)?;
                values.iter().try_for_each(|value| comparison(&left, Operator::Eq, &Side::Literal(value)))
            }
            Expression::Property(path) => match self.single(path)? {
                Kind::Boolean | Kind::Any => Ok(()),
                other => Err(format!("'{path}' is {}, and alone is no condition; compare it.", other.name())),
            },
            Expression::Lambda { path, condition, .. } => {
                let field = self.field(&path.0, path)?;
                if !field.many {
                    return Err(format!(
                        "'{path}' is no collection, so any and all have nothing to look at."
                    ));
                }
                let Some((variable, condition)) = condition else { return Ok(()) };
                self.bound.push((variable, Field::one(field.kind)));
                let result = self.expression(condition);
                self.bound.pop();
                result
            }
        }
    }

    fn side(&self, operand: &'a Operand) -> Result<Side<'a>, String> {
        match operand {
            Operand::Literal(literal) => Ok(Side::Literal(literal)),
            Operand::Path(path) => Ok(Side::Property(path.to_string(), self.single(path)?)),
            Operand::Call(function, inner) => match self.side(inner)? {
                Side::Property(_, kind) if !kind.is_text() => {
                    Err(format!("{} takes a text, and '{inner}' is {}.", function.name(), kind.name()))
                }
                Side::Property(path, _) => Ok(Side::Property(path, Kind::Text)),
                literal @ Side::Literal(_) => Ok(literal),
            },
        }
    }

    /// What a path leads to that is no collection.
    fn single(&self, path: &Path) -> Result<Kind, String> {
        if let [collection @ .., last] = path.0.as_slice()
            && last == "$count"
            && self.field(collection, path)?.many
        {
            return Ok(Kind::Number);
        }
        let field = self.field(&path.0, path)?;
        if field.many {
            return Err(format!("'{path}' is a collection; use any or all, as in {path}/any(x:x eq …)."));
        }
        Ok(field.kind)
    }

    fn unknown(&self, name: &str, path: &Path) -> String {
        let literal = ["true", "false", "null"].into_iter().find(|word| word.eq_ignore_ascii_case(name));
        let hint =
            literal.map(|word| format!("; the literal is '{word}', in lower case")).unwrap_or_default();
        format!(
            "Could not find a property named '{name}' on type 'microsoft.graph.{}' (in '{path}'){hint}.",
            self.type_name
        )
    }

    fn field(&self, names: &[String], path: &Path) -> Result<Field, String> {
        let variable = names.first().and_then(|first| {
            self.bound.iter().rev().find(|(variable, _)| variable == first).map(|(_, field)| *field)
        });
        let mut at = variable;
        for name in names.iter().skip(usize::from(variable.is_some())) {
            let members = match at {
                None => Some(self.members),
                Some(Field { many: true, .. }) => {
                    return Err(format!("'{path}' goes through a collection; use any or all there."));
                }
                Some(Field { kind: Kind::Complex(members), .. }) => Some(members as &dyn Members),
                Some(_) => None,
            };
            let found = members.and_then(|members| members.field(name));
            at = Some(found.ok_or_else(|| self.unknown(name, path))?);
        }
        at.ok_or_else(|| format!("'{path}' names nothing."))
    }
}

fn comparison(left: &Side<'_>, operator: Operator, right: &Side<'_>) -> Result<(), String> {
    let incompatible = |path: &str, kind: Kind, with: &dyn fmt::Display| {
        format!("'{path}' is {}, which {} cannot compare with {with}.", kind.name(), operator.name())
    };
    let hint = |kind: Kind, literal: &Literal| match (kind, literal) {
        (Kind::Time | Kind::Number | Kind::Boolean, Literal::String(_)) if !operator.is_function() => {
            " Write the value without quotes."
        }
        (kind, Literal::Integer(_) | Literal::Boolean(_)) if kind.is_text() => " Write the value in quotes.",
        _ => "",
    };
    match (left, right) {
        (Side::Property(path, kind), Side::Literal(literal))
        | (Side::Literal(literal), Side::Property(path, kind)) => {
            let fits = if operator.is_function() {
                kind.is_text() && matches!(literal, Literal::String(_) | Literal::Guid(_))
            } else {
                kind.takes(literal)
            };
            match (kind, literal) {
                _ if !fits => Err(incompatible(path, *kind, literal) + hint(*kind, literal)),
                (Kind::OneOf(members), Literal::String(text) | Literal::Enum { member: text, .. })
                    if !operator.is_function()
                        && !members.iter().any(|member| member.eq_ignore_ascii_case(text)) =>
                {
                    Err(format!("'{path}' is never '{text}'; it is one of {}.", members.join(", ")))
                }
                _ => Ok(()),
            }
        }
        (Side::Property(path, kind), Side::Property(other, other_kind)) => {
            let fits = kind.compares(*other_kind) && (!operator.is_function() || kind.is_text());
            if fits { Ok(()) } else { Err(incompatible(path, *kind, &format_args!("'{other}'"))) }
        }
        (Side::Literal(_), Side::Literal(_)) => Ok(()),
    }
}
