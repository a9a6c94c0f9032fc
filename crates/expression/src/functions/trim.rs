use super::{Function, Kind, example, required};
use crate::call::Call;
use crate::error::Interrupt;
use crate::value::Value;

pub(super) static TRIM: Function = Function {
    name: "Trim",
    summary: "The text without white space at its beginning and end; applied to each value of a multi-valued attribute.",
    parameters: &[required("source", Kind::String)],
    examples: &[
        example(r#"Trim(" Test ")"#, &[], "Test"),
        example("Trim([v])", &[("v", " a"), ("v", "b ")], "a; b"),
    ],
    each: true,
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    let Some(source) = call.text(0)? else { return Ok(Value::Null) };
    let trimmed = source.trim();
    Ok(if trimmed.len() == source.len() { Value::from(source.clone()) } else { Value::from(trimmed) })
}
