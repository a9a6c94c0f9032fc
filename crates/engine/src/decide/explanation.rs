//! The recorded steps of a decision, in the words that readers of Entra's log know.

use std::borrow::Cow;

use provisor_expression::Value;

use super::scope::Standing;
use crate::log::{Reason, Status, Step, StepKind};
use crate::object::{SourceObject, TargetId, TargetObject};
use crate::schema::{ClauseResult, Mapping};

/// How many attributes a sentence names.
const NAMES: usize = 4;
/// The longest text of one detail, in characters; longer ones are cut.
const DETAIL_LENGTH: usize = 256;

pub(super) struct Explanation<'a> {
    mapping: &'a Mapping,
    object: &'a SourceObject,
    steps: Vec<Step>,
    subject: String,
    matched: bool,
}

impl<'a> Explanation<'a> {
    pub(super) fn new(mapping: &'a Mapping, object: &'a SourceObject) -> Self {
        let subject = format!("{} '{}'", mapping.source_type(), object.label);
        let mut details: Vec<(Cow<'static, str>, String)> = Vec::with_capacity(object.values.len() + 1);
        details.push(("objectId".into(), object.anchor.as_str().to_owned()));
        for (attribute, value) in mapping.source.attributes.iter().zip(&object.values) {
            if let Some(text) = text_of(value)
                && &*attribute.name != "objectId"
            {
                details.push((Cow::Owned(attribute.name.to_string()), text));
            }
        }
        let import = Step {
            name: "EntryImport".into(),
            kind: StepKind::Import,
            status: Status::Success,
            description: format!("Retrieved {subject} from {}", mapping.source_system),
            details,
        };
        let mut steps = Vec::with_capacity(5);
        steps.push(import);
        Self { mapping, object, steps, subject, matched: false }
    }

    fn step(&mut self, name: &'static str, kind: StepKind, status: Status, description: String) -> &mut Step {
        self.steps.push(Step { name: name.into(), kind, status, description, details: Vec::new() });
        let last = self.steps.len() - 1;
        &mut self.steps[last]
    }

    pub(super) fn gone(&mut self) {
        let description = format!("{} is gone from the source for good", self.subject);
        self.step("EntryImportDelete", StepKind::Import, Status::Success, description);
    }

    pub(super) fn scoped(
        &mut self,
        standing: Standing,
        active: bool,
        sync_all: bool,
        assigned: bool,
        passes: bool,
        clauses: &[ClauseResult],
    ) {
        let description = format!("{}: {}", self.subject, standing.reason());
        let status = if standing == Standing::InScope { Status::Success } else { Status::Skipped };
        let mut evaluation = String::from("{");
        for (index, clause) in clauses.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            let title = serde_json::Value::from(clause.title.as_str());
            evaluation.push_str(&format!("{comma}{title}:{}", clause.holds));
        }
        evaluation.push('}');
        let step = self.step("EntrySynchronizationScoping", StepKind::Scoping, status, description);
        step.details.push(("Active in the source system".into(), truth(active)));
        if sync_all {
            step.details.push(("Scope sync all".into(), truth(true)));
        } else {
            step.details.push(("Assigned to the application".into(), truth(assigned)));
            step.details.push(("User has the required role".into(), truth(assigned)));
        }
        step.details.push(("Scoping filter evaluation passed".into(), truth(passes)));
        step.details.push(("ScopeEvaluationResult".into(), evaluation));
        for clause in clauses {
            if let Some(why) = clause.why {
                step.details
                    .push(("Clause that cannot be judged".into(), format!("{}: {why}", clause.title)));
            }
        }
    }

    pub(super) fn stale_link(&mut self, link: Option<&TargetId>) {
        let id = link.map_or("", TargetId::as_str);
        let description = format!(
            "The target object '{id}' that {} was linked to is gone: the link is dropped",
            self.subject
        );
        self.step("EntryImportByReportableIdentifier", StepKind::Matching, Status::Warning, description);
    }

    pub(super) fn unmatched(&mut self) {
        let description = format!("No target object matches {}", self.subject);
        self.step("EntryImport", StepKind::Matching, Status::Success, description);
    }

