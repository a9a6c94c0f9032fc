use super::{Function, Kind, example, required, utf16};
use crate::call::Call;
use crate::error::Interrupt;
use crate::value::Value;

pub(super) static LEN: Function = Function {
    name: "Len",
    summary: "The number of characters of the text form; 0 for null. As in .NET, a character outside the basic \
              multilingual plane counts as two.",
    parameters: &[required("String", Kind::String).key("string")],
    result: "number",
    examples: &[
        example(r#"Len("John Doe")"#, &[], "8"),
        example("Len(42568)", &[], "5"),
        example("Len([missing])", &[], "0"),
    ],
    each: true,
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    let length = call.text(0)?.map_or(0, |text| utf16::length(&text));
    Ok(Value::from(i64::try_from(length).unwrap_or(i64::MAX)))
}
