use super::{Function, Kind, Profile, example, required};
use crate::call::Call;
use crate::error::Interrupt;
use crate::value::Value;

pub(super) static C_REF: Function = Function {
    name: "CRef",
    summary: "Marks a text as a reference to another object; the value is unchanged.",
    parameters: &[required("source", Kind::Reference)],
    result: "reference",
    examples: &[example(
        "CRef([manager])",
        &[("manager", "cn=Joe,dc=contoso,dc=com")],
        "cn=Joe,dc=contoso,dc=com",
    )],
    profile: Profile::CloudSync,
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    call.value(0)
}
