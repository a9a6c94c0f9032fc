use super::{Function, Kind, example, required};
use crate::call::Call;
use crate::error::Interrupt;
use crate::value::Value;

pub(super) static WORD: Function = Function {
    name: "Word",
    summary: "The n-th word of a text, counted from 1; every one of the delimiters separates words, and runs of them \
              count once. Empty when there is no such word.",
    parameters: &[
        required("String", Kind::String).key("string"),
        required("WordNumber", Kind::Integer).key("wordNumber"),
        required("Delimiters", Kind::String).key("delimiters"),
    ],
    examples: &[
        example(r#"Word("The quick brown fox", 3, " ")"#, &[], "brown"),
        example(r#"Word("a@contoso.com", 2, "@.")"#, &[], "contoso"),
        example(r#"Word([missing], 1, " ")"#, &[], ""),
    ],
    each: true,
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    let text = call.text(0)?.unwrap_or_default();
    let (Some(number), delimiters) = (call.integer(1)?, call.text(2)?.unwrap_or_default()) else {
        return Ok(Value::Null);
    };
    // Every character of the text may be compared with every delimiter.
    call.charge(text.len().saturating_mul(delimiters.len()))?;
    let index = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
    let mut words = text.split(|character| delimiters.contains(character)).filter(|word| !word.is_empty());
    Ok(Value::from(index.and_then(|index| words.nth(index)).unwrap_or_default()))
}
