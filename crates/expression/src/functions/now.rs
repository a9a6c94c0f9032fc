use super::{Function, example};
use crate::call::Call;
use crate::error::Interrupt;
use crate::value::Value;

pub(super) static NOW: Function = Function {
    name: "Now",
    summary: "The current time in UTC, the same for all calls in one evaluation.",
    result: "date-time",
    examples: &[example("Now()", &[], "1/5/2025 12:07:09 AM")],
    volatile: true,
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    Ok(Value::DateTime(call.now()))
}
