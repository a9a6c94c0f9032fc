//! `Edm.Duration`: a span of days, hours, minutes and seconds in ISO 8601, counted in ticks of 100 ns.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[cfg(test)]
mod tests;

/// A duration with the range and the resolution of .NET's `TimeSpan`: 64 bits of 100 ns, either sign.
///
/// `PT40M`; the largest is `P10675199DT2H48M5.4775807S`, which Graph prints for "no interval".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EdmDuration {
    ticks: i64,
}

const PER_SECOND: i64 = 10_000_000;
const PER_MINUTE: i64 = 60 * PER_SECOND;
const PER_HOUR: i64 = 60 * PER_MINUTE;
const PER_DAY: i64 = 24 * PER_HOUR;
/// Digits after the point of the seconds.
const FRACTION_DIGITS: usize = 7;
/// More digits than any number of the range has.
const MAX_LENGTH: usize = 64;

/// A text that is no duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an ISO 8601 duration of days, hours, minutes and seconds, such as PT40M")]
pub struct DurationError;

impl EdmDuration {
    /// The longest duration.
    pub const MAX: Self = Self { ticks: i64::MAX };

    /// A duration of so many ticks of 100 ns.
    #[must_use]
    pub const fn from_ticks(ticks: i64) -> Self {
        Self { ticks }
    }

    /// Its length in ticks of 100 ns.
    #[must_use]
    pub const fn ticks(self) -> i64 {
        self.ticks
    }

    /// A standard duration, cut to 100 ns, and to [`EdmDuration::MAX`] when it is longer.
    #[must_use]
    pub fn from_std(duration: Duration) -> Self {
        Self { ticks: i64::try_from(duration.as_nanos() / 100).unwrap_or(i64::MAX) }
    }

    /// As a standard duration; `None` when it is negative.
    #[must_use]
    pub fn to_std(self) -> Option<Duration> {
        let ticks = u64::try_from(self.ticks).ok()?;
        let per_second = PER_SECOND.unsigned_abs();
        let nanos = u32::try_from(ticks % per_second * 100).ok()?;
        Some(Duration::new(ticks / per_second, nanos))
    }
}

impl fmt::Display for EdmDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ticks = self.ticks.unsigned_abs();
        if ticks == 0 {
            return f.write_str("PT0S");
        }
        let part = |per: i64| per.unsigned_abs();
        let (days, rest) = (ticks / part(PER_DAY), ticks % part(PER_DAY));
        let (hours, rest) = (rest / part(PER_HOUR), rest % part(PER_HOUR));
        let (minutes, rest) = (rest / part(PER_MINUTE), rest % part(PER_MINUTE));
        let (seconds, fraction) = (rest / part(PER_SECOND), rest % part(PER_SECOND));
        f.write_str(if self.ticks < 0 { "-P" } else { "P" })?;
        if days > 0 {
            write!(f, "{days}D")?;
        }
        if !ticks.is_multiple_of(part(PER_DAY)) {
            f.write_str("T")?;
        }
        for (number, unit) in [(hours, 'H'), (minutes, 'M')] {
            if number > 0 {
                write!(f, "{number}{unit}")?;
            }
        }
        if fraction > 0 {
            let digits = format!("{fraction:0FRACTION_DIGITS$}");
            write!(f, "{seconds}.{}S", digits.trim_end_matches('0'))
        } else if seconds > 0 {
            write!(f, "{seconds}S")
        } else {
            Ok(())
        }
    }
}

impl FromStr for EdmDuration {
    type Err = DurationError;

    /// Reads `[-]P[nD][T[nH][nM][n[.n]S]]`; what is finer than 100 ns is cut off.
    fn from_str(text: &str) -> Result<Self, DurationError> {
        if text.len() > MAX_LENGTH {
            return Err(DurationError);
        }
        let upper = text.to_ascii_uppercase();
        let (negative, rest) = match upper.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, upper.as_str()),
        };
        let rest = rest.strip_prefix('P').ok_or(DurationError)?;
        let (date, time) = match rest.split_once('T') {
            Some((_, "")) => return Err(DurationError),
            Some((date, time)) => (date, time),
            None => (rest, ""),
        };
        if date.is_empty() && time.is_empty() {
            return Err(DurationError);
        }
        let ticks = components(date, &[('D', PER_DAY)])?
            + components(time, &[('H', PER_HOUR), ('M', PER_MINUTE), ('S', PER_SECOND)])?;
        let ticks = if negative { -ticks } else { ticks };
        i64::try_from(ticks).map(Self::from_ticks).map_err(|_| DurationError)
    }
}

/// The ticks of numbers with units, each at most once and in this order.
fn components(mut text: &str, units: &[(char, i64)]) -> Result<i128, DurationError> {
    let mut ticks = 0_i128;
    for (unit, per) in units {
        let Some((number, rest)) = text.split_once(*unit) else { continue };
        let (whole, fraction) = match number.split_once('.') {
            Some((whole, fraction)) if *unit == 'S' => (whole, Some(fraction)),
            _ => (number, None),
        };
        ticks += i128::from(digits(whole)?) * i128::from(*per);
        if let Some(fraction) = fraction {
            digits(fraction.get(..1).ok_or(DurationError)?)?;
            let padded: String = fraction.chars().chain("0000000".chars()).take(FRACTION_DIGITS).collect();
            if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(DurationError);
            }
            ticks += i128::from(digits(&padded)?);
        }
        text = rest;
    }
    if text.is_empty() { Ok(ticks) } else { Err(DurationError) }
}

fn digits(text: &str) -> Result<u64, DurationError> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(DurationError);
    }
    text.parse().map_err(|_| DurationError)
}

impl Serialize for EdmDuration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EdmDuration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
