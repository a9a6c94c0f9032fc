//! What the store's indexes can answer of a filter on the provisioning log.

use jiff::Timestamp;
use provisor_engine::log::Status;
use provisor_graph::odata::filter::{Expression, Filter, Literal, Operator, Term};
use provisor_store::log::LogQuery;
use uuid::Uuid;

const SECOND: i64 = 1_000_000;

/// The part of a filter that the store answers: every entry that passes the filter is among those it gives.
#[derive(Debug)]
pub(super) struct Indexed {
    /// The conditions.
    pub(super) query: LogQuery,
    /// Whether they are all of the filter: nothing is left to check.
    pub(super) exact: bool,
}

impl Indexed {
    /// No filter at all.
    pub(super) fn everything() -> Self {
        Self { query: LogQuery::default(), exact: true }
    }

    /// What can be answered of a filter.
    pub(super) fn of(filter: &Filter) -> Self {
        let mut indexed = Self::everything();
        let terms = filter.conjuncts();
        let parts = match filter.expression() {
            Expression::And(parts) => parts.len(),
            _ => 1,
        };
        indexed.exact = terms.len() == parts;
        for term in &terms {
            let exact = indexed.narrow(term);
            indexed.exact &= exact;
        }
        indexed
    }

    /// Takes a condition in; whether it is now answered wholly.
    fn narrow(&mut self, term: &Term) -> bool {
        let query = &mut self.query;
        let path = term.path.to_ascii_lowercase();
        if path == "activitydatetime" {
            return self.time(term);
        }
        if term.operator != Operator::Eq {
            return false;
        }
        match path.as_str() {
            "jobid" => set(&mut query.job_id, text(&term.value)),
            "sourceidentity/id" => set(&mut query.source, text(&term.value)),
            "serviceprincipal/id" => set(&mut query.service_principal, id(&term.value)),
            "cycleid" => set(&mut query.cycle, id(&term.value)),
            "changeid" => set(&mut query.change, id(&term.value)),
            "id" => set(&mut query.id, id(&term.value)),
            "provisioningstatusinfo/status" | "statusinfo/status" => {
                set(&mut query.status, status(&term.value))
            }
            _ => false,
        }
    }

    /// Entries print whole seconds, and filters see what is printed.
    fn time(&mut self, term: &Term) -> bool {
        let Literal::DateTime(at) = &term.value else { return false };
        let micros = at.as_microsecond();
        let floor = micros.div_euclid(SECOND) * SECOND;
        let next = floor + SECOND;
        let ceiling = if at.as_nanosecond() == i128::from(floor) * 1000 { floor } else { next };
        let (from, before) = match term.operator {
            Operator::Ge => (Some(ceiling), None),
            Operator::Gt => (Some(next), None),
            Operator::Le => (None, Some(next)),
            Operator::Lt => (None, Some(ceiling)),
            Operator::Eq => (Some(ceiling), Some(next)),
            _ => return false,
        };
        let instant = |micros: i64| Timestamp::from_microsecond(micros).ok();
        if let Some(from) = from.and_then(instant) {
            self.query.from = Some(self.query.from.map_or(from, |known| known.max(from)));
        }
        if let Some(to) = before.and_then(|before| instant(before - 1)) {
            self.query.to = Some(self.query.to.map_or(to, |known| known.min(to)));
        }
        from.is_none_or(|from| instant(from).is_some()) && before.is_none_or(|to| instant(to - 1).is_some())
    }
}

/// Sets a condition; one that is set already, or that no index can answer, is left to be checked.
fn set<T: PartialEq>(place: &mut Option<T>, value: Option<T>) -> bool {
    match (&place, value) {
        (_, None) => false,
        (Some(known), Some(value)) => *known == value,
        (None, Some(value)) => {
            *place = Some(value);
            true
        }
    }
}

/// The text that an entry prints. GUIDs without quotes compare without regard to case, and so are left.
fn text(value: &Literal) -> Option<String> {
    match value {
        Literal::String(text) => Some(text.clone()),
        _ => None,
    }
}