    pub(super) fn matched(&mut self, attribute: &str, target: &TargetObject) {
        let description =
            format!("Matched {} by {attribute} with target object '{}'", self.subject, target.id);
        self.step("EntryImport", StepKind::Matching, Status::Success, description);
    }

    pub(super) fn compared_with(&mut self, target: &TargetObject) {
        let details: Vec<(Cow<'static, str>, String)> = std::iter::once(("id".into(), target.id.to_string()))
            .chain(self.mapping.target.attributes.iter().zip(&target.values).filter_map(
                |(attribute, value)| Some((Cow::Owned(attribute.name.to_string()), text_of(value)?)),
            ))
            .collect();
        if self.steps.last().is_none_or(|step| step.kind != StepKind::Matching) {
            let description = format!("Retrieved the linked target object '{}'", target.id);
            self.step("EntryImport", StepKind::Matching, Status::Success, description);
        }
        if let Some(step) = self.steps.last_mut() {
            step.details = details;
        }
        self.matched = true;
    }

    pub(super) fn creating(&mut self) {
        let description = format!(
            "Determined that {} is to be created: it is in scope, and no target object matches",
            self.subject
        );
        self.step("EntrySynchronizationAdd", StepKind::Processing, Status::Success, description);
    }

    /// `changed`: the target attributes that differ.
    pub(super) fn updating(&mut self, leaving: Option<&str>, changed: &[&str]) {
        let description = match leaving {
            Some(reason) => format!("Determined that {} is to be deactivated: {reason}", self.subject),
            None => format!(
                "Determined that {} is to be updated: it is in scope, and its target object has another {}",
                self.subject,
                some_of(changed)
            ),
        };
        self.step("EntrySynchronizationUpdate", StepKind::Processing, Status::Success, description);
    }

    pub(super) fn deleting(&mut self, reason: &str) {
        let description = format!("Determined that {} is to be deleted: {reason}", self.subject);
        self.step("EntrySynchronizationDelete", StepKind::Processing, Status::Success, description);
    }

    pub(super) fn skipped(&mut self, reason: &Reason) {
        let (code, message) = (reason.code.to_string(), reason.message.clone());
        let step = self.step("EntrySynchronizationSkip", StepKind::Processing, Status::Skipped, message);
        step.details.push(("SkipReason".into(), code));
    }

    pub(super) fn failed(&mut self, reason: &Reason) {
        let (code, message) = (reason.code.to_string(), reason.message.clone());
        let step = self.step("EntrySynchronizationError", StepKind::Processing, Status::Failure, message);
        step.details.push(("ErrorCode".into(), code));
    }

    pub(super) fn target_label(&self) -> String {
        if self.matched { self.object.label.to_string() } else { String::new() }
    }

    pub(super) fn into_steps(self) -> Vec<Step> {
        self.steps
    }
}

/// A few of the names, and how many more there are.
fn some_of(names: &[&str]) -> String {
    let shown = names.len().min(NAMES);
    let text = names[..shown].join(", ");
    match names.len() - shown {
        0 => text,
        more => format!("{text} and {more} more"),
    }
}

fn truth(value: bool) -> String {
    String::from(if value { "True" } else { "False" })
}

/// A value as the log shows it: lists joined with commas, long texts cut; `None` for nothing.
pub(crate) fn text_of(value: &Value) -> Option<String> {
    let text = match value {
        Value::Null => return None,
        Value::List(values) => values.iter().filter_map(text_of).collect::<Vec<_>>().join(", "),
        Value::Record(fields) => fields
            .iter()
            .filter_map(|(name, value)| Some(format!("{name}={}", text_of(value)?)))
            .collect::<Vec<_>>()
            .join(" "),
        Value::Binary(bytes) => format!("{} bytes", bytes.len()),
        single => single.text()?.into_owned(),
    };
    if text.is_empty() {
        return None;
    }
    match text.char_indices().nth(DETAIL_LENGTH) {
        Some((cut, _)) => Some(format!("{}… ({} characters)", &text[..cut], text.chars().count())),
        None => Some(text),
    }
}
