//! Instants as .NET's `DateTime` knows them: UTC, years 1 to 9999, 100 ns steps.

use std::fmt;

use jiff::civil;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Steps of 100 ns in a second.
pub(crate) const TICKS_PER_SECOND: i64 = 10_000_000;

/// The last year a date may have.
const MAX_YEAR: i16 = 9999;

/// An instant in UTC between the years 1 and 9999.
///
/// Kept as a calendar date and time, because `jiff::Timestamp` ends a day before the year 9999
/// does, and HR systems write `9999-12-31` for "never".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateTime(civil::DateTime);

impl DateTime {
    /// The instant of a UTC date and time; `None` outside the years 1 to 9999. What is finer than
    /// 100 ns is cut off.
    #[must_use]
    pub fn from_utc(civil: civil::DateTime) -> Option<DateTime> {
        let coarse = civil.subsec_nanosecond() / 100 * 100;
        let civil = civil.with().subsec_nanosecond(coarse).build().ok()?;
        (1..=MAX_YEAR).contains(&civil.year()).then_some(DateTime(civil))
    }

    /// The instant of a date and time that is `offset_seconds` ahead of UTC; `None` when the
    /// instant is outside the years 1 to 9999.
    #[must_use]
    pub fn from_local(civil: civil::DateTime, offset_seconds: i32) -> Option<DateTime> {
        let utc = civil.checked_sub(SignedDuration::from_secs(offset_seconds.into())).ok()?;
        DateTime::from_utc(utc)
    }

    /// The same instant, moved into the supported years where it is outside them.
    #[must_use]
    pub fn from_timestamp(timestamp: Timestamp) -> DateTime {
        let civil = TimeZone::UTC.to_datetime(timestamp);
        let first = DateTime(civil::DateTime::constant(1, 1, 1, 0, 0, 0, 0));
        DateTime::from_utc(civil).unwrap_or(first)
    }

    /// Date and time in UTC.
    #[must_use]
    pub fn utc(self) -> civil::DateTime {
        self.0
    }

    /// The instant later by `duration`; `None` when it is outside the years 1 to 9999.
    pub(crate) fn plus(self, duration: SignedDuration) -> Option<DateTime> {
        DateTime::from_utc(self.0.checked_add(duration).ok()?)
    }

    /// The time from `earlier` to `self`, negative when `earlier` is the later one.
    pub(crate) fn since(self, earlier: DateTime) -> SignedDuration {
        self.0.duration_since(earlier.0)
    }
}

impl fmt::Display for DateTime {
    /// `M/d/yyyy h:mm:ss tt` in the invariant culture: `3/16/2020 7:00:00 AM`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.0;
        let hour = match at.hour() % 12 {
            0 => 12,
            hour => hour,
        };
        let half = if at.hour() < 12 { "AM" } else { "PM" };
        write!(
            formatter,
            "{}/{}/{:04} {}:{:02}:{:02} {half}",
            at.month(),
            at.day(),
            at.year(),
            hour,
            at.minute(),
            at.second()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_within_its_years() {
        let last = civil::date(9999, 12, 31).at(23, 59, 59, 0);
        assert!(DateTime::from_utc(last).is_some());
        assert_eq!(DateTime::from_local(last, -8 * 3600), None);
        assert_eq!(DateTime::from_utc(civil::date(0, 12, 31).at(0, 0, 0, 0)), None);
        assert_eq!(DateTime::from_timestamp(Timestamp::MIN).to_string(), "1/1/0001 12:00:00 AM");
    }

    #[test]
    fn applies_offsets() {
        let local = civil::date(2021, 6, 30).at(0, 0, 0, 0);
        assert_eq!(DateTime::from_local(local, 8 * 3600).unwrap().to_string(), "6/29/2021 4:00:00 PM");
    }
}
