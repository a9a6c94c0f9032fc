//! The intervals of `DateAdd` and `DateDiff`.

use jiff::{SignedDuration, Span};

use crate::value::DateTime;

/// A step in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Interval {
    Year,
    Month,
    Week,
    Day,
    Hour,
    Minute,
    Second,
}

impl Interval {
    /// Names are compared with regard to case: `m` is a month, and there is no `M`.
    pub(super) fn find(name: &str) -> Option<Interval> {
        Some(match name {
            "yyyy" => Interval::Year,
            "m" => Interval::Month,
            "ww" => Interval::Week,
            "d" => Interval::Day,
            "h" => Interval::Hour,
            "n" => Interval::Minute,
            "s" => Interval::Second,
            _ => return None,
        })
    }

    pub(super) fn check(name: &str) -> Result<(), String> {
        let message = || "the interval is one of yyyy, m, ww, d, h, n and s, in lower case".to_owned();
        Interval::find(name).map(drop).ok_or_else(message)
    }

    /// The number of seconds; `None` for months and years, whose length varies.
    fn seconds(self) -> Option<i64> {
        match self {
            Interval::Year | Interval::Month => None,
            Interval::Week => Some(604_800),
            Interval::Day => Some(86_400),
            Interval::Hour => Some(3_600),
            Interval::Minute => Some(60),
            Interval::Second => Some(1),
        }
    }

    /// The instant `count` steps later; `None` outside the years 1 to 9999. A day that the month
    /// does not have becomes its last one.
    pub(super) fn add(self, instant: DateTime, count: i64) -> Option<DateTime> {
        if let Some(seconds) = self.seconds() {
            return instant.plus(SignedDuration::from_secs(count.checked_mul(seconds)?));
        }
        let span = match self {
            Interval::Year => Span::new().try_years(count).ok()?,
            _ => Span::new().try_months(count).ok()?,
        };
        DateTime::from_utc(instant.utc().checked_add(span).ok()?)
    }

    /// The number of steps from `from` to `to`, by the rules of Visual Basic: years and months by
    /// the calendar, weeks from Sunday to Sunday, everything else cut toward zero.
    pub(super) fn between(self, from: DateTime, to: DateTime) -> i64 {
        let (start, end) = (from.utc(), to.utc());
        let years = i64::from(end.year()) - i64::from(start.year());
        match self.seconds() {
            Some(_) if self == Interval::Week => {
                let sunday = |date: jiff::civil::DateTime| i64::from(date.weekday().to_sunday_zero_offset());
                let days_back = sunday(end) - sunday(start);
                (to.since(from).as_secs() - days_back * 86_400) / 86_400 / 7
            }
            Some(seconds) => to.since(from).as_secs() / seconds,
            None if self == Interval::Year => years,
            None => years * 12 + i64::from(end.month()) - i64::from(start.month()),
        }
    }
}
