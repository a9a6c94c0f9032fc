use super::{Function, Kind, example, required};
use crate::call::Call;
use crate::error::{ErrorKind, Interrupt};
use crate::value::Value;

pub(super) static SELECT_UNIQUE_VALUE: Function = Function {
    name: "SelectUniqueValue",
    summary: "The first of several values that no object of the target has yet; later ones are not evaluated, null and \
              empty ones are passed over. It is an error when all are taken. Must be the outermost function, and works \
              only while an object is created.",
    parameters: &[
        required("uniqueValueRule1", Kind::String),
        required("uniqueValueRule2", Kind::String).repeats(),
    ],
    examples: &[example(r#"SelectUniqueValue("taken", "free")"#, &[], "free")],
    outermost: true,
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    for index in 0..call.len() {
        let candidate = call.text(index)?.filter(|candidate| !candidate.is_empty());
        if let Some(candidate) = candidate
            && !call.context().exists_in_target(&candidate)
        {
            return Ok(Value::from(candidate));
        }
    }
    let message = format!("none of the {} values is free in the target; add another rule", call.len());
    Err(call.error(ErrorKind::NoUniqueValue, message))
}
