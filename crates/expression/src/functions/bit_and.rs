use super::{Function, Kind, example, required};
use crate::call::Call;
use crate::error::Interrupt;
use crate::value::Value;

pub(super) static BIT_AND: Function = Function {
    name: "BitAnd",
    summary: "The bits that are set in both integers.",
    parameters: &[required("value1", Kind::Integer), required("value2", Kind::Integer)],
    result: "number",
    examples: &[
        example("BitAnd(&HF, &HF7)", &[], "7"),
        example("BitAnd([userAccountControl], 2)", &[("userAccountControl", "514")], "2"),
    ],
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    match (call.integer(0)?, call.integer(1)?) {
        (Some(left), Some(right)) => Ok(Value::from(left & right)),
        _ => Ok(Value::Null),
    }
}
