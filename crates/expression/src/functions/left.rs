use super::{Function, Kind, example, required, utf16};
use crate::call::Call;
use crate::error::Interrupt;
use crate::value::Value;

pub(super) static LEFT: Function = Function {
    name: "Left",
    summary: "The first characters of a text. A negative number gives the whole text, a null text an empty one.",
    parameters: &[
        required("String", Kind::String).key("string"),
        required("NumChars", Kind::Integer).key("numChars"),
    ],
    examples: &[
        example(r#"Left("John Doe", 3)"#, &[], "Joh"),
        example(r#"Left("John Doe", -1)"#, &[], "John Doe"),
        example("Left([missing], 3)", &[], ""),
    ],
    each: true,
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    let text = call.text(0)?.unwrap_or_default();
    let Some(count) = call.integer(1)? else { return Ok(Value::Null) };
    match usize::try_from(count) {
        Ok(count) if count < text.len() => Ok(Value::from(utf16::left(&text, count))),
        _ => Ok(Value::from(text)),
    }
}
