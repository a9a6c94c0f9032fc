use std::borrow::Cow;

use super::{Function, Kind, example, letter_case, optional, required, utf16};
use crate::call::Call;
use crate::error::Interrupt;
use crate::tree::Keyword;
use crate::value::Value;

pub(super) static IN_STR: Function = Function {
    name: "InStr",
    summary: "The position, counted from 1, of the first occurrence of value2 in value1 at or after the start; 0 when \
              there is none. vbTextCompare ignores case; vbBinaryCompare, the default, does not.",
    parameters: &[
        required("value1", Kind::String),
        required("value2", Kind::String),
        optional("start", Kind::Integer),
        optional("compareType", Kind::String)
            .keywords(&[Keyword::VbBinaryCompare, Keyword::VbTextCompare])
            .checked(check_comparison),
    ],
    result: "number",
    examples: &[
        example(r#"InStr("The quick brown fox", "quick")"#, &[], "5"),
        example(r#"InStr("repEated", "e", 3, vbBinaryCompare)"#, &[], "7"),
        example(r#"InStr("repEated", "e", 3, vbTextCompare)"#, &[], "4"),
    ],
    each: true,
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    let (Some(text), Some(wanted)) = (call.text(0)?, call.text(1)?) else { return Ok(Value::from(0)) };
    let start = call.integer(2)?.unwrap_or(1);
    let Some(skip) = usize::try_from(start).ok().and_then(|start| start.checked_sub(1)) else {
        return Err(call.wrong(2, "is less than 1"));
    };
    let ignore_case = match call.text(3)? {
        Some(comparison) => is_text_comparison(&comparison)
            .ok_or_else(|| call.wrong(3, "is neither vbBinaryCompare nor vbTextCompare"))?,
        None => false,
    };
    if skip > utf16::length(&text) {
        return Ok(Value::from(0));
    }
    let (before, rest) = text.split_at(utf16::ceil_index(&text, skip));
    let (rest, wanted) = (fold(rest, ignore_case), fold(&wanted, ignore_case));
    let position = match rest.find(&*wanted) {
        Some(index) => utf16::length(before) + utf16::length(&rest[..index]) + 1,
        None => 0,
    };
    Ok(Value::from(i64::try_from(position).unwrap_or(i64::MAX)))
}

/// Upper-casing maps one character to one character, but may change its length in UTF-8.
fn fold(text: &str, ignore_case: bool) -> Cow<'_, str> {
    if ignore_case { Cow::Owned(letter_case::upper(text)) } else { Cow::Borrowed(text) }
}

fn is_text_comparison(comparison: &str) -> Option<bool> {
    let is =
        |keyword: Keyword, number| comparison.eq_ignore_ascii_case(keyword.as_str()) || comparison == number;
    if is(Keyword::VbTextCompare, "1") {
        Some(true)
    } else {
        is(Keyword::VbBinaryCompare, "0").then_some(false)
    }
}

fn check_comparison(text: &str) -> Result<(), String> {
    is_text_comparison(text)
        .map(drop)
        .ok_or_else(|| "the comparison is vbBinaryCompare or vbTextCompare".to_owned())
}
