use super::{Function, Kind, example, optional, required};
use crate::call::Call;
use crate::error::{ErrorKind, Interrupt};
use crate::evaluate::MAX_VALUES;
use crate::value::Value;

/// Graph lists the delimiter as optional, so it is declared so; without one there is nothing to do.
pub(super) static SPLIT: Function = Function {
    name: "Split",
    summary: "The parts of a text between the occurrences of a delimiter, without the white space around them. Empty \
              parts are kept.",
    parameters: &[
        required("source", Kind::String),
        optional("delimiter", Kind::String).checked(check_delimiter),
    ],
    result: "list",
    examples: &[
        example(r#"Split([sets], ",")"#, &[("sets", "One, Two")], "One; Two"),
        example(r#"Split([sets], ",")"#, &[], "(null)"),
    ],
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    let source = call.value(0)?;
    let delimiter = call.text(1)?.unwrap_or_default();
    if check_delimiter(&delimiter).is_err() {
        return Err(call.wrong(1, "has no value; name the character that separates the parts"));
    }
    if source.is_null() {
        return Ok(Value::Null);
    }
    let mut parts = Vec::new();
    for value in source.values() {
        let Some(text) = value.text() else { return Err(call.wrong(0, "is no text")) };
        call.charge(text.len())?;
        for part in text.split(&*delimiter) {
            if parts.len() == MAX_VALUES {
                return Err(
                    call.error(ErrorKind::Limit, format!("the text has more than {MAX_VALUES} parts"))
                );
            }
            parts.push(Value::from(part.trim()));
        }
    }
    Ok(Value::from(parts))
}

fn check_delimiter(delimiter: &str) -> Result<(), String> {
    if delimiter.is_empty() { Err("the delimiter is empty".to_owned()) } else { Ok(()) }
}
