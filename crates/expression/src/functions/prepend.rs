use super::{Function, Kind, Profile, example, required};
use crate::call::Call;
use crate::error::Interrupt;
use crate::value::Value;

pub(super) static PREPEND: Function = Function {
    name: "Prepend",
    summary: "The prefix followed by the source; null when the source is. Applied to each value of a multi-valued source.",
    parameters: &[required("prefix", Kind::String), required("source", Kind::String)],
    examples: &[
        example(r#"Prepend("x-", [employeeId])"#, &[("employeeId", "7")], "x-7"),
        example(r#"Prepend("smtp:", [mails])"#, &[("mails", "a@x"), ("mails", "b@x")], "smtp:a@x; smtp:b@x"),
    ],
    profile: Profile::Older,
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    let prefix = call.text(0)?.unwrap_or_default();
    let source = call.value(1)?;
    let mut results = Vec::new();
    for value in source.values() {
        let Some(text) = value.text() else { return Err(call.wrong(1, "is no text")) };
        call.charge(prefix.len().saturating_add(text.len()))?;
        results.push(Value::from(format!("{prefix}{text}")));
    }
    // What is not a list stays a single value.
    Ok(if results.len() == 1 { results.remove(0) } else { Value::from(results) })
}
