//! Letter case as .NET knows it: one character becomes one character. So `ß` stays in upper case,
//! and there is no final sigma.

use super::{Function, Kind, Parameter, example, optional, required};
use crate::call::Call;
use crate::error::Interrupt;
use crate::value::Value;

const PARAMETERS: &[Parameter] = &[required("source", Kind::String), optional("culture", Kind::String)];

pub(super) static TO_LOWER: Function = Function {
    name: "ToLower",
    summary: "The text in lower case, by the rules of a culture such as tr-TR; without one, by the invariant ones.",
    parameters: PARAMETERS,
    examples: &[
        example(r#"ToLower("ÄÖÜ")"#, &[], "äöü"),
        example(r#"ToLower("ISTANBUL", "tr-TR")"#, &[], "ıstanbul"),
    ],
    each: true,
    ..Function::base(|call| {
        run(call, |turkic, character| match character {
            'I' if turkic => 'ı',
            'İ' if turkic => 'i',
            _ => lower_char(character),
        })
    })
};

pub(super) static TO_UPPER: Function = Function {
    name: "ToUpper",
    summary: "The text in upper case, by the rules of a culture such as tr-TR; without one, by the invariant ones.",
    parameters: PARAMETERS,
    examples: &[
        example(r#"ToUpper("straße")"#, &[], "STRAßE"),
        example(r#"ToUpper("istanbul", "tr-TR")"#, &[], "İSTANBUL"),
    ],
    each: true,
    ..Function::base(|call| {
        run(call, |turkic, character| match character {
            'i' if turkic => 'İ',
            'ı' if turkic => 'I',
            _ => upper_char(character),
        })
    })
};

fn run(call: &Call<'_>, map: fn(bool, char) -> char) -> Result<Value, Interrupt> {
    let Some(source) = call.text(0)? else { return Ok(Value::Null) };
    let culture = call.text(1)?.unwrap_or_default();
    let language = culture.split(['-', '_']).next().unwrap_or_default();
    let turkic = language.eq_ignore_ascii_case("tr") || language.eq_ignore_ascii_case("az");
    // Most texts are as they should be already.
    let Some((start, _)) = source.char_indices().find(|(_, character)| map(turkic, *character) != *character)
    else {
        return Ok(Value::from(source));
    };
    let mut result = String::with_capacity(source.len());
    result.push_str(&source[..start]);
    result.extend(source[start..].chars().map(|character| map(turkic, character)));
    Ok(Value::from(result))
}

/// The lower-case form, when it is a single character. The invariant culture leaves `İ` alone.
pub(super) fn lower_char(character: char) -> char {
    single(character, character.to_lowercase())
}

/// The upper-case form, when it is a single character. The invariant culture leaves `ı` and `ſ` alone.
pub(super) fn upper_char(character: char) -> char {
    match character {
        'ı' | 'ſ' => character,
        _ => single(character, character.to_uppercase()),
    }
}

pub(super) fn upper(text: &str) -> String {
    text.chars().map(upper_char).collect()
}

fn single(character: char, mut mapped: impl Iterator<Item = char>) -> char {
    match (mapped.next(), mapped.next()) {
        (Some(mapped), None) => mapped,
        _ => character,
    }
}
