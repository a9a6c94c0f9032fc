//! What indexes can answer of a `$filter`: every object that passes is among what the probes find.

use provisor_graph::odata::filter::{Expression, Literal, Operand, Operator, Path, Quantifier};
use provisor_store::directory::{Matching, ObjectKind, Probe};
use provisor_store::indexed;
use uuid::Uuid;

/// The probes that find everything of a kind that can pass; `None` when only a look at every object does.
#[must_use]
pub fn probes(expression: &Expression, kind: ObjectKind) -> Option<Vec<Probe>> {
    Planning { kind, element: None }.probes(expression)
}

/// Whether the probes of a condition find what meets it and nothing else: a text that is indexed whole and folded as
/// comparisons fold it, compared with one text.
#[must_use]
pub fn is_exact(expression: &Expression, kind: ObjectKind) -> bool {
    let Expression::Compare(Operand::Path(Path(names)), operator, Operand::Literal(Literal::String(text))) =
        expression
    else {
        return false;
    };
    let answered = match operator {
        Operator::Eq => true,
        Operator::StartsWith => !text.is_empty(),
        _ => false,
    };
    matches!(names.as_slice(), [name] if answered && indexed::is_whole(kind, name))
}

/// The probes that are likely to find the fewest objects.
#[must_use]
pub fn best(plans: impl IntoIterator<Item = Vec<Probe>>) -> Option<Vec<Probe>> {
    plans.into_iter().min_by_key(|probes| probes.iter().map(breadth).max().unwrap_or(0))
}

/// How many objects a probe may find, as a rank.
const fn breadth(probe: &Probe) -> u8 {
    match probe {
        Probe::Id(_) => 1,
        Probe::Property { matching: Matching::Exactly(_), .. } => 2,
        Probe::Property { matching: Matching::Prefix(_) | Matching::Word(_), .. } => 3,
        Probe::Created { .. } => 4,
        Probe::Property { matching: Matching::All, .. } => 5,
    }
}

#[derive(Clone, Copy)]
struct Planning<'a> {
    kind: ObjectKind,
    /// Within a lambda, its variable and the collection that it goes through.
    element: Option<(&'a str, &'a str)>,
}

impl<'a> Planning<'a> {
    fn probes(self, expression: &'a Expression) -> Option<Vec<Probe>> {
        match expression {
            Expression::And(parts) => self.conjunction(parts),
            Expression::Or(parts) => {
                let plans: Option<Vec<Vec<Probe>>> = parts.iter().map(|part| self.probes(part)).collect();
                Some(distinct(plans?.concat()))
            }
            Expression::Compare(left, operator, right) => match (left, right) {
                (operand, Operand::Literal(literal)) => self.comparison(operand, *operator, literal),
                (Operand::Literal(literal), operand) if *operator == Operator::Eq => {
                    self.comparison(operand, Operator::Eq, literal)
                }
                _ => None,
            },
            Expression::In(operand, literals) => {
                let one = |literal| self.comparison(operand, Operator::Eq, literal);
                let plans: Option<Vec<Vec<Probe>>> = literals.iter().map(one).collect();
                Some(distinct(plans?.concat()))
            }
            Expression::Lambda {
                path,
                quantifier: Quantifier::Any,
                condition: Some((variable, condition)),
            } => match path.0.as_slice() {
                [collection] if self.element.is_none() => {
                    Planning { element: Some((variable, collection)), ..self }.probes(condition)
                }
                _ => None,
            },
            Expression::Not(_) | Expression::Property(_) | Expression::Lambda { .. } => None,
        }
    }

    /// One part is enough; spans of creation are cut to what they share.
    fn conjunction(self, parts: &'a [Expression]) -> Option<Vec<Probe>> {
        let mut plans = Vec::new();
        let (mut from, mut until) = (None, None);
        for plan in parts.iter().filter_map(|part| self.probes(part)) {
            if let [Probe::Created { from: other_from, until: other_until }] = plan.as_slice() {
                from = from.max(*other_from);
                until = match (until, *other_until) {
                    (Some(one), Some(other)) => Some(std::cmp::min(one, other)),
                    (one, other) => one.or(other),
                };
            } else {
                plans.push(plan);
            }
        }
        if from.is_some() || until.is_some() {
            plans.push(vec![Probe::Created { from, until }]);
        }
        best(plans)
    }

