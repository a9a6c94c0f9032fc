use std::collections::HashSet;

use super::{Function, Kind, example, required};
use crate::call::Call;
use crate::error::Interrupt;
use crate::value::Value;

pub(super) static REMOVE_DUPLICATES: Function = Function {
    name: "RemoveDuplicates",
    summary: "Each value of a multi-valued attribute once, in the order of first occurrence, compared with regard to case.",
    parameters: &[required("attribute", Kind::String)],
    result: "list",
    examples: &[example("RemoveDuplicates([v])", &[("v", "a"), ("v", "b"), ("v", "a")], "a; b")],
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    let list = call.value(0)?;
    let Value::List(values) = &list else { return Ok(list) };
    let mut seen = HashSet::new();
    let mut unique = Vec::new();
    for value in values.iter() {
        call.charge(value.as_str().map_or(1, str::len))?;
        // What has no text form is not compared: it stays.
        if value.text().is_none_or(|text| seen.insert(text)) {
            unique.push(value.clone());
        }
    }
    Ok(Value::from(unique))
}
