use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Function, Kind, example, required};
use crate::call::Call;
use crate::error::Interrupt;
use crate::value::Value;

pub(super) static CONVERT_TO_BASE64: Function = Function {
    name: "ConvertToBase64",
    summary: "The text in UTF-16, little-endian and without byte-order mark, as base64.",
    parameters: &[required("source", Kind::String)],
    examples: &[example(r#"ConvertToBase64("Hello world!")"#, &[], "SABlAGwAbABvACAAdwBvAHIAbABkACEA")],
    each: true,
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    let Some(source) = call.text(0)? else { return Ok(Value::Null) };
    let bytes: Vec<u8> = source.encode_utf16().flat_map(u16::to_le_bytes).collect();
    Ok(Value::from(STANDARD.encode(bytes)))
}
