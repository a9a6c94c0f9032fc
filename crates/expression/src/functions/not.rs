use super::{Function, Kind, example, required};
use crate::call::Call;
use crate::error::Interrupt;
use crate::value::Value;

pub(super) static NOT: Function = Function {
    name: "Not",
    summary: "False when the source is True (in any case), otherwise True.",
    parameters: &[required("source", Kind::Boolean)],
    result: "boolean",
    examples: &[
        example("Not([IsSoftDeleted])", &[("IsSoftDeleted", "False")], "True"),
        example(r#"Not("banana")"#, &[], "True"),
    ],
    each: true,
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    Ok(Value::Boolean(!call.value(0)?.is_true()))
}
