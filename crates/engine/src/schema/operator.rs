//! The operators of scoping filters: one table that says what they are called, what they work on, and what
//! Graph's `filterOperators` shows.

use crate::ports::AttributeType::{self, Binary, Boolean, DateTime, Integer, String};

/// What a clause of a scoping filter does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperatorKind {
    /// Value and operand are the same text.
    Equals,
    /// They differ.
    NotEquals,
    /// The value is true.
    IsTrue,
    /// The value is false.
    IsFalse,
    /// There is no value.
    IsNull,
    /// There is one.
    IsNotNull,
    /// The pattern matches somewhere in the value.
    RegexMatch,
    /// It matches nowhere.
    NotRegexMatch,
    /// The value is a greater whole number.
    GreaterThan,
    /// The value is a greater whole number or the same.
    GreaterThanOrEquals,
    /// The operand is a part of the value.
    Includes,
    /// The operand is the value's end.
    EndsWith,
    /// The value is a part of the operand.
    Within,
    /// It is not.
    NotWithin,
}

/// An operator as its users see it.
#[derive(Debug)]
pub struct Operator {
    /// What it does.
    pub kind: OperatorKind,
    /// Its name as printed; on input letter case, spaces and `_` do not count.
    pub name: &'static str,
    /// Further names that are read.
    aliases: &'static [&'static str],
    /// Whether it takes no operand.
    pub unary: bool,
    /// The attribute types that Entra names for it.
    pub types: &'static [AttributeType],
    /// Types that it works on here as well.
    further: &'static [AttributeType],
}

const TEXTS: &[AttributeType] = &[Integer, String];
const ALL: &[AttributeType] = &[Integer, String, Binary, Boolean];

const fn binary(kind: OperatorKind, name: &'static str, types: &'static [AttributeType]) -> Operator {
    Operator { kind, name, aliases: &[], unary: false, types, further: &[] }
}

const fn unary(kind: OperatorKind, name: &'static str, types: &'static [AttributeType]) -> Operator {
    Operator { unary: true, ..binary(kind, name, types) }
}

impl Operator {
    const fn also(self, aliases: &'static [&'static str]) -> Self {
        Self { aliases, ..self }
    }

    const fn and_on(self, further: &'static [AttributeType]) -> Self {
        Self { further, ..self }
    }

    /// Whether it can be used on attributes of a type.
    #[must_use]
    pub fn works_on(&self, attribute_type: AttributeType) -> bool {
        self.types.contains(&attribute_type) || self.further.contains(&attribute_type)
    }
}

/// Every operator, in the order of Entra's documentation.
static OPERATORS: [Operator; 15] = [
    binary(OperatorKind::Equals, "EQUALS", TEXTS).also(&["EQ"]).and_on(&[Boolean]),
    binary(OperatorKind::NotEquals, "NOT EQUALS", TEXTS).and_on(&[Boolean]),
    unary(OperatorKind::IsTrue, "IS TRUE", &[Boolean]),
    unary(OperatorKind::IsFalse, "IS FALSE", &[Boolean]),
    unary(OperatorKind::IsNull, "IS NULL", ALL).and_on(&[DateTime]),
    unary(OperatorKind::IsNotNull, "IS NOT NULL", ALL).and_on(&[DateTime]),
    binary(OperatorKind::RegexMatch, "REGEX MATCH", TEXTS),
    binary(OperatorKind::NotRegexMatch, "NOT REGEX MATCH", TEXTS),
    binary(OperatorKind::GreaterThan, "GREATER_THAN", &[Integer]),
    binary(OperatorKind::GreaterThanOrEquals, "GREATER_THAN_OR_EQUALS", &[Integer]),
    binary(OperatorKind::Includes, "INCLUDES", &[String]).also(&["CONTAINS"]),
    binary(OperatorKind::EndsWith, "ENDS_WITH", &[String]),
    binary(OperatorKind::Within, "&", TEXTS),
    binary(OperatorKind::NotWithin, "!&", TEXTS).also(&["!&L"]),
    unary(OperatorKind::IsNotNull, "PRESENT", ALL).and_on(&[DateTime]),
];

/// Operators that Entra lists and that do nothing there either.
const UNSUPPORTED: [&str; 2] = ["IS_MEMBER_OF", "VALID CERT MATCH"];

/// Every operator, in the order of Entra's documentation.
#[must_use]
pub fn operators() -> &'static [Operator] {
    &OPERATORS
}

/// The operator of this name.
///
/// # Errors
/// A sentence that says what is known, or that Entra lists it without supporting it.
pub(super) fn find(name: &str) -> Result<&'static Operator, std::string::String> {
    let wanted = folded(name);
    let named = |operator: &&Operator| {
        folded(operator.name) == wanted || operator.aliases.iter().any(|alias| folded(alias) == wanted)
    };
    if let Some(found) = OPERATORS.iter().find(named) {
        return Ok(found);
    }
    if UNSUPPORTED.iter().any(|known| folded(known) == wanted) {
        return Err(format!("the operator '{name}' is listed by Entra but not supported, there or here"));
    }
    let near = super::compile::suggestion(name, OPERATORS.iter().map(|operator| operator.name));
    let known: Vec<&str> = OPERATORS.iter().map(|operator| operator.name).collect();
    if name.is_empty() {
        let known = known.join(", ");
        return Err(format!(
            "the clause of the scoping filter names no operator: give operatorName, one of {known}"
        ));
    }
    Err(format!("there is no operator '{name}'; the operators are {}{near}", known.join(", ")))
}

/// The names of the operators that work on a type, for messages.
pub(super) fn for_type(attribute_type: AttributeType) -> std::string::String {
    let fit = OPERATORS.iter().filter(|operator| operator.works_on(attribute_type));
    fit.map(|operator| operator.name).collect::<Vec<_>>().join(", ")
}

fn folded(name: &str) -> std::string::String {
    name.chars().filter(|c| !matches!(c, '_' | ' ')).map(|c| c.to_ascii_uppercase()).collect()
}
