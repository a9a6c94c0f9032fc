use super::{Function, Kind, example, required};
use crate::call::Call;
use crate::error::{ErrorKind, Interrupt};
use crate::value::Value;

pub(super) static ITEM: Function = Function {
    name: "Item",
    summary: "The value at a position of a multi-valued attribute, counted from 1; null when the attribute is. A position outside \
              is an error.",
    parameters: &[required("attribute", Kind::String), required("index", Kind::Integer)],
    result: "any",
    examples: &[example(r#"Item(Split([upn], "@"), 2)"#, &[("upn", "a@contoso.com")], "contoso.com")],
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    let list = call.value(0)?;
    if list.is_null() {
        return Ok(Value::Null);
    }
    let values = list.values();
    let Some(index) = call.integer(1)? else { return Err(call.wrong(1, "has no value")) };
    let place = usize::try_from(index).ok().and_then(|index| index.checked_sub(1));
    place.and_then(|place| values.get(place)).cloned().ok_or_else(|| {
        let count = values.len();
        call.error(ErrorKind::Index, format!("the index is none of 1 to {count}, the values that there are"))
    })
}
