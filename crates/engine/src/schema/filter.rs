//! Scoping filters (Graph: `filter`), compiled to predicates over slots.
//!
//! Rules of the operators: `docs/behaviour.md`. A null or empty attribute makes every operator false except
//! `IS NULL`; text compares with regard to case; regular expressions are searched for, not anchored; of several
//! values all must hold.

use std::sync::Arc;

use provisor_expression::{SearchPattern, Value};

use super::compile::suggestion;
use super::definition::{AttributeDefinition, FilterClause, FilterGroup};
use super::operator::{self, Operator, OperatorKind};
use super::shape::SourceSlots;
use crate::ports::AttributeType;

#[cfg(test)]
mod tests;

/// How many regular expressions one set of groups may have: each takes memory as long as the schema is used.
const MAX_PATTERNS: usize = 64;

/// A compiled scoping filter: one set of groups.
#[derive(Debug)]
pub struct Filter {
    groups: Vec<Group>,
}

#[derive(Debug)]
struct Group {
    clauses: Vec<Clause>,
}

#[derive(Debug)]
struct Clause {
    /// What a person reads: `Engineers.department EQUALS 'Engineering'`.
    title: String,
    slot: usize,
    test: Test,
}

#[derive(Debug)]
enum Test {
    Equals(Vec<Arc<str>>, Case),
    NotEquals(Vec<Arc<str>>, Case),
    IsTrue,
    IsFalse,
    IsNull,
    IsNotNull,
    Matches(Vec<SearchPattern>),
    NotMatches(Vec<SearchPattern>),
    Greater(u64),
    GreaterOrEqual(u64),
    Includes(Vec<Arc<str>>),
    EndsWith(Vec<Arc<str>>),
    Within(Vec<Arc<str>>),
    NotWithin(Vec<Arc<str>>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    Counts,
    Ignored,
}

/// How one clause was judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClauseResult {
    /// The clause as a person reads it.
    pub title: String,
    /// Whether it holds.
    pub holds: bool,
    /// Why it does not hold, where the values do not tell: `the value is no whole number`.
    pub why: Option<&'static str>,
}

/// What keeps a clause from being used.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ClauseProblem {
    pub(super) code: &'static str,
    pub(super) message: String,
    /// Where within the set of groups: `[0].clauses[1].operatorName`.
    pub(super) place: String,
}

impl Filter {
    /// Compiles a set of groups. `None` when it passes everything.
    ///
    /// # Errors
    /// Each clause that cannot work.
    pub(super) fn compile(
        set: &[FilterGroup],
        slots: &mut SourceSlots<'_>,
    ) -> Result<Option<Self>, Vec<ClauseProblem>> {
        let mut problems = Vec::new();
        let mut groups = Vec::with_capacity(set.len());
        let mut patterns = 0;
        for (group_index, group) in set.iter().enumerate() {
            let mut clauses = Vec::with_capacity(group.clauses.len());
            for (index, clause) in group.clauses.iter().enumerate() {
                let place = format!("[{group_index}].clauses[{index}]");
                let compiled = Clause::compile(&group.name, clause, slots).and_then(|compiled| {
                    patterns += compiled.test.patterns();
                    if patterns > MAX_PATTERNS {
                        let message = format!("the filter has more than {MAX_PATTERNS} regular expressions");
                        return Err(vec![Fault::operand("InvalidPattern", message)]);
                    }
                    Ok(compiled)
                });
                match compiled {
                    Ok(clause) => clauses.push(clause),
                    Err(faults) => {
                        problems.extend(faults.into_iter().map(|fault| fault.at(&place)));
                    }
                }
            }
            groups.push(Group { clauses });
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let passes_all = groups.is_empty() || groups.iter().any(|group| group.clauses.is_empty());
        Ok((!passes_all).then_some(Self { groups }))
    }

    /// Whether the object passes, and how each clause was judged.
    #[must_use]
    pub fn evaluate(&self, values: &[Value]) -> (bool, Vec<ClauseResult>) {
        let mut results = Vec::new();
        let mut passes = false;
        for group in &self.groups {
            let mut all = true;
            for clause in &group.clauses {
                let (holds, why) = match clause.test.holds(values.get(clause.slot).unwrap_or(&Value::Null)) {
                    Ok(holds) => (holds, None),
                    Err(why) => (false, Some(why)),
                };
                all &= holds;
                results.push(ClauseResult { title: clause.title.clone(), holds, why });
            }
            passes |= all;
        }
        (passes, results)
    }
}

/// A problem of one clause and the member of the clause that it is about.
struct Fault {
    code: &'static str,
    message: String,
    member: &'static str,
}

impl Fault {
    /// The problem of the clause at `place`.
    fn at(self, place: &str) -> ClauseProblem {
        let Self { code, message, member } = self;
        ClauseProblem { code, message, place: format!("{place}.{member}") }
    }

