use super::{Function, Kind, example, optional, required};
use crate::call::Call;
use crate::error::Interrupt;
use crate::value::Value;

pub(super) static SWITCH: Function = Function {
    name: "Switch",
    summary: "The value that follows the first key equal to the source, otherwise the default, otherwise null. Keys are \
              compared with regard to case; a null source equals the key \"\". What is not chosen is not evaluated.",
    parameters: &[
        required("source", Kind::String),
        optional("defaultValue", Kind::String),
        optional("key and value", Kind::String).key("switchValue").repeats(),
    ],
    result: "any",
    examples: &[
        example(
            r#"Switch([IsSoftDeleted], , "False", "True", "True", "False")"#,
            &[("IsSoftDeleted", "False")],
            "True",
        ),
        example(r#"Switch([state], "?", "NSW", "Sydney", "QLD", "Brisbane")"#, &[("state", "qld")], "?"),
        example(r#"Switch([state], [state], "", "none")"#, &[], "none"),
    ],
    paired: true,
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    let source = call.value(0)?;
    let source = call.text_in(0, &source)?.unwrap_or_default();
    for index in (2..call.len()).step_by(2) {
        let key = call.value(index)?;
        if call.text_in(index, &key)?.unwrap_or_default() == source {
            return call.value(index + 1);
        }
    }
    call.value(1)
}
