use std::ops::RangeInclusive;

use super::{Function, Kind, example, optional, required};
use crate::call::Call;
use crate::error::{ErrorKind, Interrupt};
use crate::value::Value;

/// The classes of the Windows password complexity policy.
const DIGITS: &str = "0123456789";
const SPECIAL: &str = "~!@#$%^&*_-+=`|\\(){}[]:;\"'<>,.?/";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";

const LENGTH: RangeInclusive<i64> = 0..=256;

pub(super) static RANDOM_STRING: Function = Function {
    name: "RandomString",
    summary: "A random text with at least the given numbers of digits, special characters, capitals and small letters. \
              When these add up to the length, nothing else occurs; otherwise the rest is of any class.",
    parameters: &[
        required("Length", Kind::Integer).key("length"),
        required("MinimumNumbers", Kind::Integer).key("minimumNumbers"),
        required("MinimumSpecialCharacters", Kind::Integer).key("minimumSpecialCharacters"),
        required("MinimumCapital", Kind::Integer).key("minimumCapital"),
        required("MinimumLowerCase", Kind::Integer).key("minimumLowerCase"),
        optional("CharactersToAvoid", Kind::String).key("charactersToAvoid"),
    ],
    examples: &[example("Len(RandomString(16, 2, 2, 2, 2))", &[], "16")],
    volatile: true,
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    let length = count(call, 0)?;
    let avoid = call.text(5)?.unwrap_or_default();
    let allowed = |class: &str| -> Vec<char> { class.chars().filter(|c| !avoid.contains(*c)).collect() };
    let mut characters = Vec::with_capacity(length);
    let mut every = Vec::new();
    for (index, class) in [(1, DIGITS), (2, SPECIAL), (3, UPPER), (4, LOWER)] {
        let class = allowed(class);
        for _ in 0..count(call, index)? {
            characters.push(pick(call, &class)?);
        }
        every.extend(class);
    }
    if characters.len() > length {
        return Err(call.wrong(0, "is less than the sum of the minima"));
    }
    while characters.len() < length {
        characters.push(pick(call, &every)?);
    }
    // Fisher-Yates: the classes must not stand in a known order.
    for last in (1..characters.len()).rev() {
        characters.swap(last, below(call, last + 1));
    }
    Ok(Value::from(characters.into_iter().collect::<String>()))
}

fn count(call: &Call<'_>, index: usize) -> Result<usize, Interrupt> {
    let count = call.integer(index)?.unwrap_or_default();
    match usize::try_from(count) {
        Ok(small) if LENGTH.contains(&count) => Ok(small),
        _ => Err(call.wrong(index, "is not between 0 and 256")),
    }
}

fn pick(call: &Call<'_>, class: &[char]) -> Result<char, Interrupt> {
    if class.is_empty() {
        let message = "the characters to avoid leave none of a wanted class; avoid fewer".to_owned();
        return Err(call.error(ErrorKind::Argument, message));
    }
    Ok(class[below(call, class.len())])
}

/// A random number below `bound`. The bias of this reduction is below 2^-56.
fn below(call: &Call<'_>, bound: usize) -> usize {
    let product = u128::from(call.context().random_u64()) * bound as u128;
    usize::try_from(product >> 64).unwrap_or_default()
}