    fn attribute(code: &'static str, message: String) -> Self {
        Self { code, message, member: "sourceOperandName" }
    }

    fn operator(code: &'static str, message: String) -> Self {
        Self { code, message, member: "operatorName" }
    }

    fn operand(code: &'static str, message: String) -> Self {
        Self { code, message, member: "targetOperand" }
    }
}

impl Clause {
    fn compile(group: &str, clause: &FilterClause, slots: &mut SourceSlots<'_>) -> Result<Self, Vec<Fault>> {
        let operator =
            operator::find(&clause.operator).map_err(|message| Fault::operator("UnknownOperator", message));
        let attribute = Self::attribute(clause, slots);
        let (operator, definition) = match (operator, attribute) {
            (Ok(operator), Ok(definition)) => (operator, definition),
            (operator, attribute) => return Err(operator.err().into_iter().chain(attribute.err()).collect()),
        };
        Self::fit(group, clause, slots, operator, definition).map_err(|fault| vec![fault])
    }

    /// The attribute, when filters can work on it.
    fn attribute<'a>(
        clause: &FilterClause,
        slots: &SourceSlots<'a>,
    ) -> Result<&'a AttributeDefinition, Fault> {
        let name = &clause.attribute;
        if name.is_empty() {
            let message = "the clause of the scoping filter names no attribute: give sourceOperandName";
            return Err(Fault::attribute("MissingName", message.to_owned()));
        }
        let Some(definition) = slots.define(name) else {
            let near = suggestion(name, slots.names());
            let message = format!(
                "the scoping filter uses the attribute '{name}', which the source object type '{}' does not \
                 have{near}",
                slots.object_name()
            );
            return Err(Fault::attribute("UnknownAttribute", message));
        };
        if definition.attribute_type == AttributeType::Reference {
            let message = format!(
                "the scoping filter uses '{name}', which is a reference: no operator works on references; \
                 filter on a text attribute of the object itself"
            );
            return Err(Fault::attribute("UnsupportedFilterAttribute", message));
        }
        if definition.multivalued {
            let message = format!(
                "the scoping filter uses '{name}', which holds several values: no operator works on those; \
                 filter on an attribute with one value"
            );
            return Err(Fault::attribute("UnsupportedFilterAttribute", message));
        }
        Ok(definition)
    }

    fn fit(
        group: &str,
        clause: &FilterClause,
        slots: &mut SourceSlots<'_>,
        operator: &Operator,
        definition: &AttributeDefinition,
    ) -> Result<Self, Fault> {
        let name = &clause.attribute;
        let attribute_type = definition.attribute_type;
        if !operator.works_on(attribute_type) {
            let message = format!(
                "the operator '{}' does not work on '{name}', which is {}; on it work: {}",
                operator.name,
                article(attribute_type),
                operator::for_type(attribute_type)
            );
            return Err(Fault::operator("OperatorNotSupported", message));
        }
        let test = Test::compile(operator, clause, attribute_type)?;
        let Some(slot) = slots.slot(name) else {
            return Err(Fault::attribute("UnknownAttribute", format!("the attribute '{name}' is not known")));
        };
        let values = clause.values.join("', '");
        let operand = if operator.unary { String::new() } else { format!(" '{values}'") };
        let title = format!("{group}.{name} {}{operand}", clause.operator);
        Ok(Self { title, slot, test })
    }
}

/// A type for people.
fn article(attribute_type: AttributeType) -> &'static str {
    match attribute_type {
        AttributeType::String => "a String",
        AttributeType::Integer => "an Integer",
        AttributeType::Reference => "a Reference",
        AttributeType::Binary => "Binary",
        AttributeType::Boolean => "a Boolean",
        AttributeType::DateTime => "a DateTime",
    }
}

impl Test {
    fn compile(
        operator: &Operator,
        clause: &FilterClause,
        attribute_type: AttributeType,
    ) -> Result<Self, Fault> {
        if !operator.unary && clause.values.is_empty() {
            let message = format!(
                "the clause '{} {}' of the scoping filter needs a value to compare with, in targetOperand.values",
                clause.attribute, clause.operator
            );
            return Err(Fault::operand("MissingOperand", message));
        }
        if matches!(operator.kind, OperatorKind::Equals | OperatorKind::NotEquals)
            && let Some(fault) = unfit(clause, attribute_type)
        {
            return Err(fault);
        }
        let texts = || clause.values.iter().map(|value| Arc::from(value.as_str())).collect::<Vec<_>>();
        let case = if attribute_type == AttributeType::Boolean { Case::Ignored } else { Case::Counts };
        Ok(match operator.kind {
            OperatorKind::Equals => Self::Equals(texts(), case),
            OperatorKind::NotEquals => Self::NotEquals(texts(), case),
            OperatorKind::IsTrue => Self::IsTrue,
            OperatorKind::IsFalse => Self::IsFalse,
            OperatorKind::IsNull => Self::IsNull,
            OperatorKind::IsNotNull => Self::IsNotNull,
            OperatorKind::RegexMatch => Self::Matches(patterns(clause)?),
            OperatorKind::NotRegexMatch => Self::NotMatches(patterns(clause)?),
            OperatorKind::GreaterThan => Self::Greater(number(clause)?),
            OperatorKind::GreaterThanOrEquals => Self::GreaterOrEqual(number(clause)?),
            OperatorKind::Includes => Self::Includes(texts()),
            OperatorKind::EndsWith => Self::EndsWith(texts()),
            OperatorKind::Within => Self::Within(texts()),
            OperatorKind::NotWithin => Self::NotWithin(texts()),
        })
    }

