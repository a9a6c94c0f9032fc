//! Computing the value of a program for one object.

use std::cell::{Cell, RefCell};

use crate::call::Call;
use crate::compare::{compare, single};
use crate::context::Context;
use crate::diagnostic::Span;
use crate::error::{ErrorKind, EvaluationError, Interrupt};
use crate::outcome::{Outcome, PatchOperation};
use crate::program::{CallStep, Program, Step};
use crate::value::{DateTime, Value};

/// The greatest length of a text that an evaluation may make, in bytes.
pub(crate) const MAX_TEXT: usize = 1 << 20;

/// The greatest number of values in a list that an evaluation may make.
pub(crate) const MAX_VALUES: usize = 1 << 16;

/// How much work one evaluation may do: roughly the bytes it reads and writes.
const FUEL: u64 = 64 << 20;

impl Program {
    /// Computes the value for one object. `attributes` holds the value of every slot that
    /// `resolve` handed out while compiling; a slot beyond its end is null.
    ///
    /// # Errors
    /// When a function cannot work with the values it is given, or the limits are exceeded.
    pub fn evaluate(&self, attributes: &[Value], context: &dyn Context) -> Result<Outcome, EvaluationError> {
        // Most mappings are nothing but an attribute; these need no evaluator.
        match &self.root {
            Step::Attribute(slot, _) => {
                Ok(Outcome::Value(attributes.get(*slot).cloned().unwrap_or_default()))
            }
            Step::Constant(value, _) => Ok(Outcome::Value(value.clone())),
            root => {
                let evaluator = Evaluator::new(attributes, context, None);
                let result = evaluator.step(root);
                evaluator.outcome(result)
            }
        }
    }

    /// Like [`Program::evaluate`], and tells what every node that was evaluated gave, in the order in
    /// which they were done. A node that is missing was not needed; one inside a function that is
    /// applied to each of several values occurs as often.
    ///
    /// # Errors
    /// The same as those of [`Program::evaluate`]; the trace ends with the nodes that failed.
    pub fn trace(
        &self,
        attributes: &[Value],
        context: &dyn Context,
    ) -> (Result<Outcome, EvaluationError>, Vec<Traced>) {
        let trace = RefCell::new(Vec::new());
        let evaluator = Evaluator::new(attributes, context, Some(&trace));
        let result = evaluator.step(&self.root);
        let outcome = evaluator.outcome(result);
        (outcome, trace.into_inner())
    }
}

/// What one node of an expression gave in an evaluation.
#[derive(Clone, Debug, PartialEq)]
pub struct Traced {
    /// The node's place in the text.
    pub span: Span,
    /// What it gave.
    pub result: Result<Outcome, EvaluationError>,
}

pub(crate) struct Evaluator<'a> {
    attributes: &'a [Value],
    pub(crate) context: &'a dyn Context,
    fuel: Cell<u64>,
    now: Cell<Option<DateTime>>,
    /// Set by a role function.
    pub(crate) roles: Cell<Option<PatchOperation>>,
    trace: Option<&'a RefCell<Vec<Traced>>>,
}

