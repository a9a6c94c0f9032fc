use super::{Function, Kind, Profile, required};
use crate::call::Call;
use crate::error::Interrupt;
use crate::value::Value;

pub(super) static STRING_FROM_SID: Function = Function {
    name: "StringFromSid",
    summary: "The text form S-1-… of a binary security identifier.",
    parameters: &[required("source", Kind::Binary)],
    profile: Profile::CloudSync,
    each: true,
    ..Function::base(run)
};

fn run(call: &Call<'_>) -> Result<Value, Interrupt> {
    match call.value(0)? {
        value if value.is_null() => Ok(Value::Null),
        Value::Binary(bytes) => {
            text(&bytes).map(Value::from).ok_or_else(|| call.wrong(0, "is no security identifier"))
        }
        _ => Err(call.wrong(0, "is not binary")),
    }
}

/// A SID is a revision, the number of sub-authorities, a big-endian 48-bit authority, and the
/// little-endian 32-bit sub-authorities (MS-DTYP, 2.4.2.2).
fn text(bytes: &[u8]) -> Option<String> {
    let ([revision, count], rest) = bytes.split_first_chunk::<2>()?;
    let (authority, rest) = rest.split_first_chunk::<6>()?;
    let (parts, remainder) = rest.as_chunks::<4>();
    if *revision != 1 || parts.len() != usize::from(*count) || !remainder.is_empty() {
        return None;
    }
    let authority = authority.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    // Authorities of more than 32 bits are written in hexadecimal.
    let mut text =
        if authority >> 32 == 0 { format!("S-1-{authority}") } else { format!("S-1-0x{authority:012X}") };
    for part in parts {
        text.push('-');
        text.push_str(&u32::from_le_bytes(*part).to_string());
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_only_whole_identifiers() {
        let administrators = [1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 32, 2, 0, 0];
        assert_eq!(text(&administrators).as_deref(), Some("S-1-5-32-544"));
        for length in 0..administrators.len() {
            assert_eq!(text(&administrators[..length]), None);
        }
        assert_eq!(text(&[1, 0, 1, 0, 0, 0, 0, 0]).as_deref(), Some("S-1-0x010000000000"));
    }
}
