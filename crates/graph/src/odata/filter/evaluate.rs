//! Whether a resource, as JSON, passes a filter.

use std::borrow::Cow;
use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::Value as Json;

use super::ast::{Expression, Function, Literal, Operand, Operator, Path, Quantifier};

/// Whether the case of letters counts in texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// It counts: the provisioning log.
    Sensitive,
    /// It does not: the directory.
    Insensitive,
}

/// How resources of a kind are compared.
#[derive(Clone, Copy, Debug)]
pub struct Comparison<'a> {
    /// Whether the case of letters counts.
    pub case: Case,
    /// Paths whose values are members of enumerations: there it never counts.
    pub enumerations: &'a [&'a str],
    /// Old names of properties, with the names of today.
    pub renamed: &'a [(&'a str, &'a str)],
}

impl Comparison<'_> {
    /// Texts compared so, no enumerations, no old names.
    #[must_use]
    pub const fn of(case: Case) -> Self {
        Self { case, enumerations: &[], renamed: &[] }
    }
}

/// Whether the resource passes.
pub(super) fn matches(expression: &Expression, resource: &Json, comparison: &Comparison<'_>) -> bool {
    Evaluation { resource, comparison, bound: None }.holds(expression)
}

/// A variable of a lambda, and those around it.
struct Bound<'a> {
    name: &'a str,
    value: &'a Json,
    outer: Option<&'a Bound<'a>>,
}

#[derive(Clone, Copy)]
struct Evaluation<'a> {
    resource: &'a Json,
    comparison: &'a Comparison<'a>,
    bound: Option<&'a Bound<'a>>,
}

/// A value under comparison.
enum Value<'a> {
    Null,
    Boolean(bool),
    Integer(i64),
    Decimal(f64),
    Text(Cow<'a, str>),
    Time(Timestamp),
    /// An object or a list: equal to nothing.
    Other,
}

impl<'a> Evaluation<'a> {
    fn holds(self, expression: &Expression) -> bool {
        match expression {
            Expression::And(parts) => parts.iter().all(|part| self.holds(part)),
            Expression::Or(parts) => parts.iter().any(|part| self.holds(part)),
            Expression::Not(inner) => !self.holds(inner),
            Expression::Property(path) => matches!(self.lookup(path).0, Value::Boolean(true)),
            Expression::Compare(left, operator, right) => {
                let ((left, left_enum), (right, right_enum)) = (self.value(left), self.value(right));
                compare(&left, *operator, &right, self.case(left_enum || right_enum))
            }
            Expression::In(operand, values) => {
                let (left, is_enum) = self.value(operand);
                values.iter().any(|value| {
                    let (right, literal_enum) = literal(value);
                    compare(&left, Operator::Eq, &right, self.case(is_enum || literal_enum))
                })
            }
            Expression::Lambda { path, quantifier, condition } => {
                let found = self.find(path);
                let elements = found.and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
                let Some((variable, condition)) = condition else { return !elements.is_empty() };
                let mut results = elements.iter().map(|value| {
                    let bound = Bound { name: variable, value, outer: self.bound };
                    Evaluation { bound: Some(&bound), ..self }.holds(condition)
                });
                match quantifier {
                    Quantifier::Any => results.any(|holds| holds),
                    Quantifier::All => results.all(|holds| holds),
                }
            }
        }
    }

    const fn case(self, is_enum: bool) -> Case {
        if is_enum { Case::Insensitive } else { self.comparison.case }
    }

    /// A value, and whether it is a member of an enumeration.
    fn value<'v>(self, operand: &'v Operand) -> (Value<'v>, bool)
    where
        'a: 'v,
    {
        match operand {
            Operand::Literal(value) => literal(value),
            Operand::Path(path) => self.lookup(path),
            Operand::Call(function, inner) => {
                let (value, is_enum) = self.value(inner);
                let value = match (value, function) {
                    (Value::Text(text), Function::ToLower) => Value::Text(text.to_lowercase().into()),
                    (Value::Text(text), Function::ToUpper) => Value::Text(text.to_uppercase().into()),
                    (value, _) => value,
                };
                (value, is_enum)
            }
        }
    }

    fn lookup(self, path: &Path) -> (Value<'a>, bool) {
        if let [collection @ .., last] = path.0.as_slice()
            && last == "$count"
        {
            let found = self.find(&Path(collection.to_vec()));
            let length = found.and_then(Json::as_array).map_or(0, Vec::len);
            return (Value::Integer(i64::try_from(length).unwrap_or(i64::MAX)), false);
        }
        let is_enum = !self.comparison.enumerations.is_empty() && {
            let path = self.current(path).join("/");
            self.comparison.enumerations.iter().any(|known| known.eq_ignore_ascii_case(&path))
        };
        (self.find(path).map_or(Value::Null, Value::of_json), is_enum)
    }

    /// The names of a path, old ones replaced by those of today.
    fn current<'p>(self, path: &'p Path) -> Vec<&'p str>
    where
        'a: 'p,
    {
        let mut names: Vec<&str> = path.0.iter().map(String::as_str).collect();
        if let Some(first) = names.first_mut()
            && let Some((_, now)) =
                self.comparison.renamed.iter().find(|(old, _)| old.eq_ignore_ascii_case(first))
        {
            *first = now;
        }
        names
    }

    /// The JSON at a path.
    fn find(self, path: &Path) -> Option<&'a Json> {
        let names = self.current(path);
        let mut bound = self.bound;
        while let Some(variable) = bound {
            if names.first() == Some(&variable.name) {
                return names.get(1..)?.iter().try_fold(variable.value, |value, name| member(value, name));
            }
            bound = variable.outer;
        }
        names.iter().try_fold(self.resource, |value, name| member(value, name))
    }
}

