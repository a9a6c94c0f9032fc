//! Whether an object is to exist in the target.

use provisor_expression::Value;

use super::Context;
use super::explanation::Explanation;
use crate::object::{Presence, SourceObject};

/// How an object stands toward the scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is to exist and be active.
    InScope,
    /// It is not assigned, and the job provisions only who is.
    Unassigned,
    /// It does not pass the scoping filter.
    FilteredOut,
    /// It is in the source's recycle bin.
    SoftDeleted,
    /// Its sign-in is blocked.
    Disabled,
    /// It is gone for good.
    Gone,
}

impl Standing {
    /// Whether it left by a decision about scope, not by what happened to the object itself.
    pub(super) fn out_of_scope(self) -> bool {
        matches!(self, Self::Unassigned | Self::FilteredOut)
    }

    /// Why the object is not in scope, for people.
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::InScope => "it is in scope",
            Self::Unassigned => "it is not assigned to the application",
            Self::FilteredOut => "it does not pass the scoping filter",
            Self::SoftDeleted => "it was deleted in the source and can still be restored",
            Self::Disabled => "its account is disabled in the source",
            Self::Gone => "it is gone from the source for good",
        }
    }
}

/// Judges the conditions in the order that the log shows them; all are shown, the first that fails counts.
pub(super) fn judge(
    context: &Context<'_>,
    object: &SourceObject,
    values: &[Value],
    explanation: &mut Explanation<'_>,
) -> Standing {
    let active = object.presence == Presence::Active && object.enabled;
    let entitled = context.policy.sync_all || object.assigned;
    let (passes, clauses) =
        context.mapping.scope.as_ref().map_or((true, Vec::new()), |filter| filter.evaluate(values));
    let standing = match (object.presence, object.enabled) {
        (Presence::Deleted, _) => Standing::Gone,
        (Presence::SoftDeleted, _) => Standing::SoftDeleted,
        (Presence::Active, false) => Standing::Disabled,
        (Presence::Active, true) if !entitled => Standing::Unassigned,
        (Presence::Active, true) if !passes => Standing::FilteredOut,
        (Presence::Active, true) => Standing::InScope,
    };
    explanation.scoped(standing, active, context.policy.sync_all, object.assigned, passes, &clauses);
    standing
}
