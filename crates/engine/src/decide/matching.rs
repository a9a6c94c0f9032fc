//! Which target object belongs to an unlinked source object.

use super::{Candidate, Need, Pending, Progress, Stage};
use crate::decide::LinkDecision;
use crate::decide::mapping::{Flowed, evaluate};
use crate::log::Action;
use crate::ports::SlotValue;

impl<'a> Pending<'a> {
    /// Whether any matching attribute has a value: without one the object cannot be told from others.
    pub(super) fn has_matching_value(&self) -> bool {
        self.context.mapping.matching.iter().any(|&index| self.matching_value(index).is_some())
    }

    fn matching_value(&self, flow: usize) -> Option<SlotValue> {
        let flow = self.context.mapping.attributes.get(flow)?;
        let attribute = self.context.mapping.target.attributes.get(flow.slot)?;
        match evaluate(flow, attribute, &self.values, &self.context, &self.taken) {
            Ok(Flowed::Value(value)) if !value.is_null_or_empty() => {
                Some(SlotValue { slot: flow.slot, value })
            }
            _ => None,
        }
    }

    pub(super) fn import_skipped(self) -> Progress<'a> {
        let mapping = self.context.mapping;
        let names: Vec<&str> = mapping
            .matching
            .iter()
            .filter_map(|&index| mapping.attributes.get(index))
            .map(|flow| mapping.target_name(flow.slot))
            .collect();
        let message = format!(
            "{} '{}' has no value for any matching attribute ({}), so no target object can be told to be its own; \
             give it a value or map the attribute from another one",
            mapping.source_type(),
            self.object.label,
            names.join(", ")
        );
        self.skip("ImportSkipped", message)
    }

    /// Asks by the first matching attribute from this place on that has a value; with none left, nothing
    /// matches.
    pub(super) fn match_from(mut self, place: usize) -> Progress<'a> {
        let matching = &self.context.mapping.matching;
        for (next, &index) in matching.iter().enumerate().skip(place) {
            if let Some(criterion) = self.matching_value(index) {
                self.stage = Stage::Match(next);
                return Progress::Ask(Need::TargetMatching(criterion), Box::new(self));
            }
        }
        self.explanation.unmatched();
        self.create()
    }

    pub(super) fn matched(mut self, place: usize, mut candidates: Vec<Candidate>) -> Progress<'a> {
        let mapping = self.context.mapping;
        let attribute = mapping
            .matching
            .get(place)
            .and_then(|&index| mapping.attributes.get(index))
            .map_or("", |flow| mapping.target_name(flow.slot));
        if candidates.len() > 1 {
            let ids: Vec<&str> = candidates.iter().map(|candidate| candidate.object.id.as_str()).collect();
            let message = format!(
                "{} target objects have the same {attribute} as {} '{}' ({}); leave the value to one of them, or \
                 match by another attribute",
                candidates.len(),
                mapping.source_type(),
                self.object.label,
                ids.join(", ")
            );
            return self.fail(Action::Other, "DuplicateTargetEntries", message);
        }
        let Some(candidate) = candidates.pop() else { return self.match_from(place + 1) };
        if let Some(other) = candidate.linked_to.filter(|other| *other != self.object.anchor) {
            let message = format!(
                "target object '{}' has the same {attribute} as {} '{}', but belongs to source object '{other}' \
                 already; two source objects cannot share one",
                candidate.object.id,
                mapping.source_type(),
                self.object.label,
            );
            return self.fail(Action::Other, "DuplicateSourceEntries", message);
        }
        self.explanation.matched(attribute, &candidate.object);
        let link = LinkDecision::Set(candidate.object.id.clone());
        self.compare(&candidate.object, link)
    }
}