    fn patterns(&self) -> usize {
        match self {
            Self::Matches(patterns) | Self::NotMatches(patterns) => patterns.len(),
            _ => 0,
        }
    }

    /// Whether the test holds; an error says why it cannot be told, and counts as not.
    fn holds(&self, value: &Value) -> Result<bool, &'static str> {
        if value.is_null_or_empty() {
            return Ok(matches!(self, Self::IsNull));
        }
        // An attribute that is declared as single may still bring several values: then all must hold.
        for value in value.values() {
            if !self.holds_for(value)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn holds_for(&self, value: &Value) -> Result<bool, &'static str> {
        if value.is_null_or_empty() {
            return Ok(matches!(self, Self::IsNull));
        }
        let Some(text) = value.text() else { return Ok(matches!(self, Self::IsNotNull)) };
        let any = |values: &[Arc<str>], test: &dyn Fn(&str) -> bool| values.iter().any(|value| test(value));
        Ok(match self {
            Self::Equals(values, case) => any(values, &|value| same(&text, value, *case)),
            Self::NotEquals(values, case) => !any(values, &|value| same(&text, value, *case)),
            Self::IsTrue => text.eq_ignore_ascii_case("true"),
            Self::IsFalse => text.eq_ignore_ascii_case("false"),
            Self::IsNull => false,
            Self::IsNotNull => true,
            Self::Matches(patterns) => matched(patterns, &text)?,
            Self::NotMatches(patterns) => !matched(patterns, &text)?,
            Self::Greater(number) => whole(&text).ok_or(NO_NUMBER)? > *number,
            Self::GreaterOrEqual(number) => whole(&text).ok_or(NO_NUMBER)? >= *number,
            Self::Includes(values) => any(values, &|value| text.contains(value)),
            Self::EndsWith(values) => any(values, &|value| text.ends_with(value)),
            Self::Within(values) => any(values, &|value| value.contains(&*text)),
            Self::NotWithin(values) => !any(values, &|value| value.contains(&*text)),
        })
    }
}

/// The operand that no value of the attribute can be.
fn unfit(clause: &FilterClause, attribute_type: AttributeType) -> Option<Fault> {
    let (fits, wanted): (fn(&str) -> bool, _) = match attribute_type {
        AttributeType::Boolean => {
            (|text| ["true", "false"].iter().any(|known| text.eq_ignore_ascii_case(known)), "True or False")
        }
        AttributeType::Integer => (|text| text.parse::<i64>().is_ok(), "a whole number"),
        _ => return None,
    };
    let wrong = clause.values.iter().find(|value| !fits(value))?;
    let message = format!(
        "the operator '{}' on '{}', which is {}, compares with {wanted}, not with '{wrong}'",
        clause.operator,
        clause.attribute,
        article(attribute_type)
    );
    Some(Fault::operand("InvalidOperand", message))
}

const NO_NUMBER: &str = "the value is no whole number from 0 on";

fn same(left: &str, right: &str, case: Case) -> bool {
    match case {
        Case::Counts => left == right,
        Case::Ignored => left.eq_ignore_ascii_case(right),
    }
}

fn matched(patterns: &[SearchPattern], text: &str) -> Result<bool, &'static str> {
    for pattern in patterns {
        if pattern.is_match(text)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn patterns(clause: &FilterClause) -> Result<Vec<SearchPattern>, Fault> {
    let compile = |pattern: &String| {
        SearchPattern::new(pattern).map_err(|problem| {
            let message = format!(
                "the pattern '{pattern}' of the scoping filter on '{}' cannot be run: {problem}",
                clause.attribute
            );
            Fault::operand("InvalidPattern", message)
        })
    };
    clause.values.iter().map(compile).collect()
}

fn number(clause: &FilterClause) -> Result<u64, Fault> {
    let only = match clause.values.as_slice() {
        [only] => whole(only),
        _ => None,
    };
    only.ok_or_else(|| {
        let message = format!(
            "the operator '{}' on '{}' compares with one whole number from 0 on, not with '{}'",
            clause.operator,
            clause.attribute,
            clause.values.join("', '")
        );
        Fault::operand("InvalidOperand", message)
    })
}

/// A number of nothing but digits.
fn whole(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}
