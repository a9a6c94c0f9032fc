use super::{Function, Kind, Profile, example, required};
use crate::call::Call;
use crate::error::Interrupt;
use crate::value::Value;

/// The documentation of cloud sync uses it in an example only; this is what the sync engine, whose
/// language that is, does.
pub(super) static CONTAINS: Function = Function {
    name: "Contains",
    summary: "The position, counted from 1, of the first value that contains a text; 0 when there is none. Compared \
              with regard to case.",
    parameters: &[required("attribute", Kind::String), required("search", Kind::String)],
    result: "number",
    examples: &[
        example(
            r#"Contains([proxyAddresses], "SMTP:")"#,
            &[("proxyAddresses", "smtp:jd@contoso.com"), ("proxyAddresses", "SMTP:john.doe@contoso.com")],
            "2",
        ),
        example(r#"Contains([mail], "@contoso.com")"#, &[("mail", "x@fabrikam.com")], "0"),
        example(r#"Contains([mail], "@contoso.com")"#, &[], "0"),
    ],
    profile: Profile::CloudSync,
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    let list = call.value(0)?;
    let Some(wanted) = call.text(1)? else { return Ok(Value::from(0)) };
    for (position, value) in (1..).zip(list.values()) {
        if let Some(text) = value.text() {
            call.charge(text.len())?;
            if text.contains(&*wanted) {
                return Ok(Value::from(position));
            }
        }
    }
    Ok(Value::from(0))
}
