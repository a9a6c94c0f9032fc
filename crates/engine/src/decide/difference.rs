//! What a target object lacks, and what a new one gets.

use provisor_expression::Value;

use super::mapping::{Flowed, evaluate};
use super::scope::Standing;
use super::{LinkDecision, Need, Pending, Progress, Stage, Verdict, Write};
use crate::log::{Action, Reason};
use crate::object::TargetObject;
use crate::ports::{AttributeType, Change, ChangeKind, Mutability, SlotValue, TargetAttribute};
use crate::schema::{AttributeFlow, FlowBehavior, FlowSource, FlowType};

/// Why no values could be had.
enum NoValues {
    /// An expression failed.
    Failed(String),
    /// An expression says to leave the object alone.
    ObjectSkipped,
    /// An expression wants to know first whether the target has this value.
    Unknown(SlotValue),
}

impl<'a> Pending<'a> {
    /// The values of the attribute mappings, in their order; `None`: not to flow. Of an object in the
    /// recycle bin only what tells of its deletion flows: its other values may be mangled by the source. A value
    /// that nobody else has is chosen for a new object only.
    fn flowed(&self, creating: bool) -> Result<Vec<Option<Value>>, NoValues> {
        let only_soft_deleted = !matches!(self.standing, Standing::InScope | Standing::Disabled);
        let mapping = self.context.mapping;
        let mut flowed = Vec::with_capacity(mapping.attributes.len());
        for flow in &mapping.attributes {
            let attribute = mapping.target.attributes.get(flow.slot);
            let flows = (!only_soft_deleted || flow.uses_soft_deleted)
                && !self.context.dropped.contains(&flow.slot)
                && (creating || !flow.source.selects_unique_value());
            let Some(attribute) = attribute.filter(|_| flows) else {
                flowed.push(None);
                continue;
            };
            match evaluate(flow, attribute, &self.values, &self.context, &self.taken) {
                Ok(Flowed::Value(value)) => flowed.push(Some(value)),
                Ok(Flowed::Dropped) => flowed.push(None),
                Ok(Flowed::ObjectSkipped) => return Err(NoValues::ObjectSkipped),
                Ok(Flowed::Unknown(value)) => return Err(NoValues::Unknown(value)),
                Err(message) => return Err(NoValues::Failed(message)),
            }
        }
        Ok(flowed)
    }

    fn without_values(mut self, action: Action, cause: NoValues) -> Progress<'a> {
        match cause {
            NoValues::Unknown(value) => {
                self.taken.ask(value.clone());
                self.stage = Stage::Unique;
                Progress::Ask(Need::TargetTaken(value), Box::new(self))
            }
            NoValues::Failed(message) => self.fail(action, "AttributeMappingFailed", message),
            NoValues::ObjectSkipped => {
                let message = format!(
                    "a mapping of {} '{}' gives IgnoreObjectFlow: the object is left alone",
                    self.context.mapping.source_type(),
                    self.object.label
                );
                self.skip("IgnoreObjectFlow", message)
            }
        }
    }

    /// Nothing in the target belongs to the object: it is created.
    pub(super) fn create(self) -> Progress<'a> {
        let mapping = self.context.mapping;
        if !mapping.flows.add {
            let message = format!(
                "nothing in the target matches {} '{}', and the object mapping does not allow new objects",
                mapping.source_type(),
                self.object.label
            );
            return self.skip("AddNotAllowed", message);
        }
        let flowed = match self.flowed(true) {
            Ok(flowed) => flowed,
            Err(cause) => return self.without_values(Action::Create, cause),
        };
        let mut values = Vec::with_capacity(flowed.len());
        for (flow, value) in mapping.attributes.iter().zip(flowed) {
            let value = match value {
                Some(value) if !value.is_null_or_empty() => Some(value),
                Some(_) => flow.default.clone(),
                None => None,
            };
            match value {
                Some(value) => values.push(SlotValue { slot: flow.slot, value }),
                None if flow.required => {
                    let message = format!(
                        "{} '{}' has no value for '{}', which the target requires; give the source attribute a \
                         value or the mapping a default",
                        mapping.source_type(),
                        self.object.label,
                        mapping.target_name(flow.slot)
                    );
                    return self.fail(Action::Create, "MissingValues", message);
                }
                None => {}
            }
        }
        let link = if self.stale_link { LinkDecision::Remove } else { LinkDecision::Keep };
        let mut pending = self;
        pending.explanation.creating();
        pending.finish_linked(Verdict::Act, Action::Create, Write::Create(values), link)
    }

    /// The object has a target object: what differs is written.
    pub(super) fn compare(mut self, target: &TargetObject, link: LinkDecision) -> Progress<'a> {
        let mapping = self.context.mapping;
        self.explanation.compared_with(target);
        let flowed = match self.flowed(false) {
            Ok(flowed) => flowed,
            Err(cause) => return self.without_values(Action::Update, cause),
        };
        let mut changes = Vec::new();
        let mut always = Vec::new();
        for (flow, value) in mapping.attributes.iter().zip(flowed) {
            let (Some(value), Some(attribute)) = (value, mapping.target.attributes.get(flow.slot)) else {
                continue;
            };
            let current = target.values.get(flow.slot).unwrap_or(&Value::Null);
            match difference(flow, attribute, value, current) {
                Difference::None => {}
                Difference::Always(change) => always.push(change),
                Difference::Change(change) => changes.push(change),
            }
        }
        let leaving = self.standing != Standing::InScope;
        let matched_now = matches!(link, LinkDecision::Set(_));
        if changes.is_empty() {
            let verdict = Verdict::Skip(self.redundant(leaving, matched_now));
            return self.finish_linked(verdict, Action::Other, Write::Nothing, link);
        }
        if !mapping.flows.update {
            let message = format!(
                "{} '{}' differs from its target object, but the object mapping does not allow updates",
                mapping.source_type(),
                self.object.label
            );
            let reason = Reason { code: "UpdateNotAllowed".into(), message };
            return self.finish_linked(Verdict::Skip(reason), Action::Other, Write::Nothing, link);
        }
        let action = if leaving { Action::Disable } else { Action::Update };
        let changed: Vec<&str> = changes.iter().map(|change| mapping.target_name(change.slot)).collect();
        self.explanation.updating(leaving.then(|| self.standing.reason()), &changed);
        changes.append(&mut always);
        let write = Write::Update { target: target.id.clone(), changes };
        self.finish_linked(Verdict::Act, action, write, link)
    }

    fn redundant(&self, leaving: bool, matched_now: bool) -> Reason {
        let subject = format!("{} '{}'", self.context.mapping.source_type(), self.object.label);
        let message = match (leaving, matched_now) {
            (true, _) => format!("{subject} is deactivated already: {}", self.standing.reason()),
            (false, true) => format!("{subject} was matched, and its target object agrees with it"),
            (false, false) => format!("{subject} and its target object agree; there is nothing to write"),
        };
        Reason { code: "RedundantExport".into(), message }
    }
}

