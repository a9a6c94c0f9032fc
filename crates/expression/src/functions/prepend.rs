use super::{Function, Kind, Profile, example, required};
use crate::call::Call;
use crate::error::Interrupt;
use crate::value::Value;

pub(super) static PREPEND: Function = Function {
    name: "Prepend",
    summary: "The prefix followed by the source; null when the source is.",
    parameters: &[required("prefix", Kind::String), required("source", Kind::String)],
    examples: &[example(r#"Prepend("x-", [employeeId])"#, &[("employeeId", "7")], "x-7")],
    profile: Profile::Older,
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    let prefix = call.text(0)?.unwrap_or_default();
    let Some(source) = call.text(1)? else { return Ok(Value::Null) };
    Ok(Value::from(format!("{prefix}{source}")))
}
