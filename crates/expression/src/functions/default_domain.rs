use super::{Function, example};
use crate::call::Call;
use crate::error::{ErrorKind, Interrupt};
use crate::value::Value;

pub(super) static DEFAULT_DOMAIN: Function = Function {
    name: "DefaultDomain",
    summary: "The name of the tenant's default domain.",
    examples: &[example(
        r#"Join("@", [mailNickname], DefaultDomain())"#,
        &[("mailNickname", "jd")],
        "jd@contoso.com",
    )],
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    call.context().default_domain().map(Value::from).ok_or_else(|| {
        call.error(
            ErrorKind::Configuration,
            "no default domain is configured; set one in the settings".to_owned(),
        )
    })
}
