use super::{Function, Kind, example, required};
use crate::call::Call;
use crate::error::Interrupt;
use crate::value::Value;

/// Room for most results, so that they are written without growing.
const USUAL_LENGTH: usize = 64;

pub(super) static JOIN: Function = Function {
    name: "Join",
    summary: "The sources with the separator between them. Null and empty sources are left out together with their \
              separator; a multi-valued source contributes all its values.",
    parameters: &[required("separator", Kind::String), required("source", Kind::String).repeats()],
    examples: &[
        example(
            r#"Join(", ", "", [surname], [givenName])"#,
            &[("surname", "Doe"), ("givenName", "John")],
            "Doe, John",
        ),
        example(r#"Join(";", [mails])"#, &[("mails", "a@x"), ("mails", "b@x")], "a@x;b@x"),
    ],
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    let separator = call.text(0)?.unwrap_or_default();
    let mut result = String::with_capacity(USUAL_LENGTH);
    for index in 1..call.len() {
        let source = call.value(index)?;
        for value in source.values().iter().filter(|value| !value.is_null_or_empty()) {
            let Some(text) = value.text() else { return Err(call.wrong(index, "is no text")) };
            if !result.is_empty() {
                call.push(&mut result, &separator)?;
            }
            call.push(&mut result, &text)?;
        }
    }
    Ok(Value::from(result))
}
