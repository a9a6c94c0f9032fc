use super::{Function, Kind, example, required};
use crate::call::Call;
use crate::error::Interrupt;
use crate::value::Value;

pub(super) static C_BOOL: Function = Function {
    name: "CBool",
    summary: "False for zero, True for any other number; a comparison gives its own result.",
    parameters: &[required("expression", Kind::Boolean)],
    result: "boolean",
    examples: &[
        example("CBool([a] = [b])", &[("a", "x"), ("b", "x")], "True"),
        example("CBool(0)", &[], "False"),
        example(r#"CBool("1")"#, &[], "True"),
    ],
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    let value = call.value(0)?;
    let number = value.as_str().and_then(crate::value::Number::parse);
    Ok(Value::Boolean(number.map_or_else(|| value.is_true(), |number| !number.is_zero())))
}
