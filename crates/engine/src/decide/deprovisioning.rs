//! What becomes of the target object of an object that leaves.

use provisor_expression::Value;

use super::scope::Standing;
use super::{Pending, Progress, Verdict, Write};
use crate::decide::LinkDecision;
use crate::log::Action;

impl<'a> Pending<'a> {
    /// The object is gone for good: so is its target object, if deletions are allowed.
    pub(super) fn gone(self) -> Progress<'a> {
        self.explanation_gone().delete_or_keep(Standing::Gone)
    }

    fn explanation_gone(mut self) -> Self {
        self.explanation.gone();
        self
    }

    /// The object is not in scope (any more).
    pub(super) fn leave(mut self) -> Progress<'a> {
        let (mapping, standing) = (self.context.mapping, self.standing);
        let subject = format!("{} '{}'", mapping.source_type(), self.object.label);
        let Some(target) = self.link.clone() else {
            let message = format!("{subject} is not provisioned, and is not to be: {}", standing.reason());
            return self.skip(code_of(standing), message);
        };
        if standing == Standing::NotLookedAt {
            let message =
                format!("{subject} is not looked at ({}): its account stays as it is", standing.reason());
            return self.skip(code_of(standing), message);
        }
        if standing.out_of_scope() && self.context.policy.skip_out_of_scope_deletions {
            let message = format!(
                "{subject} left the scope ({}), and SkipOutOfScopeDeletions is set: its account stays as it is",
                standing.reason()
            );
            return self.skip("SkipOutOfScopeDeletions", message);
        }
        if !mapping.soft_deletion {
            return self.delete_or_keep(standing);
        }
        if !mapping.attributes.iter().any(|flow| flow.uses_soft_deleted) {
            let message = format!(
                "{subject} is to be deactivated ({}), but no attribute mapping uses [IsSoftDeleted]; map it, \
                 usually to 'active'",
                standing.reason()
            );
            return self.skip("SoftDeletionNotMapped", message);
        }
        if let Some(value) = mapping.soft_deleted_slot.and_then(|slot| self.values.get_mut(slot)) {
            *value = Value::from("True");
        }
        self.look_up(target)
    }

    /// The target object of a leaving object is gone already: only the link is left to be dropped.
    pub(super) fn vanished(self) -> Progress<'a> {
        let message = format!(
            "{} '{}' is to be deactivated ({}), and its target object is gone already",
            self.context.mapping.source_type(),
            self.object.label,
            self.standing.reason()
        );
        self.skip("TargetObjectGone", message)
    }

    fn delete_or_keep(mut self, standing: Standing) -> Progress<'a> {
        self.standing = standing;
        let mapping = self.context.mapping;
        let subject = format!("{} '{}'", mapping.source_type(), self.object.label);
        let Some(target) = self.link.clone() else {
            let message = format!("{subject} was never provisioned, and {}", standing.reason());
            return self.skip(code_of(standing), message);
        };
        if !mapping.flows.delete {
            let message = format!(
                "{subject}: {}; the object mapping does not allow deletions, so its target object stays and is no \
                 longer managed",
                standing.reason()
            );
            let reason = crate::log::Reason { code: "DeleteNotAllowed".into(), message };
            return self.finish_linked(
                Verdict::Skip(reason),
                Action::Other,
                Write::Nothing,
                LinkDecision::Remove,
            );
        }
        self.explanation.deleting(standing.reason());
        self.finish_linked(Verdict::Act, Action::Delete, Write::Delete { target }, LinkDecision::Remove)
    }
}

/// The skip code that readers of Entra's log know.
fn code_of(standing: Standing) -> &'static str {
    match standing {
        Standing::Unassigned => "NotEffectivelyEntitled",
        Standing::FilteredOut | Standing::OfNoCategory | Standing::NotLookedAt => "NotInScope",
        Standing::SoftDeleted | Standing::Gone => "DeletedInSource",
        Standing::Disabled => "NotActiveInSource",
        Standing::InScope => "RedundantExport",
    }
}
