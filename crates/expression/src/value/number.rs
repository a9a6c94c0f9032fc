//! Numbers as the language knows them: decimal texts, usually integers. There is no arithmetic on
//! fractions, so none is ever rounded.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

/// A number that keeps the way it was written: `12.50` stays `12.50`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number(Form);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Form {
    /// An integer in its plain decimal form.
    Integer(i64),
    /// Anything else: fractions, leading zeros, more than 64 bits.
    Written(Arc<str>),
}

impl Number {
    /// Reads `-?digits(.digits)?`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Number> {
        Decimal::read(text)?;
        match text.parse::<i64>() {
            Ok(integer) if integer.to_string() == text => Some(Number::from(integer)),
            _ => Some(Number(Form::Written(text.into()))),
        }
    }

    /// The number as an integer: `None` when it has a fraction other than zero or does not fit
    /// into 64 bits.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        match &self.0 {
            Form::Integer(integer) => Some(*integer),
            Form::Written(text) => Decimal::read(text)?.to_i64(),
        }
    }

    /// The number as it was written.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        match &self.0 {
            Form::Integer(integer) => Cow::Owned(integer.to_string()),
            Form::Written(text) => Cow::Borrowed(text),
        }
    }

    pub(crate) fn is_zero(&self) -> bool {
        match &self.0 {
            Form::Integer(integer) => *integer == 0,
            Form::Written(text) => Decimal::read(text).is_some_and(|decimal| decimal.is_zero()),
        }
    }
}

impl From<i64> for Number {
    fn from(integer: i64) -> Number {
        Number(Form::Integer(integer))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Integer(integer) => integer.fmt(formatter),
            Form::Written(text) => formatter.write_str(text),
        }
    }
}

/// The integer that `text` stands for: decimal digits or `&H` and hexadecimal digits.
pub(crate) fn integer(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Some(digits) = text.strip_prefix("&H").or_else(|| text.strip_prefix("&h")) {
        // `from_str_radix` would take a sign here.
        let hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        return i64::from_str_radix(digits, 16).ok().filter(|_| hexadecimal);
    }
    Decimal::read(text)?.to_i64()
}

/// A decimal number as a view into its text, for comparing numbers of any size exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Decimal<'a> {
    negative: bool,
    /// Without leading zeros.
    whole: &'a str,
    /// Without trailing zeros.
    fraction: &'a str,
}

impl<'a> Decimal<'a> {
    pub(crate) fn read(text: &'a str) -> Option<Decimal<'a>> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
            Some(_) => return None,
            None => (digits, ""),
        };
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        let zero = whole.is_empty() && fraction.is_empty();
        Some(Decimal { negative: negative && !zero, whole, fraction })
    }

    fn is_zero(&self) -> bool {
        self.whole.is_empty() && self.fraction.is_empty()
    }

    fn to_i64(self) -> Option<i64> {
        if !self.fraction.is_empty() {
            return None;
        }
        if self.whole.is_empty() {
            return Some(0);
        }
        let magnitude: i128 = if self.whole.len() <= 19 { self.whole.parse().ok()? } else { return None };
        i64::try_from(if self.negative { -magnitude } else { magnitude }).ok()
    }
}

impl Ord for Decimal<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let magnitude = || {
            let whole = self.whole.len().cmp(&other.whole.len()).then_with(|| self.whole.cmp(other.whole));
            whole.then_with(|| self.fraction.cmp(other.fraction))
        };
        match (self.negative, other.negative) {
            (false, false) => magnitude(),
            (true, true) => magnitude().reverse(),
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
        }
    }
}

impl PartialOrd for Decimal<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keeps_its_text() {
        for text in ["12.50", "007", "-0", "99999999999999999999", "0"] {
            assert_eq!(Number::parse(text).unwrap().text(), text);
        }
        for text in ["", "-", "1.", ".5", "1e3", "+1", "1 ", "٣"] {
            assert_eq!(Number::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn integers() {
        assert_eq!(Number::parse("007.00").unwrap().as_i64(), Some(7));
        assert_eq!(Number::parse("7.5").unwrap().as_i64(), None);
        assert_eq!(Number::parse("9223372036854775808").unwrap().as_i64(), None);
        assert_eq!(integer("-9223372036854775808"), Some(i64::MIN));
        assert_eq!(integer(" &Hf7 "), Some(247));
        assert_eq!(integer("&H-1"), None);
        assert_eq!(integer("&H"), None);
    }

    proptest! {
        #[test]
        fn orders_as_integers_do(left: i64, right: i64) {
            let (a, b) = (left.to_string(), right.to_string());
            prop_assert_eq!(Decimal::read(&a).unwrap().cmp(&Decimal::read(&b).unwrap()), left.cmp(&right));
            prop_assert_eq!(integer(&a), Some(left));
        }
    }

    #[test]
    fn orders_fractions() {
        let ordered = ["-10", "-1.5", "-1.25", "-0.0", "0.05", "0.5", "1", "1.10", "2", "10"];
        for (index, pair) in ordered.windows(2).enumerate() {
            assert!(Decimal::read(pair[0]) < Decimal::read(pair[1]), "{index}");
        }
        assert_eq!(Decimal::read("1.10"), Decimal::read("01.1"));
    }
}
