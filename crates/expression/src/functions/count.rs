use super::{Function, Kind, example, required};
use crate::call::Call;
use crate::error::Interrupt;
use crate::value::Value;

pub(super) static COUNT: Function = Function {
    name: "Count",
    summary: "The number of values: 0 for null, 1 for a single value.",
    parameters: &[required("attribute", Kind::String)],
    result: "number",
    examples: &[example(r#"Count(Split("a,b,c", ","))"#, &[], "3"), example("Count([missing])", &[], "0")],
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    let count = call.value(0)?.values().len();
    Ok(Value::from(i64::try_from(count).unwrap_or(i64::MAX)))
}
