use unicode_normalization::char::is_combining_mark;

use super::{Function, Kind, example, letter_case, optional, required};
use crate::call::Call;
use crate::error::Interrupt;
use crate::value::Value;

pub(super) static P_CASE: Function = Function {
    name: "PCase",
    summary: "The first character of each word in upper case, all others in lower case. Words are separated by the \
              given characters, otherwise by everything that is neither letter, digit, mark nor apostrophe.",
    parameters: &[required("source", Kind::String), optional("wordSeparators", Kind::String)],
    examples: &[
        example(r#"PCase("PABLO GONSALVES (SECOND)")"#, &[], "Pablo Gonsalves (Second)"),
        example(r#"PCase("john o'neil-doe")"#, &[], "John O'neil-Doe"),
        example(r#"PCase("'TIS 21st_street")"#, &[], "'Tis 21st_Street"),
        example(r#"PCase("ANNA-MARIA VON TRAPP", " ")"#, &[], "Anna-maria Von Trapp"),
    ],
    each: true,
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    let Some(source) = call.text(0)? else { return Ok(Value::Null) };
    let separators = call.text(1)?;
    // Every character of the text may be compared with every separator.
    call.charge(source.len().saturating_mul(separators.as_ref().map_or(0, |separators| separators.len())))?;
    let separates = |character: char| match &separators {
        Some(separators) => separators.contains(character),
        // ToTitleCase does not begin a word after an apostrophe: `john's` is one word.
        None => !(character.is_alphanumeric() || is_combining_mark(character) || character == '\''),
    };
    let mut begins = true;
    let cased = source.chars().map(|character| {
        let cased =
            if begins { letter_case::upper_char(character) } else { letter_case::lower_char(character) };
        // An apostrophe goes on with a word, but does not begin one: `'tis` becomes `'Tis`.
        begins = separates(character) || (begins && character == '\'' && separators.is_none());
        cased
    });
    let mut result = String::with_capacity(source.len());
    result.extend(cased);
    Ok(Value::from(result))
}
