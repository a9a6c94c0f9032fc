use std::fmt::Write as _;

use super::{Function, Kind, example, required};
use crate::call::Call;
use crate::error::Interrupt;
use crate::value::Value;

pub(super) static CONVERT_TO_UTF8_HEX: Function = Function {
    name: "ConvertToUTF8Hex",
    summary: "The bytes of the text in UTF-8, as upper-case hexadecimal digits.",
    parameters: &[required("source", Kind::String)],
    examples: &[example(r#"ConvertToUTF8Hex("Hello world!")"#, &[], "48656C6C6F20776F726C6421")],
    each: true,
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    let Some(source) = call.text(0)? else { return Ok(Value::Null) };
    let mut digits = String::with_capacity(source.len() * 2);
    for byte in source.bytes() {
        // Writing into a String cannot fail.
        let _ = write!(digits, "{byte:02X}");
    }
    Ok(Value::from(digits))
}
