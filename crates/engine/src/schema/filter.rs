//! Scoping filters (Graph: `filter`), compiled to predicates over slots.
//!
//! Rules of the operators: `docs/behaviour.md`. A null or empty attribute makes every operator false except
//! `IS NULL`; text compares with regard to case; regular expressions are searched for, not anchored.

use std::sync::Arc;

use provisor_expression::Value;
use regex::Regex;

use super::definition::{FilterClause, ScopeFilter};
use super::shape::SourceSlots;
use crate::ports::AttributeType;

/// The most states a pattern may compile to, so that a hostile one costs bounded memory.
const REGEX_SIZE_LIMIT: usize = 1 << 20;

/// A compiled scoping filter.
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
    Matches(Vec<Regex>),
    NotMatches(Vec<Regex>),
    Greater(i64),
    GreaterOrEqual(i64),
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
}

impl Filter {
    /// Compiles a filter. `None` when it passes everything.
    ///
    /// # Errors
    /// A sentence for each clause that cannot work.
    pub(super) fn compile(
        filter: &ScopeFilter,
        slots: &mut SourceSlots<'_>,
    ) -> Result<Option<Self>, Vec<String>> {
        let mut problems = Vec::new();
        let mut groups = Vec::with_capacity(filter.groups.len());
        for group in &filter.groups {
            let mut clauses = Vec::with_capacity(group.clauses.len());
            for clause in &group.clauses {
                match Clause::compile(&group.name, clause, slots) {
                    Ok(clause) => clauses.push(clause),
                    Err(problem) => problems.push(problem),
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
                let holds = values.get(clause.slot).is_some_and(|value| clause.test.holds(value));
                all &= holds;
                results.push(ClauseResult { title: clause.title.clone(), holds });
            }
            passes |= all;
        }
        (passes, results)
    }
}

impl Clause {
    fn compile(group: &str, clause: &FilterClause, slots: &mut SourceSlots<'_>) -> Result<Self, String> {
        let Some(definition) = slots.define(&clause.attribute) else {
            return Err(format!(
                "the scoping filter uses the attribute '{}', which the source object type does not have",
                clause.attribute
            ));
        };
        let (attribute_type, multivalued) = (definition.attribute_type, definition.multivalued);
        if multivalued || attribute_type == AttributeType::Reference {
            return Err(format!(
                "the scoping filter uses '{}': multi-valued and reference attributes cannot be filtered on",
                clause.attribute
            ));
        }
        let test = Test::compile(clause, attribute_type)?;
        let Some(slot) = slots.slot(&clause.attribute) else {
            return Err(format!("the attribute '{}' is not known", clause.attribute));
        };
        let values = clause.values.join("', '");
        let operand = if clause.values.is_empty() { String::new() } else { format!(" '{values}'") };
        let title = format!("{group}.{} {}{operand}", clause.attribute, clause.operator);
        Ok(Self { title, slot, test })
    }
}

impl Test {
    fn compile(clause: &FilterClause, attribute_type: AttributeType) -> Result<Self, String> {
        let name: String = clause.operator.trim().to_ascii_uppercase().replace(['_', ' '], "");
        let texts = || clause.values.iter().map(|value| Arc::from(value.as_str())).collect::<Vec<_>>();
        let case = if attribute_type == AttributeType::Boolean { Case::Ignored } else { Case::Counts };
        let test = match name.as_str() {
            "EQUALS" | "EQ" => Self::Equals(texts(), case),
            "NOTEQUALS" => Self::NotEquals(texts(), case),
            "ISTRUE" => Self::IsTrue,
            "ISFALSE" => Self::IsFalse,
            "ISNULL" => Self::IsNull,
            "ISNOTNULL" => Self::IsNotNull,
            "REGEXMATCH" => Self::Matches(patterns(clause)?),
            "NOTREGEXMATCH" => Self::NotMatches(patterns(clause)?),
            "GREATERTHAN" => Self::Greater(number(clause)?),
            "GREATERTHANOREQUALS" => Self::GreaterOrEqual(number(clause)?),
            "INCLUDES" | "CONTAINS" => Self::Includes(texts()),
            "ENDSWITH" => Self::EndsWith(texts()),
            "&" => Self::Within(texts()),
            "!&" | "!&L" => Self::NotWithin(texts()),
            _ => {
                return Err(format!(
                    "the scoping filter uses the operator '{}', which is not known",
                    clause.operator
                ));
            }
        };
        let unary = matches!(test, Self::IsTrue | Self::IsFalse | Self::IsNull | Self::IsNotNull);
        if !unary && clause.values.is_empty() {
            return Err(format!(
                "the clause '{} {}' of the scoping filter needs a value to compare with",
                clause.attribute, clause.operator
            ));
        }
        Ok(test)
    }

    fn holds(&self, value: &Value) -> bool {
        if value.is_null_or_empty() {
            return matches!(self, Self::IsNull);
        }
        let Some(text) = value.text() else { return matches!(self, Self::IsNotNull) };
        let any = |values: &[Arc<str>], test: &dyn Fn(&str) -> bool| values.iter().any(|value| test(value));
        match self {
            Self::Equals(values, case) => any(values, &|value| same(&text, value, *case)),
            Self::NotEquals(values, case) => !any(values, &|value| same(&text, value, *case)),
            Self::IsTrue => text.eq_ignore_ascii_case("true"),
            Self::IsFalse => text.eq_ignore_ascii_case("false"),
            Self::IsNull => false,
            Self::IsNotNull => true,
            Self::Matches(patterns) => patterns.iter().any(|pattern| pattern.is_match(&text)),
            Self::NotMatches(patterns) => !patterns.iter().any(|pattern| pattern.is_match(&text)),
            Self::Greater(number) => text.parse::<i64>().is_ok_and(|value| value > *number),
            Self::GreaterOrEqual(number) => text.parse::<i64>().is_ok_and(|value| value >= *number),
            Self::Includes(values) => any(values, &|value| text.contains(value)),
            Self::EndsWith(values) => any(values, &|value| text.ends_with(value)),
            Self::Within(values) => any(values, &|value| value.contains(&*text)),
            Self::NotWithin(values) => !any(values, &|value| value.contains(&*text)),
        }
    }
}

fn same(left: &str, right: &str, case: Case) -> bool {
    match case {
        Case::Counts => left == right,
        Case::Ignored => left.eq_ignore_ascii_case(right),
    }
}

fn patterns(clause: &FilterClause) -> Result<Vec<Regex>, String> {
    let compile = |pattern: &String| {
        regex::RegexBuilder::new(pattern).size_limit(REGEX_SIZE_LIMIT).build().map_err(|error| {
            format!(
                "the pattern '{pattern}' of the scoping filter on '{}' cannot be run: {error}",
                clause.attribute
            )
        })
    };
    clause.values.iter().map(compile).collect()
}

fn number(clause: &FilterClause) -> Result<i64, String> {
    let value = clause.values.first().map_or("", String::as_str);
    value.trim().parse().map_err(|_| {
        format!(
            "the operator '{}' on '{}' needs a whole number, not '{value}'",
            clause.operator, clause.attribute
        )
    })
}
