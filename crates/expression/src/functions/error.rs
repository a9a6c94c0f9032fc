use super::{Function, Kind, Profile, example, required};
use crate::call::Call;
use crate::error::{ErrorKind, Interrupt};
use crate::value::Value;

pub(super) static ERROR: Function = Function {
    name: "Error",
    summary: "Makes the evaluation fail with a message, which goes to the log.",
    parameters: &[required("message", Kind::String)],
    result: "none",
    examples: &[example(
        r#"IIF(IsPresent([accountName]), [accountName], Error("accountName is required"))"#,
        &[("accountName", "joe")],
        "joe",
    )],
    profile: Profile::CloudSync,
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    let message = call.text(0)?.filter(|message| !message.is_empty());
    let message =
        message.map_or_else(|| "the mapping gives no reason".to_owned(), |message| message.to_string());
    Err(call.error(ErrorKind::Custom, message))
}
