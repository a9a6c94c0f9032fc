use super::{Function, Kind, example, required};
use crate::call::Call;
use crate::error::Interrupt;
use crate::value::Value;

pub(super) static STRIP_SPACES: Function = Function {
    name: "StripSpaces",
    summary: "The text without its spaces (U+0020); other white space stays.",
    parameters: &[required("source", Kind::String)],
    examples: &[example(r#"StripSpaces(" a b  c ")"#, &[], "abc")],
    each: true,
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    let Some(source) = call.text(0)? else { return Ok(Value::Null) };
    Ok(if source.contains(' ') { Value::from(source.replace(' ', "")) } else { Value::from(source) })
}
