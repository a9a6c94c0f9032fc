use super::{Function, Kind, example, required};
use crate::call::Call;
use crate::error::Interrupt;
use crate::value::Value;

pub(super) static COALESCE: Function = Function {
    name: "Coalesce",
    summary: "The first source that has a value; later ones are not evaluated. Empty texts are passed over like null, \
              but when nothing else is left, the last source that is not null is the result.",
    parameters: &[required("source", Kind::String).repeats()],
    result: "any",
    examples: &[
        example(
            "Coalesce([mail], [userPrincipalName])",
            &[("userPrincipalName", "jd@contoso.com")],
            "jd@contoso.com",
        ),
        example(r#"Coalesce([mail], "none")"#, &[("mail", "")], "none"),
        example("Coalesce([mail], [otherMail])", &[], "(null)"),
    ],
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    let mut last = Value::Null;
    for index in 0..call.len() {
        let value = call.value(index)?;
        if !value.is_null_or_empty() {
            return Ok(value);
        }
        if !value.is_null() {
            last = value;
        }
    }
    Ok(last)
}
