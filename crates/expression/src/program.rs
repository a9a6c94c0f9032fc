//! A compiled expression.

use std::sync::Arc;

use crate::diagnostic::Span;
use crate::functions::Function;
use crate::pattern::Pattern;
use crate::tree::Operator;
use crate::value::Value;

/// The place of an attribute in the values that are given to [`Program::evaluate`].
pub type Slot = usize;

/// An expression whose names are bound: functions to code, attributes to slots.
#[derive(Clone, Debug)]
pub struct Program {
    pub(crate) root: Step,
    pub(crate) facts: Facts,
    pub(crate) slots: Vec<Slot>,
}

/// What is known of a program without evaluating it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Contains `Redact`: its result must not appear in any log.
    pub redacts: bool,
    /// Contains `SelectUniqueValue`: asks the target, and serves the creation of objects only.
    pub selects_unique_value: bool,
    /// May give another result for the same attributes: `Now`, `Guid`, `RandomString`.
    pub volatile: bool,
}

impl Program {
    /// Whether the result must be shown as `[Redact]` in logs. True for every expression that
    /// contains `Redact`, whichever branch is taken: a log shows too little rather than too much.
    #[must_use]
    pub fn redacts(&self) -> bool {
        self.facts.redacts
    }

    /// What is known of the program without evaluating it.
    #[must_use]
    pub fn facts(&self) -> Facts {
        self.facts
    }

    /// The slots that the program may read, each once.
    #[must_use]
    pub fn slots(&self) -> &[Slot] {
        &self.slots
    }
}

/// One step of an evaluation.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Constant(Value, Span),
    Attribute(Slot, Span),
    Token {
        name: Arc<str>,
        span: Span,
    },
    /// `IgnoreAttributeFlow`
    Drop(Span),
    /// `IgnoreObjectFlow`
    Skip(Span),
    Compare {
        operator: Operator,
        left: Box<Step>,
        right: Box<Step>,
        span: Span,
    },
    Concatenate {
        operands: Box<[Step]>,
        span: Span,
    },
    Call(Box<CallStep>),
}

impl Step {
    /// Where in the expression it stands. No two steps stand at the same place.
    pub(crate) fn span(&self) -> Span {
        match self {
            Step::Constant(_, span) | Step::Attribute(_, span) | Step::Drop(span) | Step::Skip(span) => *span,
            Step::Token { span, .. } | Step::Compare { span, .. } | Step::Concatenate { span, .. } => *span,
            Step::Call(call) => call.span,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct CallStep {
    pub(crate) function: &'static Function,
    pub(crate) arguments: Box<[Option<Step>]>,
    /// The regular expression among the arguments, when it is constant.
    pub(crate) pattern: Option<Arc<Pattern>>,
    pub(crate) span: Span,
}
