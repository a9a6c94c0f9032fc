//! Writing a date as a format says.

use std::fmt::Write as _;

use super::format::{Element, Format};
use super::{MONTHS, Parsed, WEEKDAYS};

pub(super) fn print(parsed: Parsed, format: &Format) -> String {
    let mut text = String::new();
    for element in &format.0 {
        match element {
            Element::Literal(character) => text.push(*character),
            Element::Zulu => text.push('Z'),
            Element::Field(letter, count) => field(&mut text, parsed, *letter, *count),
        }
    }
    text
}

fn field(text: &mut String, parsed: Parsed, letter: char, count: usize) {
    let at = parsed.instant.utc();
    let name = |names: &[&'static str], number: i8| -> &'static str {
        let index = usize::try_from(number).unwrap_or_default().saturating_sub(1);
        names.get(index).copied().unwrap_or_default()
    };
    match (letter, count) {
        ('d', 3) => text.push_str(&name(&WEEKDAYS, at.weekday().to_monday_one_offset())[..3]),
        ('d', 4) => text.push_str(name(&WEEKDAYS, at.weekday().to_monday_one_offset())),
        ('d', _) => number(text, at.day().into(), count),
        ('M', 3) => text.push_str(&name(&MONTHS, at.month())[..3]),
        ('M', 4) => text.push_str(name(&MONTHS, at.month())),
        ('M', _) => number(text, at.month().into(), count),
        ('y', 1 | 2) => number(text, at.year() % 100, count),
        ('y', _) => number(text, at.year(), count),
        ('H', _) => number(text, at.hour().into(), count),
        ('h', _) => number(text, i16::from(at.hour() + 11) % 12 + 1, count),
        ('m', _) => number(text, at.minute().into(), count),
        ('s', _) => number(text, at.second().into(), count),
        ('f' | 'F', _) => fraction(text, at.subsec_nanosecond(), letter, count),
        ('t', _) => text.push_str(&(if at.hour() < 12 { "AM" } else { "PM" })[..count.min(2)]),
        ('z', 1) => text.push_str("+0"),
        ('z', 2) => text.push_str("+00"),
        ('z', _) => text.push_str("+00:00"),
        ('K', _) if parsed.zoned => text.push('Z'),
        _ => {}
    }
}

/// A number with at least `width` digits.
fn number(text: &mut String, number: i16, width: usize) {
    // Writing into a String cannot fail.
    let _ = write!(text, "{number:0width$}");
}

fn fraction(text: &mut String, nanoseconds: i32, letter: char, count: usize) {
    let digits = format!("{nanoseconds:09}");
    let digits = digits.get(..count).unwrap_or(&digits);
    if letter == 'f' {
        text.push_str(digits);
        return;
    }
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() && text.ends_with('.') {
        text.pop();
    }
    text.push_str(digits);
}
