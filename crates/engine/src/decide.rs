//! The decision about one object: what is to be done in the target, and why.
//!
//! Pure: no I/O, no clock, no randomness but what the context carries. The decision asks, it does not fetch:
//! [`begin`] either decides or says what it needs to know of the target ([`Need`]); [`Pending::answer`] goes on
//! with the answer. A cycle, an on-demand run, a plan and the simulation drive this same code.

mod deprovisioning;
mod difference;
mod explanation;
mod mapping;
mod matching;
mod scope;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use jiff::Timestamp;
use provisor_expression::Value;

use crate::ids::Ids;
use crate::log::{Action, Identity, Reason, Status, Step, StepKind};
use crate::object::{Anchor, Presence, SourceObject, TargetId, TargetObject};
use crate::ports::{Change, ConnectorError, ErrorClass, SlotValue};
use crate::schema::Mapping;
pub(crate) use difference::same as same_value;
use explanation::Explanation;
pub(crate) use explanation::text_of;
use mapping::Taken;
use scope::Standing;

/// Settings of the job that decisions depend on.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// Everybody is in scope who passes the filter (`SyncAll`), not only who is assigned.
    pub sync_all: bool,
    /// Leaving scope changes nothing in the target (`SkipOutOfScopeDeletions`).
    pub skip_out_of_scope_deletions: bool,
    /// One of so many updates is read back and compared; 0: none.
    pub read_back_every: u64,
    /// The tenant's default domain, for the function `DefaultDomain()`.
    pub default_domain: Option<Arc<str>>,
}

/// What a decision depends on besides the object.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The compiled mapping of the object's type.
    pub mapping: &'a Mapping,
    /// Settings of the job.
    pub policy: &'a Policy,
    /// Target attributes (slots) that the target does not have: they do not flow.
    pub dropped: &'a [usize],
    /// The one instant of this decision.
    pub now: Timestamp,
    /// Randomness, for the functions that want it.
    pub ids: &'a dyn Ids,
}

/// What a decision needs to know of the target.
#[derive(Clone, Debug, PartialEq)]
pub enum Need {
    /// The object with this id.
    TargetById(TargetId),
    /// The objects with this value of a matching attribute.
    TargetMatching(SlotValue),
    /// Whether anything has, or is just being given, this value of an attribute.
    TargetTaken(SlotValue),
}

/// The answer to a [`Need`].
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// To [`Need::TargetById`]: the object, or that there is none.
    Object(Option<TargetObject>),
    /// To [`Need::TargetMatching`].
    Matches(Vec<Candidate>),
    /// To [`Need::TargetTaken`].
    Taken(bool),
}

/// A target object that matches.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The object.
    pub object: TargetObject,
    /// The source object it is linked to already, if any.
    pub linked_to: Option<Anchor>,
}

/// What is to be written.
#[derive(Clone, Debug, PartialEq)]
pub enum Write {
    /// Nothing.
    Nothing,
    /// A new object.
    Create(Vec<SlotValue>),
    /// Changes of an object.
    Update {
        /// The object.
        target: TargetId,
        /// Its changes; never empty.
        changes: Vec<Change>,
    },
    /// The end of an object.
    Delete {
        /// The object.
        target: TargetId,
    },
}

/// What happens to the link once the write is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkDecision {
    /// As it is.
    Keep,
    /// The object belongs to this target object.
    Set(TargetId),
    /// The object belongs to none.
    Remove,
}

/// How the object stands if nothing is written, or before the write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// There is something to write, or the object was matched.
    Act,
    /// There is nothing to do, for this reason.
    Skip(Reason),
    /// The object cannot be provisioned as it is.
    Fail(ErrorClass, Reason),
}

/// The decision about one object.
#[derive(Clone, Debug)]
pub struct Decision {
    /// Act, skip or fail.
    pub verdict: Verdict,
    /// What the log calls it.
    pub action: Action,
    /// What is to be written.
    pub write: Write,
    /// What happens to the link.
    pub link: LinkDecision,
    /// Whether the object is in scope: its references are then kept up.
    pub in_scope: bool,
    /// The object in the target, as far as it is known.
    pub target: Identity,
    /// The steps so far.
    pub steps: Vec<Step>,
}

impl Decision {
    /// The decision about an object about which the target would not tell enough.
    #[must_use]
    pub fn unreachable(mapping: &Mapping, error: &ConnectorError) -> Self {
        let step = Step {
            name: "EntryImport".into(),
            kind: StepKind::Matching,
            status: Status::Failure,
            description: error.to_string(),
            details: Vec::new(),
        };
        Self {
            verdict: Verdict::Act,
            action: Action::Other,
            write: Write::Nothing,
            link: LinkDecision::Keep,
            in_scope: false,
            target: Identity { object_type: mapping.target_type().to_string(), ..Identity::default() },
            steps: vec![step],
        }
    }
}

/// How far a decision has come.
#[derive(Debug)]
pub enum Progress<'a> {
    /// It needs an answer.
    Ask(Need, Box<Pending<'a>>),
    /// It is done.
    Done(Box<Decision>),
}

