use super::{Function, Kind, Profile, example, required};
use crate::call::Call;
use crate::error::{ErrorKind, Interrupt};
use crate::value::Value;

pub(super) static DN_COMPONENT: Function = Function {
    name: "DNComponent",
    summary: "The value of the n-th component of a distinguished name, counted from the left and from 1.",
    parameters: &[required("dn", Kind::Reference), required("number", Kind::Integer)],
    examples: &[
        example("DNComponent([dn], 2)", &[("dn", r"cn=Doe\, Joe,ou=Sales,dc=contoso")], "Sales"),
        example("DNComponent([dn], 1)", &[("dn", r"cn=Doe\, Joe,ou=Sales,dc=contoso")], "Doe, Joe"),
    ],
    profile: Profile::CloudSync,
    each: true,
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    let (Some(name), Some(number)) = (call.text(0)?, call.integer(1)?) else { return Ok(Value::Null) };
    let index = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
    let component = index.and_then(|index| components(&name).nth(index));
    match component.and_then(|component| component.split_once('=')) {
        Some((_, value)) => Ok(Value::from(unescape(value.trim()))),
        None => {
            Err(call
                .error(ErrorKind::Index, "the distinguished name has no component of this number".to_owned()))
        }
    }
}

/// The relative distinguished names (RFC 4514), split at commas that are not escaped.
fn components(name: &str) -> impl Iterator<Item = &str> {
    let mut escaped = false;
    name.split(move |character| {
        let separates = character == ',' && !escaped;
        escaped = character == '\\' && !escaped;
        separates
    })
}

/// Resolves `\,` and `\2C` (RFC 4514, section 2.4). Bytes that are no UTF-8 become U+FFFD.
fn unescape(value: &str) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let [first, tail @ ..] = rest {
        let (byte, length) = match (first, tail) {
            (b'\\', [high, low, ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                (nibble(*high) << 4 | nibble(*low), 3)
            }
            (b'\\', [escaped, ..]) => (*escaped, 2),
            _ => (*first, 1),
        };
        bytes.push(byte);
        rest = &rest[length..];
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn nibble(digit: u8) -> u8 {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok()).unwrap_or_default()
}