enum Difference {
    None,
    /// Equal, but to be sent along with every update.
    Always(Change),
    Change(Change),
}

fn difference(flow: &AttributeFlow, attribute: &TargetAttribute, new: Value, current: &Value) -> Difference {
    let change = |kind, new| Change { slot: flow.slot, kind, old: current.clone(), new };
    let writable = attribute.mutability != Mutability::Immutable && flow.flow_type != FlowType::ObjectAddOnly;
    if !writable {
        return Difference::None;
    }
    if new.is_null_or_empty() {
        return match (&flow.source, &flow.default) {
            (FlowSource::None, Some(default)) if current.is_null_or_empty() => {
                Difference::Change(change(ChangeKind::Add, default.clone()))
            }
            _ if flow.clears && flow.flow_type == FlowType::Always && !current.is_null_or_empty() => {
                Difference::Change(change(ChangeKind::Remove, Value::Null))
            }
            _ => Difference::None,
        };
    }
    if current.is_null_or_empty() {
        let unreadable = attribute.mutability == Mutability::WriteOnly;
        let change = change(ChangeKind::Add, new);
        return if unreadable { Difference::Always(change) } else { Difference::Change(change) };
    }
    if same(&new, current, attribute) {
        return match flow.behavior {
            FlowBehavior::FlowAlways => Difference::Always(change(ChangeKind::Replace, new)),
            FlowBehavior::FlowWhenChanged => Difference::None,
        };
    }
    match flow.flow_type {
        FlowType::Always => Difference::Change(change(ChangeKind::Replace, new)),
        FlowType::ValueAddOnly if !attribute.multivalued => {
            Difference::Change(change(ChangeKind::Replace, new))
        }
        FlowType::MultiValueAddOnly | FlowType::ValueAddOnly if attribute.multivalued => {
            let missing: Vec<Value> = elements(&new)
                .iter()
                .filter(|value| !elements(current).iter().any(|held| same_single(value, held, attribute)))
                .cloned()
                .collect();
            if missing.is_empty() {
                return Difference::None;
            }
            Difference::Change(change(ChangeKind::Add, Value::List(missing.into())))
        }
        _ => Difference::None,
    }
}

fn elements(value: &Value) -> &[Value] {
    match value {
        Value::List(values) => values,
        single => std::slice::from_ref(single),
    }
}

/// Whether two values are the same: lists as sets, an empty text as no value, letter case as the attribute
/// says.
pub(crate) fn same(left: &Value, right: &Value, attribute: &TargetAttribute) -> bool {
    let (left, right) = (elements(left), elements(right));
    let within = |these: &[Value], those: &[Value]| {
        these.iter().all(|this| those.iter().any(|that| same_single(this, that, attribute)))
    };
    within(left, right) && within(right, left)
}

fn same_single(left: &Value, right: &Value, attribute: &TargetAttribute) -> bool {
    if left == right {
        return true;
    }
    let (Some(left), Some(right)) = (text_of(left), text_of(right)) else { return false };
    match attribute.attribute_type {
        AttributeType::Boolean => left.eq_ignore_ascii_case(&right),
        AttributeType::DateTime => {
            match (left.parse::<jiff::Timestamp>(), right.parse::<jiff::Timestamp>()) {
                (Ok(left), Ok(right)) => left == right,
                _ => left == right,
            }
        }
        _ if attribute.case_exact => left == right,
        _ => left == right || left.to_lowercase() == right.to_lowercase(),
    }
}

/// The text that a value is compared by. A complex one, such as a role, goes by its `value` (RFC 7643 section 2.4), as
/// it is read from the target.
fn text_of(value: &Value) -> Option<std::borrow::Cow<'_, str>> {
    value.text().or_else(|| value.field("value")?.text())
}
