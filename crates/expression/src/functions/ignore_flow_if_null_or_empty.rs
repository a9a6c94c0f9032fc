use super::{Function, Kind, example, required};
use crate::call::Call;
use crate::error::Interrupt;
use crate::value::Value;

pub(super) static IGNORE_FLOW_IF_NULL_OR_EMPTY: Function = Function {
    name: "IgnoreFlowIfNullOrEmpty",
    summary: "The value of the expression; when it is null or empty, the attribute is left out of the flow.",
    parameters: &[required("expression", Kind::String)],
    result: "any",
    examples: &[
        example("IgnoreFlowIfNullOrEmpty([department])", &[("department", "Sales")], "Sales"),
        example("IgnoreFlowIfNullOrEmpty([department])", &[("department", "")], "(dropped)"),
    ],
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    let value = call.value(0)?;
    if value.is_null_or_empty() { Err(Interrupt::Dropped) } else { Ok(value) }
}
