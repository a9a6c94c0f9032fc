//! Finding the members of a stored object by its quotes. Most members are short texts without escapes, and that is all
//! that is looked at here; whatever else there is, is left to `serde_json`.

use std::ops::Range;

use memchr::memchr2;
use serde_json::value::RawValue;

use super::{Name, Place, is_readable};

/// The members of a text that is a JSON object as this store writes one: no blanks between its parts, and no escapes in
/// its names. `None` for any other text, and for one that has a value that cannot be read.
pub(super) fn members(text: &str) -> Option<Vec<Place>> {
    // As many as an account of ordinary detail has.
    let mut found = Vec::with_capacity(20);
    let bytes = text.as_bytes();
    if bytes == b"{}" {
        return Some(found);
    }
    let mut at = 0;
    let mut before = b'{';
    loop {
        at = after(bytes, at, before)?;
        let name = plain_text(bytes, at)?;
        at = after(bytes, name.end + 1, b':')?;
        let value = value(text, at)?;
        at = value.end;
        found.push(Place { name: Name::At(name), value });
        match bytes.get(at)? {
            b',' => before = b',',
            b'}' if at + 1 == bytes.len() => return Some(found),
            _ => return None,
        }
    }
}

/// The place after this byte, which must stand there.
fn after(bytes: &[u8], at: usize, byte: u8) -> Option<usize> {
    (bytes.get(at) == Some(&byte)).then_some(at + 1)
}

/// What is between the quotes of a text that begins there, when there is no escape in it.
fn plain_text(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let begin = after(bytes, at, b'"')?;
    let rest = bytes.get(begin..)?;
    let length = memchr2(b'"', b'\\', rest)?;
    let inner = rest.get(..length)?;
    let is_plain = rest.get(length) == Some(&b'"') && inner.iter().all(|byte| *byte >= b' ');
    is_plain.then_some(begin..begin + length)
}

fn value(text: &str, at: usize) -> Option<Range<usize>> {
    if let Some(inner) = plain_text(text.as_bytes(), at) {
        return Some(at..inner.end + 1);
    }
    let rest = text.get(at..)?;
    if let Some(word) = ["true", "false", "null"].into_iter().find(|word| rest.starts_with(word)) {
        return Some(at..at + word.len());
    }
    let mut values = serde_json::Deserializer::from_str(rest).into_iter::<&RawValue>();
    let value = values.next()?.ok()?.get();
    // The store writes no blanks before a value either.
    (is_readable(value) && rest.starts_with(value)).then(|| at..at + value.len())
}