/// A decision that waits for an answer.
pub struct Pending<'a> {
    context: Context<'a>,
    object: &'a SourceObject,
    link: Option<TargetId>,
    values: Vec<Value>,
    standing: Standing,
    stage: Stage,
    stale_link: bool,
    taken: Taken,
    explanation: Explanation<'a>,
}

impl std::fmt::Debug for Pending<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pending")
            .field("anchor", &self.object.anchor)
            .field("stage", &self.stage)
            .finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The linked object was asked for.
    LookUp,
    /// Objects were asked for by the matching attribute of this place in the order of precedence.
    Match(usize),
    /// A value for a new object was asked for.
    Unique,
}

/// Decides about an object, or says what it needs to know first. `link` is the target object that is
/// remembered for it.
#[must_use]
pub fn begin<'a>(context: Context<'a>, object: &'a SourceObject, link: Option<TargetId>) -> Progress<'a> {
    let mut values = object.values.clone();
    if let Some(value) = context.mapping.soft_deleted_slot.and_then(|slot| values.get_mut(slot)) {
        *value = Value::from("False");
    }
    let mut pending = Pending {
        explanation: Explanation::new(context.mapping, object),
        standing: Standing::Gone,
        context,
        object,
        link,
        values,
        stage: Stage::LookUp,
        stale_link: false,
        taken: Taken::default(),
    };
    if object.presence == Presence::Deleted {
        return pending.gone();
    }
    if pending.link.is_none() && !pending.has_matching_value() {
        return pending.import_skipped();
    }
    pending.standing = scope::judge(&context, object, &pending.values, &mut pending.explanation);
    if pending.standing == Standing::InScope {
        return match pending.link.clone() {
            Some(target) => pending.look_up(target),
            None => pending.match_from(0),
        };
    }
    pending.leave()
}

impl<'a> Pending<'a> {
    /// Goes on with the answer to what was asked.
    #[must_use]
    pub fn answer(mut self: Box<Self>, answer: Answer) -> Progress<'a> {
        match (self.stage, answer) {
            (Stage::LookUp, Answer::Object(Some(target))) => self.compare(&target, LinkDecision::Keep),
            (Stage::LookUp, Answer::Object(None)) => {
                self.stale_link = true;
                self.explanation.stale_link(self.link.as_ref());
                if self.standing == Standing::InScope { self.match_from(0) } else { self.vanished() }
            }
            (Stage::Match(place), Answer::Matches(candidates)) => self.matched(place, candidates),
            (Stage::Unique, Answer::Taken(taken)) => {
                self.taken.learn(taken);
                self.create()
            }
            (_, answer) => self.misanswered(&answer),
        }
    }

    fn look_up(mut self, target: TargetId) -> Progress<'a> {
        self.stage = Stage::LookUp;
        Progress::Ask(Need::TargetById(target), Box::new(self))
    }

    /// A driver that answers another question than was asked is at fault; the object is not touched.
    fn misanswered(self, answer: &Answer) -> Progress<'a> {
        let reason = Reason {
            code: "InternalError".into(),
            message: format!("the decision at {:?} was given {answer:?}; please report this", self.stage),
        };
        self.finish(Verdict::Fail(ErrorClass::Transient, reason), Action::Other, Write::Nothing)
    }

    fn skip(self, code: &'static str, message: String) -> Progress<'a> {
        let reason = Reason { code: code.into(), message };
        self.finish(Verdict::Skip(reason), Action::Other, Write::Nothing)
    }

    fn fail(self, action: Action, code: &'static str, message: String) -> Progress<'a> {
        let reason = Reason { code: code.into(), message };
        self.finish(Verdict::Fail(ErrorClass::Invalid, reason), action, Write::Nothing)
    }

    fn finish(self, verdict: Verdict, action: Action, write: Write) -> Progress<'a> {
        let link = if self.stale_link { LinkDecision::Remove } else { LinkDecision::Keep };
        self.finish_linked(verdict, action, write, link)
    }

    fn finish_linked(
        mut self,
        verdict: Verdict,
        action: Action,
        write: Write,
        link: LinkDecision,
    ) -> Progress<'a> {
        if let Verdict::Skip(reason) = &verdict {
            self.explanation.skipped(reason);
        }
        if let Verdict::Fail(_, reason) = &verdict {
            self.explanation.failed(reason);
        }
        let target_id = match (&link, &write) {
            (LinkDecision::Set(target), _) | (_, Write::Update { target, .. } | Write::Delete { target }) => {
                Some(target)
            }
            _ => self.link.as_ref().filter(|_| !self.stale_link),
        };
        let target = Identity {
            id: target_id.map_or_else(String::new, |id| id.as_str().to_owned()),
            name: self.explanation.target_label(),
            object_type: self.context.mapping.target_type().as_str().to_owned(),
            ..Identity::default()
        };
        Progress::Done(Box::new(Decision {
            verdict,
            action,
            write,
            link,
            in_scope: self.standing == Standing::InScope,
            target,
            steps: self.explanation.into_steps(),
        }))
    }
}
