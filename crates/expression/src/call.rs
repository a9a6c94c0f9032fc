//! What the code of a function sees: its arguments, evaluated when it asks for them.

use std::borrow::Cow;
use std::sync::Arc;

use crate::compare::single;
use crate::context::Context;
use crate::date_format;
use crate::diagnostic::Span;
use crate::error::{ErrorKind, Interrupt};
use crate::evaluate::{Evaluator, MAX_TEXT, failed, too_long};
use crate::outcome::PatchOperation;
use crate::pattern::Pattern;
use crate::program::CallStep;
use crate::value::{DateTime, Value, integer};

/// What compiling a pattern in the course of an evaluation is charged: it costs far more than reading.
const PATTERN_CHARGE: usize = 1 << 20;

/// What is wrong with an argument that must be one text.
const SEVERAL: &str = "has several values; pick one with `Item` or combine them with `Join`";

/// One call of a function. Arguments are numbered from 0.
///
/// Asking for an argument evaluates it; not asking for it is what makes `IIF` and its like lazy.
pub(crate) struct Call<'a> {
    evaluator: &'a Evaluator<'a>,
    step: &'a CallStep,
    /// The first argument, when it is already evaluated.
    first: Option<Value>,
}

impl<'a> Call<'a> {
    pub(crate) fn new(evaluator: &'a Evaluator<'a>, step: &'a CallStep, first: Option<Value>) -> Call<'a> {
        Call { evaluator, step, first }
    }

    /// The number of arguments, left-out ones included.
    pub(crate) fn len(&self) -> usize {
        self.step.arguments.len()
    }

    /// Whether the argument is given, even as null.
    pub(crate) fn given(&self, index: usize) -> bool {
        self.step.arguments.get(index).is_some_and(Option::is_some)
    }

    /// The argument; null when it is left out.
    pub(crate) fn value(&self, index: usize) -> Result<Value, Interrupt> {
        match (&self.first, self.step.arguments.get(index)) {
            (Some(first), _) if index == 0 => Ok(first.clone()),
            (_, Some(Some(step))) => self.evaluator.step(step),
            _ => Ok(Value::Null),
        }
    }

    /// The text form of the argument; `None` when it is null.
    pub(crate) fn text(&self, index: usize) -> Result<Option<Arc<str>>, Interrupt> {
        let value = self.value(index)?;
        self.text_of(index, value)
    }

    /// The text form of `value`, which the argument gave.
    fn text_of(&self, index: usize, value: Value) -> Result<Option<Arc<str>>, Interrupt> {
        if let Value::String(text) = value {
            self.charge(text.len())?;
            return Ok(Some(text));
        }
        Ok(self.text_in(index, &value)?.map(Arc::from))
    }

    /// The text form of `value`, which the argument gave, borrowed where it is a text already.
    pub(crate) fn text_in<'v>(
        &self,
        index: usize,
        value: &'v Value,
    ) -> Result<Option<Cow<'v, str>>, Interrupt> {
        let Some(value) = single(value) else { return Err(self.wrong(index, SEVERAL)) };
        let text = match value.text() {
            Some(text) => text,
            None if value.is_null() => return Ok(None),
            None => return Err(self.wrong(index, "is no text")),
        };
        self.charge(text.len())?;
        Ok(Some(text))
    }

    /// The argument as an integer; `None` when it is null or empty.
    pub(crate) fn integer(&self, index: usize) -> Result<Option<i64>, Interrupt> {
        let value = self.value(index)?;
        if let Value::Number(number) = &value
            && let Some(value) = number.as_i64()
        {
            return Ok(Some(value));
        }
        let Some(text) = self.text_of(index, value)?.filter(|text| !text.is_empty()) else { return Ok(None) };
        match integer(&text) {
            Some(value) => Ok(Some(value)),
            None => Err(self.wrong(index, "is no integer of at most 64 bits")),
        }
    }

    /// The argument as an instant; `None` when it is null or empty.
    pub(crate) fn date(&self, index: usize) -> Result<Option<DateTime>, Interrupt> {
        let value = self.value(index)?;
        if let Some(Value::DateTime(instant)) = single(&value) {
            return Ok(Some(*instant));
        }
        let Some(text) = self.text_of(index, value)?.filter(|text| !text.is_empty()) else { return Ok(None) };
        match date_format::parse_free(&text) {
            Ok(instant) => Ok(Some(instant)),
            Err(problem) => Err(self.date_error(index, problem)),
        }
    }

    pub(crate) fn date_error(&self, index: usize, problem: date_format::Problem) -> Interrupt {
        let name = self.name_of(index);
        self.error(problem.kind(), format!("the argument `{name}` {problem}"))
    }

    /// The regular expression of the argument, which is compiled now unless it is constant.
    pub(crate) fn pattern(&self, index: usize) -> Result<Option<Arc<Pattern>>, Interrupt> {
        if let Some(pattern) = &self.step.pattern {
            return Ok(Some(pattern.clone()));
        }
        let Some(text) = self.text(index)? else { return Ok(None) };
        self.charge(PATTERN_CHARGE)?;
        // What is wrong with the pattern would repeat parts of it, that is, of an attribute.
        let message =
            || "the regular expression, which an attribute gives, is invalid or too large".to_owned();
        Pattern::new(&text)
            .map(|pattern| Some(Arc::new(pattern)))
            .map_err(|_| self.error(ErrorKind::Pattern, message()))
    }

    pub(crate) fn context(&self) -> &'a dyn Context {
        self.evaluator.context
    }

    pub(crate) fn now(&self) -> DateTime {
        self.evaluator.now()
    }

    /// Says that the result is a list of roles, to be written with `operation`.
    pub(crate) fn gives_roles(&self, operation: PatchOperation) {
        self.evaluator.roles.set(Some(operation));
    }

    /// Accounts for work, roughly in bytes.
    pub(crate) fn charge(&self, amount: usize) -> Result<(), Interrupt> {
        self.evaluator.charge(amount, || (Some(self.step.function.name), self.span()))
    }

    /// Appends to a result that must not grow without bound.
    pub(crate) fn push(&self, result: &mut String, text: &str) -> Result<(), Interrupt> {
        if result.len().saturating_add(text.len()) > MAX_TEXT {
            return Err(self.error(ErrorKind::Limit, too_long()));
        }
        result.push_str(text);
        Ok(())
    }

    pub(crate) fn error(&self, kind: ErrorKind, message: String) -> Interrupt {
        failed(kind, Some(self.step.function.name), self.span(), message)
    }

    /// The error that the argument cannot be used; `problem` continues "the argument `x` …".
    pub(crate) fn wrong(&self, index: usize, problem: &str) -> Interrupt {
        let name = self.name_of(index);
        self.error(ErrorKind::Argument, format!("the argument `{name}` {problem}"))
    }

    fn name_of(&self, index: usize) -> &'static str {
        self.step.function.parameter(index, self.len()).map_or("", |parameter| parameter.name)
    }

    fn span(&self) -> Span {
        self.step.span
    }
}
