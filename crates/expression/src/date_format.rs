//! Dates as text: the forms that are read freely, and .NET's custom formats. Always in the
//! invariant culture, with English names.

mod exact;
mod format;
mod free;
mod print;
mod scanner;
#[cfg(test)]
mod tests;

use std::fmt;

use crate::error::ErrorKind;
use crate::value::DateTime;

use format::Format;
pub(crate) use free::parse_free;

/// What is wrong with a date or a format. Continues "the argument `x` …".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    /// No form that is read freely.
    Free,
    /// Not as the format says.
    Mismatch,
    /// Outside the years 1 to 9999.
    Range,
    /// The format itself is wrong.
    Format(&'static str),
}

impl Problem {
    pub(crate) fn kind(&self) -> ErrorKind {
        match self {
            Problem::Free | Problem::Mismatch => ErrorKind::DateFormat,
            Problem::Range => ErrorKind::DateRange,
            Problem::Format(_) => ErrorKind::Argument,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Free => formatter.write_str(
                "is no date in a known form such as 2020-03-16, 2020-03-16T07:00:00Z or 3/16/2020 7:00:00 AM",
            ),
            Problem::Mismatch => formatter.write_str("is no date of the input format"),
            Problem::Range => formatter.write_str("lies outside the years 1 to 9999"),
            Problem::Format(problem) => write!(formatter, "is no date format: {problem}"),
        }
    }
}

/// Those of .NET's `DateTimeStyles` that make a difference here. The local time zone is UTC, so
/// the styles about time zones do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Styles {
    leading_white: bool,
    trailing_white: bool,
    inner_white: bool,
    no_current_date: bool,
}

impl Default for Styles {
    /// What the service takes without styles: `RoundtripKind, AllowLeadingWhite, AllowTrailingWhite`.
    fn default() -> Styles {
        Styles { leading_white: true, trailing_white: true, ..Styles::NONE }
    }
}

impl Styles {
    const NONE: Styles =
        Styles { leading_white: false, trailing_white: false, inner_white: false, no_current_date: false };

    /// Reads names separated by commas, without regard to case.
    pub(crate) fn parse(names: &str) -> Option<Styles> {
        let mut styles = Styles::NONE;
        for name in names.split(',') {
            match name.trim().to_ascii_lowercase().as_str() {
                "allowleadingwhite" => styles.leading_white = true,
                "allowtrailingwhite" => styles.trailing_white = true,
                "allowinnerwhite" => styles.inner_white = true,
                "allowwhitespaces" => {
                    styles =
                        Styles { leading_white: true, trailing_white: true, inner_white: true, ..styles };
                }
                "nocurrentdatedefault" => styles.no_current_date = true,
                "none" | "adjusttouniversal" | "assumeuniversal" | "assumelocal" | "roundtripkind" => {}
                _ => return None,
            }
        }
        Some(styles)
    }
}

/// A date that was read, and whether the text named its zone: `K` writes `Z` only then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parsed {
    pub(crate) instant: DateTime,
    pub(crate) zoned: bool,
}

/// Reads a text as a custom format says. `today` gives the date of a text that has a time only.
pub(crate) fn parse_exact(
    text: &str,
    format: &str,
    styles: Styles,
    today: &dyn Fn() -> jiff::civil::Date,
) -> Result<Parsed, Problem> {
    exact::parse(text, &Format::parse(format)?, styles, today)
}

/// Writes a date as a custom format says.
pub(crate) fn print(parsed: Parsed, format: &str) -> Result<String, Problem> {
    Ok(print::print(parsed, &Format::parse(format)?))
}

/// Checks a format.
pub(crate) fn check(format: &str) -> Result<(), String> {
    Format::parse(format).map(drop).map_err(|problem| format!("the text {problem}"))
}

pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Monday first, as ISO 8601 counts.
pub(super) const WEEKDAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
