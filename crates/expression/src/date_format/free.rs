//! The forms of dates that are read without a format.

use jiff::civil::{Date, DateTime as Civil, Time};

use super::Problem;
use super::scanner::Scanner;
use crate::value::DateTime;

/// Reads one of these forms, in UTC unless an offset is given:
///
/// ```text
/// yyyy-MM-dd[Z|±hh:mm]
/// yyyy-MM-dd(T| )HH:mm[:ss[.f…]][Z|±hh:mm]
/// M/d/yyyy
/// M/d/yyyy (h:mm[:ss] tt | H:mm[:ss])
/// ```
pub(crate) fn parse_free(text: &str) -> Result<DateTime, Problem> {
    let text = text.trim();
    let (civil, offset) = iso(text).or_else(|| slashes(text).map(|civil| (civil, 0))).ok_or(Problem::Free)?;
    DateTime::from_local(civil, offset).ok_or(Problem::Range)
}

fn iso(text: &str) -> Option<(Civil, i32)> {
    let mut scanner = Scanner::new(text);
    let year = scanner.number(4, 4)?;
    let month = dash(&mut scanner)?;
    let day = dash(&mut scanner)?;
    let date = date(year, month, day)?;
    let time = if scanner.eat('T') || scanner.eat('t') || scanner.eat(' ') {
        time(&mut scanner, 2)?
    } else {
        Time::midnight()
    };
    let offset = match scanner.peek() {
        None => 0,
        Some('Z' | 'z') => {
            scanner.eat_text("Z");
            0
        }
        Some(_) => scanner.offset((2, 2), true)?,
    };
    scanner.is_done().then(|| (date.to_datetime(time), offset))
}

fn dash(scanner: &mut Scanner<'_>) -> Option<i16> {
    if scanner.eat('-') { scanner.number(2, 2) } else { None }
}

fn slashes(text: &str) -> Option<Civil> {
    let mut scanner = Scanner::new(text);
    let month = scanner.number(1, 2)?;
    let day = if scanner.eat('/') { scanner.number(1, 2)? } else { return None };
    let year = if scanner.eat('/') { scanner.number(4, 4)? } else { return None };
    let date = date(year, month, day)?;
    if scanner.is_done() {
        return Some(date.to_datetime(Time::midnight()));
    }
    if !scanner.eat(' ') {
        return None;
    }
    let time = time(&mut scanner, 1)?;
    scanner.skip_white();
    let time = match (scanner.eat_text("AM"), time.hour()) {
        (true, 1..=11) => time,
        (true, 12) => time.with().hour(0).build().ok()?,
        (true, _) => return None,
        (false, hour) if scanner.eat_text("PM") => match hour {
            12 => time,
            1..=11 => time.with().hour(hour + 12).build().ok()?,
            _ => return None,
        },
        (false, _) => time,
    };
    scanner.is_done().then(|| date.to_datetime(time))
}

fn time(scanner: &mut Scanner<'_>, least_hour_digits: usize) -> Option<Time> {
    let hour = scanner.number(least_hour_digits, 2)?;
    let minute = if scanner.eat(':') { scanner.number(2, 2)? } else { return None };
    let second = if scanner.eat(':') { scanner.number(2, 2)? } else { 0 };
    let nanosecond = if scanner.eat('.') { scanner.fraction(1, 7)? } else { 0 };
    Time::new(small(hour)?, small(minute)?, small(second)?, nanosecond).ok()
}

fn date(year: i16, month: i16, day: i16) -> Option<Date> {
    Date::new(year, small(month)?, small(day)?).ok().filter(|date| date.year() >= 1)
}

fn small(number: i16) -> Option<i8> {
    i8::try_from(number).ok()
}