impl<'a> Evaluator<'a> {
    fn new(
        attributes: &'a [Value],
        context: &'a dyn Context,
        trace: Option<&'a RefCell<Vec<Traced>>>,
    ) -> Evaluator<'a> {
        let (fuel, now, roles) = (Cell::new(FUEL), Cell::new(None), Cell::new(None));
        Evaluator { attributes, context, fuel, now, roles, trace }
    }

    fn outcome(&self, result: Result<Value, Interrupt>) -> Result<Outcome, EvaluationError> {
        Ok(match (result, self.roles.get()) {
            (Ok(Value::List(roles)), Some(operation))
                if roles.iter().all(|role| matches!(role, Value::Record(_))) =>
            {
                Outcome::Roles { roles, operation }
            }
            (Ok(value), _) => Outcome::Value(value),
            (Err(Interrupt::Dropped), _) => Outcome::Dropped,
            (Err(Interrupt::ObjectSkipped), _) => Outcome::ObjectSkipped,
            (Err(Interrupt::Failed(error)), _) => return Err(*error),
        })
    }

    /// All calls of `Now` in one evaluation see one instant.
    pub(crate) fn now(&self) -> DateTime {
        let now = self.now.get().unwrap_or_else(|| DateTime::from_timestamp(self.context.now()));
        self.now.set(Some(now));
        now
    }

    /// Accounts for work; fails when the expression has done too much of it.
    pub(crate) fn charge(
        &self,
        amount: usize,
        place: impl FnOnce() -> (Option<&'static str>, Span),
    ) -> Result<(), Interrupt> {
        let left = self.fuel.get().checked_sub(u64::try_from(amount).unwrap_or(u64::MAX));
        match left {
            Some(left) => {
                self.fuel.set(left);
                Ok(())
            }
            None => {
                let (function, span) = place();
                let message =
                    "the expression works on too much data; shorten its attributes or simplify it".to_owned();
                Err(failed(ErrorKind::Limit, function, span, message))
            }
        }
    }

    pub(crate) fn step(&self, step: &Step) -> Result<Value, Interrupt> {
        let Some(trace) = self.trace else { return self.value(step) };
        let result = self.value(step);
        let given = match &result {
            Ok(value) => Ok(Outcome::Value(value.clone())),
            Err(Interrupt::Dropped) => Ok(Outcome::Dropped),
            Err(Interrupt::ObjectSkipped) => Ok(Outcome::ObjectSkipped),
            Err(Interrupt::Failed(error)) => Err((**error).clone()),
        };
        trace.borrow_mut().push(Traced { span: step.span(), result: given });
        result
    }

    fn value(&self, step: &Step) -> Result<Value, Interrupt> {
        match step {
            Step::Constant(value, _) => Ok(value.clone()),
            Step::Attribute(slot, _) => Ok(self.attributes.get(*slot).cloned().unwrap_or_default()),
            Step::Token { name, span } => match self.context.token(name) {
                Some(value) => Ok(Value::from(value)),
                None => {
                    let message =
                        format!("the job has no configuration value `{name}`; add it to the job's settings");
                    Err(failed(ErrorKind::Configuration, None, *span, message))
                }
            },
            Step::Drop(_) => Err(Interrupt::Dropped),
            Step::Skip(_) => Err(Interrupt::ObjectSkipped),
            Step::Compare { operator, left, right, span } => {
                let (left, right) = (self.step(left)?, self.step(right)?);
                let length = |value: &Value| value.as_str().map_or(1, str::len);
                self.charge(length(&left).saturating_add(length(&right)), || (None, *span))?;
                compare(*operator, &left, &right).map(Value::Boolean).ok_or_else(|| {
                    let message =
                        "lists and complex values cannot be compared; pick one value with `Item`".to_owned();
                    failed(ErrorKind::Argument, None, *span, message)
                })
            }
            Step::Concatenate { operands, span } => self.concatenate(operands, *span),
            Step::Call(call) => self.call(call),
        }
    }

    fn concatenate(&self, operands: &[Step], span: Span) -> Result<Value, Interrupt> {
        let mut result = String::new();
        for operand in operands {
            let value = self.step(operand)?;
            match single(&value).map(|value| (value.is_null(), value.text())) {
                Some((_, Some(text))) => result.push_str(&text),
                Some((true, None)) => {}
                _ => {
                    let message = "`&` takes single texts only; use `Join` for several values".to_owned();
                    return Err(failed(ErrorKind::Argument, None, span, message));
                }
            }
            if result.len() > MAX_TEXT {
                return Err(failed(ErrorKind::Limit, None, span, too_long()));
            }
        }
        self.charge(result.len(), || (None, span))?;
        Ok(Value::from(result))
    }

    fn call(&self, step: &CallStep) -> Result<Value, Interrupt> {
        let first = match step.arguments.first() {
            Some(Some(first)) if step.function.each => Some(self.step(first)?),
            _ => None,
        };
        match first {
            Some(Value::List(values)) if values.len() > 1 => {
                let results: Result<Vec<Value>, Interrupt> =
                    values.iter().map(|value| self.run(step, Some(value.clone()))).collect();
                Ok(Value::from(results?))
            }
            Some(Value::List(values)) => self.run(step, Some(values.first().cloned().unwrap_or_default())),
            first => self.run(step, first),
        }
    }

    fn run(&self, step: &CallStep, first: Option<Value>) -> Result<Value, Interrupt> {
        let call = Call::new(self, step, first);
        call.charge(1)?;
        let result = (step.function.run)(&call)?;
        match &result {
            Value::String(text) if text.len() > MAX_TEXT => {
                return Err(call.error(ErrorKind::Limit, too_long()));
            }
            Value::List(values) if values.len() > MAX_VALUES => {
                return Err(
                    call.error(ErrorKind::Limit, format!("the result has more than {MAX_VALUES} values"))
                );
            }
            Value::String(text) => call.charge(text.len())?,
            Value::List(values) => call.charge(values.len())?,
            _ => {}
        }
        Ok(result)
    }
}

pub(crate) fn too_long() -> String {
    format!("the result is longer than {MAX_TEXT} bytes; shorten the attributes it is made of")
}

pub(crate) fn failed(
    kind: ErrorKind,
    function: Option<&'static str>,
    span: Span,
    message: String,
) -> Interrupt {
    Interrupt::Failed(Box::new(EvaluationError { kind, function, span, message }))
}

#[cfg(test)]
mod tests;
