//! Reading text from left to right.

pub(super) struct Scanner<'a> {
    rest: &'a str,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Scanner<'a> {
        Scanner { rest: text }
    }

    pub(super) fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    pub(super) fn eat(&mut self, character: char) -> bool {
        let rest = self.rest.strip_prefix(character);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    /// Skips `text`, compared without regard to ASCII case.
    pub(super) fn eat_text(&mut self, text: &str) -> bool {
        match self.rest.get(..text.len()) {
            Some(start) if start.eq_ignore_ascii_case(text) => {
                self.rest = &self.rest[text.len()..];
                true
            }
            _ => false,
        }
    }

    pub(super) fn skip_white(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// The next digits: as many as there are, but `most` at most; `None` for fewer than `least`.
    pub(super) fn digits(&mut self, least: usize, most: usize) -> Option<&'a str> {
        let count = self.rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
        if count < least {
            return None;
        }
        let (digits, rest) = self.rest.split_at(count);
        self.rest = rest;
        Some(digits)
    }

    /// The next digits as a number.
    pub(super) fn number(&mut self, least: usize, most: usize) -> Option<i16> {
        self.digits(least, most)?.parse().ok()
    }

    /// The fraction of a second that up to seven digits stand for, in nanoseconds.
    pub(super) fn fraction(&mut self, least: usize, most: usize) -> Option<i32> {
        let digits = self.digits(least, most)?;
        let value: i32 = if digits.is_empty() { 0 } else { digits.parse().ok()? };
        let missing = 9_u32.checked_sub(u32::try_from(digits.len()).ok()?)?;
        value.checked_mul(10_i32.checked_pow(missing)?)
    }

    /// `±hh:mm` or `±hh`, in seconds. .NET takes up to 14 hours.
    pub(super) fn offset(&mut self, hour_digits: (usize, usize), minutes: bool) -> Option<i32> {
        let sign = if self.eat('-') { -1 } else { i32::from(self.eat('+')) };
        let hours = i32::from(self.number(hour_digits.0, hour_digits.1)?);
        let minutes = if minutes {
            self.eat(':');
            i32::from(self.number(2, 2)?)
        } else {
            0
        };
        let seconds = hours * 3600 + minutes * 60;
        (sign != 0 && minutes < 60 && seconds <= 14 * 3600).then_some(sign * seconds)
    }
}