    /// The property that an operand is, or is made from: letter case does not count in the directory.
    fn property(self, operand: &'a Operand) -> Option<&'a str> {
        let path = match operand {
            Operand::Path(path) => path,
            Operand::Call(_, inner) => match inner.as_ref() {
                Operand::Path(path) => path,
                _ => return None,
            },
            Operand::Literal(_) => return None,
        };
        let Path(names) = path;
        match (names.as_slice(), self.element) {
            ([name], Some((variable, collection))) if name == variable => Some(collection),
            ([name], _) => Some(name),
            _ => None,
        }
    }

    fn comparison(self, operand: &'a Operand, operator: Operator, literal: &Literal) -> Option<Vec<Probe>> {
        let name = self.property(operand)?;
        if let Literal::DateTime(at) = literal {
            let at = Some(*at);
            let (from, until) = match operator {
                _ if !name.eq_ignore_ascii_case("createdDateTime") => return None,
                Operator::Eq => (at, at),
                Operator::Ge | Operator::Gt => (at, None),
                Operator::Le | Operator::Lt => (None, at),
                _ => return None,
            };
            return Some(vec![Probe::Created { from, until }]);
        }
        let text = match literal {
            Literal::String(text) => indexed::folded(text),
            Literal::Guid(id) => id.to_string(),
            Literal::Boolean(truth) => truth.to_string(),
            _ => return None,
        };
        match operator {
            Operator::Eq if name.eq_ignore_ascii_case("id") => {
                // What is no id is no object's.
                Some(Uuid::try_parse(&text).ok().map(Probe::Id).into_iter().collect())
            }
            Operator::Eq => indexed::probes(self.kind, name, &Matching::Exactly(text)),
            Operator::StartsWith if !text.is_empty() => {
                indexed::probes(self.kind, name, &Matching::Prefix(text))
            }
            _ => None,
        }
    }
}

/// Each probe once: lists repeat themselves.
fn distinct(probes: Vec<Probe>) -> Vec<Probe> {
    let mut kept: Vec<Probe> = Vec::with_capacity(probes.len());
    for probe in probes {
        if !kept.contains(&probe) {
            kept.push(probe);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use provisor_graph::odata::filter;

    use super::*;

    fn plan(text: &str) -> String {
        let filter = filter::parse(text).unwrap();
        let Some(probes) = probes(filter.expression(), ObjectKind::User) else { return "scan".into() };
        let printed = probes.iter().map(|probe| match probe {
            Probe::Id(id) => format!("id {}", &id.to_string()[..8]),
            Probe::Created { from, until } => {
                let print = |at: &Option<jiff::Timestamp>| at.map_or("…".into(), |at| at.to_string());
                format!("created {} to {}", print(from), print(until))
            }
            Probe::Property { name, matching } => format!("{name} {matching:?}"),
        });
        printed.collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn filters_become_probes() {
        let id = "5d2b9d0f-0d5d-4b7e-9a4d-1f6f2f2d7c10";
        let filters = [
            "userPrincipalName eq 'Ida@X.example'".to_owned(),
            "startswith(displayName,'Id')".into(),
            "startsWith(userPrincipalName,'id') and accountEnabled eq true".into(),
            "accountEnabled eq false".into(),
            "employeeId eq '17' and startswith(displayName,'a')".into(),
            "employeeId in ('17','18','17')".into(),
            format!("id in ('{id}')"),
            format!("id eq {id} or id eq 'x' or userPrincipalName eq 'a@b'"),
            "department eq 'Tours' or startswith(surname,'B')".into(),
            "mail eq 'a@b'".into(),
            "mailNickname eq 'a'".into(),
            "tolower(displayName) eq 'ida'".into(),
            "otherMails/any(m:m eq 'a@b' or startswith(m,'c'))".into(),
            "createdDateTime ge 2026-01-01T00:00:00Z and createdDateTime lt 2026-02-01T00:00:00Z".into(),
            "createdDateTime ge 2026-01-01 and department eq 'Tours'".into(),
            "'Tours' eq department".into(),
        ];
        let plans: Vec<String> = filters.iter().map(|filter| plan(filter)).collect();
        insta::assert_snapshot!(plans.join("\n"), @r#"
            userPrincipalName Exactly("ida@x.example")
            displayName Prefix("id")
            userPrincipalName Prefix("id")
            accountEnabled Exactly("false")
            employeeId Exactly("17")
            employeeId Exactly("17") | employeeId Exactly("18")
            id 5d2b9d0f
            id 5d2b9d0f | userPrincipalName Exactly("a@b")
            department Exactly("tours") | surname Prefix("b") | displayName Prefix("b") | displayName Word("b")
            mail Exactly("a@b") | userPrincipalName Exactly("a@b")
            mailNickname Exactly("a") | userPrincipalName Prefix("a@")
            displayName Exactly("ida")
            otherMails Exactly("a@b") | otherMails Prefix("c")
            created 2026-01-01T00:00:00Z to 2026-02-01T00:00:00Z
            department Exactly("tours")
            department Exactly("tours")
            "#);
    }

    #[test]
    fn what_no_index_answers_is_looked_for_everywhere() {
        for filter in [
            "jobTitle eq 'Guide'",
            "not(department eq 'Tours')",
            "department ne 'Tours'",
            "department eq 'Tours' or jobTitle eq 'Guide'",
            "otherMails/all(m:m eq 'a@b')",
            "endswith(mail,'b')",
            "startswith(displayName,'')",
            "accountEnabled eq true",
            "department eq null",
            "onPremisesExtensionAttributes/extensionAttribute1 eq 'x'",
        ] {
            assert_eq!(plan(filter), "scan", "{filter}");
        }
    }
}
