//! Whether an object is to exist in the target.

use provisor_expression::Value;

use super::Context;
use super::explanation::Explanation;
use crate::object::{Presence, SourceObject};
use crate::schema::Filter;

/// How an object stands toward the scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is to exist and be active.
    InScope,
    /// It is not assigned, and the job provisions only who is.
    Unassigned,
    /// It does not pass the scoping filter.
    FilteredOut,
    /// It does not pass the filter that says which objects belong to the mapping.
    OfNoCategory,
    /// It does not pass the filter that says which objects are looked at: it stays as it is.
    NotLookedAt,
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
        matches!(self, Self::Unassigned | Self::FilteredOut | Self::OfNoCategory)
    }

    /// Why the object is not in scope, for people.
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::InScope => "it is in scope",
            Self::Unassigned => "it is not assigned to the application",
            Self::FilteredOut => "it does not pass the scoping filter",
            Self::OfNoCategory => "it does not pass the category filter of the object mapping",
            Self::NotLookedAt => "it does not pass the input filter of the object mapping",
            Self::SoftDeleted => "it was deleted in the source and can still be restored",
            Self::Disabled => "its account is disabled in the source",
            Self::Gone => "it is gone from the source for good",
        }
    }
}

/// Judges the conditions in the order that the log shows them; all are shown, the first that fails counts. The
/// input filter comes before everything: what it keeps out is not looked at further.
pub(super) fn judge(
    context: &Context<'_>,
    object: &SourceObject,
    values: &[Value],
    explanation: &mut Explanation<'_>,
) -> Standing {
    let active = object.presence == Presence::Active && object.enabled;
    let entitled = context.policy.sync_all || object.assigned;
    let mut clauses = Vec::new();
    let mut passes = |filter: &Option<Filter>| {
        let (passes, judged) = filter.as_ref().map_or((true, Vec::new()), |filter| filter.evaluate(values));
        clauses.extend(judged);
        passes
    };
    let mapping = context.mapping;
    let looked_at = passes(&mapping.input);
    let belongs = passes(&mapping.category);
    let in_scope = passes(&mapping.scope);
    let standing = match (object.presence, object.enabled) {
        (Presence::Deleted, _) => Standing::Gone,
        _ if !looked_at => Standing::NotLookedAt,
        (Presence::SoftDeleted, _) => Standing::SoftDeleted,
        (Presence::Active, false) => Standing::Disabled,
        (Presence::Active, true) if !entitled => Standing::Unassigned,
        (Presence::Active, true) if !belongs => Standing::OfNoCategory,
        (Presence::Active, true) if !in_scope => Standing::FilteredOut,
        (Presence::Active, true) => Standing::InScope,
    };
    let passes = looked_at && belongs && in_scope;
    explanation.scoped(standing, active, context.policy.sync_all, object.assigned, passes, &clauses);
    standing
}