/// An id that is printed in lower case.
fn id(value: &Literal) -> Option<Uuid> {
    match value {
        Literal::Guid(id) => Some(*id),
        Literal::String(text) => Uuid::try_parse(text).ok().filter(|id| id.to_string() == *text),
        _ => None,
    }
}

fn status(value: &Literal) -> Option<Status> {
    let text = match value {
        Literal::String(text) => text,
        Literal::Enum { member, .. } => member,
        _ => return None,
    };
    [
        ("success", Status::Success),
        ("failure", Status::Failure),
        ("skipped", Status::Skipped),
        ("warning", Status::Warning),
    ]
    .into_iter()
    .find_map(|(name, status)| name.eq_ignore_ascii_case(text).then_some(status))
}

#[cfg(test)]
mod tests {
    use provisor_graph::odata::filter;

    use super::*;

    fn indexed(text: &str) -> Indexed {
        Indexed::of(&filter::parse(text).unwrap())
    }

    #[test]
    fn filters_of_monitors_leave_nothing_to_check() {
        let guid = "5d2b9d0f-0d5d-4b7e-9a4d-1f6f2f2d7c10";
        for text in [
            "jobid eq 'x'".to_owned(),
            format!("servicePrincipal/id eq '{guid}' and cycleId eq {guid}"),
            format!("changeId eq '{guid}' and sourceIdentity/id eq 'x'"),
            format!("id eq '{guid}'"),
            "provisioningStatusInfo/status eq 'Failure' and activityDateTime gt 2026-03-04".to_owned(),
            "statusInfo/status eq microsoft.graph.provisioningResult'skipped'".to_owned(),
        ] {
            assert!(indexed(&text).exact, "{text}");
        }
        for text in [
            "jobId eq 'x' or jobId eq 'y'".to_owned(),
            "contains(jobId,'x')".to_owned(),
            "provisioningStatusInfo/status ne 'failure'".to_owned(),
            "jobId eq 'x' and jobId eq 'y'".to_owned(),
            format!("cycleId eq '{}'", guid.to_uppercase()),
            format!("sourceIdentity/id eq {guid}"),
            "cycleId eq null".to_owned(),
        ] {
            assert!(!indexed(&text).exact, "{text}");
        }
    }

    #[test]
    fn times_are_those_that_are_printed() {
        let span = |text: &str| {
            let query = indexed(text).query;
            let print = |at: Option<Timestamp>| at.map_or_else(String::new, |at| at.to_string());
            format!("{text}: {}..{}", print(query.from), print(query.to))
        };
        let spans: Vec<String> = ["eq", "gt", "ge", "lt", "le"]
            .into_iter()
            .flat_map(|operator| {
                ["00Z", "00.25Z"]
                    .map(|second| span(&format!("activityDateTime {operator} 2026-03-04T09:12:{second}")))
            })
            .collect();
        insta::assert_snapshot!(spans.join("\n"), @r"
        activityDateTime eq 2026-03-04T09:12:00Z: 2026-03-04T09:12:00Z..2026-03-04T09:12:00.999999Z
        activityDateTime eq 2026-03-04T09:12:00.25Z: 2026-03-04T09:12:01Z..2026-03-04T09:12:00.999999Z
        activityDateTime gt 2026-03-04T09:12:00Z: 2026-03-04T09:12:01Z..
        activityDateTime gt 2026-03-04T09:12:00.25Z: 2026-03-04T09:12:01Z..
        activityDateTime ge 2026-03-04T09:12:00Z: 2026-03-04T09:12:00Z..
        activityDateTime ge 2026-03-04T09:12:00.25Z: 2026-03-04T09:12:01Z..
        activityDateTime lt 2026-03-04T09:12:00Z: ..2026-03-04T09:11:59.999999Z
        activityDateTime lt 2026-03-04T09:12:00.25Z: ..2026-03-04T09:12:00.999999Z
        activityDateTime le 2026-03-04T09:12:00Z: ..2026-03-04T09:12:00.999999Z
        activityDateTime le 2026-03-04T09:12:00.25Z: ..2026-03-04T09:12:00.999999Z
        ");
    }
}
