use super::{Function, Kind, example, required};
use crate::call::Call;
use crate::error::Interrupt;
use crate::value::Value;

pub(super) static REDACT: Function = Function {
    name: "Redact",
    summary: "The value itself; logs show [Redact] in its place.",
    parameters: &[required("value", Kind::String)],
    result: "any",
    examples: &[example("Redact([upn])", &[("upn", "a@contoso.com")], "a@contoso.com")],
    redacts: true,
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    call.value(0)
}
