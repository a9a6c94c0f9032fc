use super::{Function, Kind, example, required};
use crate::call::Call;
use crate::error::Interrupt;
use crate::value::Value;

pub(super) static C_STR: Function = Function {
    name: "CStr",
    summary: "The text form of a number, reference, boolean or instant.",
    parameters: &[required("value", Kind::String)],
    examples: &[example("CStr(42)", &[], "42"), example("CStr(Not([x]))", &[("x", "True")], "False")],
    each: true,
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    Ok(Value::from(call.text(0)?))
}