/// The member of this name; the case of its letters counts only when two differ in nothing else.
fn member<'a>(value: &'a Json, name: &str) -> Option<&'a Json> {
    let members = value.as_object()?;
    members.get(name).or_else(|| {
        members.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    })
}

impl<'a> Value<'a> {
    fn of_json(json: &'a Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(truth) => Self::Boolean(*truth),
            Json::Number(number) => match number.as_i64() {
                Some(number) => Self::Integer(number),
                None => number.as_f64().map_or(Self::Other, Self::Decimal),
            },
            Json::String(text) => Self::Text(text.into()),
            Json::Array(_) | Json::Object(_) => Self::Other,
        }
    }
}

/// The value of a literal, and whether it is a member of an enumeration (or a GUID, which has no case
/// either).
fn literal(literal: &Literal) -> (Value<'_>, bool) {
    match literal {
        Literal::Null => (Value::Null, false),
        Literal::Boolean(truth) => (Value::Boolean(*truth), false),
        Literal::Integer(number) => (Value::Integer(*number), false),
        Literal::Decimal(number) => (Value::Decimal(*number), false),
        Literal::String(text) => (Value::Text(text.into()), false),
        Literal::Guid(id) => (Value::Text(id.to_string().into()), true),
        Literal::DateTime(at) => (Value::Time(*at), false),
        Literal::Enum { member, .. } => (Value::Text(member.into()), true),
    }
}

fn compare(left: &Value<'_>, operator: Operator, right: &Value<'_>, case: Case) -> bool {
    let order = order(left, right, case);
    match operator {
        Operator::Eq => order == Some(Ordering::Equal),
        Operator::Ne => order != Some(Ordering::Equal),
        // Nothing is greater or less than null.
        _ if matches!(left, Value::Null) || matches!(right, Value::Null) => false,
        Operator::Gt => order == Some(Ordering::Greater),
        Operator::Ge => order.is_some_and(Ordering::is_ge),
        Operator::Lt => order == Some(Ordering::Less),
        Operator::Le => order.is_some_and(Ordering::is_le),
        Operator::StartsWith | Operator::EndsWith | Operator::Contains => {
            let (Value::Text(left), Value::Text(right)) = (left, right) else { return false };
            let (left, right) = (folded(left, case), folded(right, case));
            match operator {
                Operator::StartsWith => left.starts_with(&*right),
                Operator::EndsWith => left.ends_with(&*right),
                _ => left.contains(&*right),
            }
        }
    }
}

/// How two values stand to each other; `None` for those that cannot be compared.
#[expect(clippy::cast_precision_loss, reason = "a decimal compares with an integer as OData promotes them")]
fn order(left: &Value<'_>, right: &Value<'_>, case: Case) -> Option<Ordering> {
    match (left, right) {
        (Value::Null, Value::Null) => Some(Ordering::Equal),
        (Value::Boolean(left), Value::Boolean(right)) => Some(left.cmp(right)),
        (Value::Integer(left), Value::Integer(right)) => Some(left.cmp(right)),
        (Value::Integer(left), Value::Decimal(right)) => (*left as f64).partial_cmp(right),
        (Value::Decimal(left), Value::Integer(right)) => left.partial_cmp(&(*right as f64)),
        (Value::Decimal(left), Value::Decimal(right)) => left.partial_cmp(right),
        (Value::Text(left), Value::Text(right)) => Some(folded(left, case).cmp(&folded(right, case))),
        (Value::Time(left), Value::Time(right)) => Some(left.cmp(right)),
        (Value::Text(left), Value::Time(right)) => Some(left.parse::<Timestamp>().ok()?.cmp(right)),
        (Value::Time(left), Value::Text(right)) => Some(left.cmp(&right.parse().ok()?)),
        _ => None,
    }
}

fn folded(text: &str, case: Case) -> Cow<'_, str> {
    match case {
        Case::Sensitive => text.into(),
        Case::Insensitive => text.to_lowercase().into(),
    }
}
