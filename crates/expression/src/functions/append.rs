use super::{Function, Kind, example, required};
use crate::call::Call;
use crate::error::Interrupt;
use crate::value::Value;

pub(super) static APPEND: Function = Function {
    name: "Append",
    summary: "The source followed by the suffix; null when the source is.",
    parameters: &[required("source", Kind::String), required("suffix", Kind::String)],
    examples: &[
        example(
            r#"Append([userPrincipalName], ".test")"#,
            &[("userPrincipalName", "jd@contoso.com")],
            "jd@contoso.com.test",
        ),
        example(r#"Append([mail], ".test")"#, &[], "(null)"),
    ],
    each: true,
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    let Some(source) = call.text(0)? else { return Ok(Value::Null) };
    let Some(suffix) = call.text(1)?.filter(|suffix| !suffix.is_empty()) else { return Ok(source.into()) };
    Ok(Value::from([&*source, &*suffix].concat()))
}
