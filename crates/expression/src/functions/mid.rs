use super::{Function, Kind, example, required, utf16};
use crate::call::Call;
use crate::error::Interrupt;
use crate::value::Value;

pub(super) static MID: Function = Function {
    name: "Mid",
    summary: "A part of a text, from a position counted from 1. What is beyond the end is left out; a start below 1 \
              or a negative length gives the whole text.",
    parameters: &[
        required("source", Kind::String),
        required("start", Kind::Integer),
        required("length", Kind::Integer),
    ],
    examples: &[
        example(r#"Mid("John Doe", 3, 5)"#, &[], "hn Do"),
        example(r#"Mid("John Doe", 6, 999)"#, &[], "Doe"),
        example(r#"Mid("John Doe", 9, 1)"#, &[], ""),
    ],
    each: true,
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    let Some(text) = call.text(0)? else { return Ok(Value::Null) };
    let (Some(start), Some(length)) = (call.integer(1)?, call.integer(2)?) else { return Ok(Value::Null) };
    let skip = usize::try_from(start).ok().and_then(|start| start.checked_sub(1));
    match (skip, usize::try_from(length)) {
        (Some(skip), Ok(length)) => {
            Ok(Value::from(utf16::left(&text[utf16::ceil_index(&text, skip)..], length)))
        }
        _ => Ok(Value::from(text)),
    }
}
