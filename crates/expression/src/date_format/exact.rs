//! Reading a date as a format says.

use jiff::civil::{Date, Time};

use super::format::{Element, Format};
use super::scanner::Scanner;
use super::{MONTHS, Parsed, Problem, Styles, WEEKDAYS};
use crate::value::DateTime;

/// What the fields of a text say.
#[derive(Default)]
struct Fields {
    year: Option<i16>,
    month: Option<i16>,
    day: Option<i16>,
    /// From 1, Monday.
    weekday: Option<i16>,
    hour: Option<i16>,
    /// Whether the hour was given by `h`.
    twelve_hours: bool,
    minute: Option<i16>,
    second: Option<i16>,
    nanosecond: Option<i32>,
    afternoon: Option<bool>,
    offset: Option<i32>,
}

pub(super) fn parse(
    text: &str,
    format: &Format,
    styles: Styles,
    today: &dyn Fn() -> Date,
) -> Result<Parsed, Problem> {
    let text = if styles.leading_white { text.trim_start() } else { text };
    let text = if styles.trailing_white { text.trim_end() } else { text };
    let mut fields = Fields::default();
    let mut scanner = Scanner::new(text);
    read(&mut scanner, format, styles, &mut fields).ok_or(Problem::Mismatch)?;
    let date = fields.date(styles, today).ok_or(Problem::Mismatch)?;
    let time = fields.time().ok_or(Problem::Mismatch)?;
    let instant = DateTime::from_local(date.to_datetime(time), fields.offset.unwrap_or_default());
    Ok(Parsed { instant: instant.ok_or(Problem::Range)?, zoned: fields.offset.is_some() })
}

fn read(scanner: &mut Scanner<'_>, format: &Format, styles: Styles, fields: &mut Fields) -> Option<()> {
    let mut elements = format.0.iter().copied().peekable();
    while let Some(element) = elements.next() {
        if styles.inner_white {
            scanner.skip_white();
        }
        match element {
            Element::Literal(character) if character.is_whitespace() && styles.inner_white => {}
            // `.F`: without decimals there is no point, either.
            Element::Literal('.') if scanner.peek() != Some('.') => match elements.peek() {
                Some(Element::Field('F', _)) => drop(elements.next()),
                _ => return None,
            },
            Element::Literal(character) => scanner.eat(character).then_some(())?,
            Element::Zulu => {
                (scanner.eat('Z') || scanner.eat_text("GMT")).then_some(())?;
                same(&mut fields.offset, 0)?;
            }
            Element::Field(letter, count) => fields.read(scanner, letter, count)?,
        }
    }
    if styles.inner_white {
        scanner.skip_white();
    }
    scanner.is_done().then_some(())
}

/// A field that occurs twice must have the same value.
fn same<T: PartialEq + Copy>(field: &mut Option<T>, value: T) -> Option<()> {
    (*field.get_or_insert(value) == value).then_some(())
}

/// The number, from 1, of the name that the text goes on with: in full or its first three letters.
fn name(scanner: &mut Scanner<'_>, names: &[&str], in_full: bool) -> Option<i16> {
    let found = names.iter().position(|name| scanner.eat_text(if in_full { name } else { &name[..3] }))?;
    i16::try_from(found + 1).ok()
}

impl Fields {
    fn read(&mut self, scanner: &mut Scanner<'_>, letter: char, count: usize) -> Option<()> {
        // One letter takes one or two digits, more take exactly as many.
        let number = |scanner: &mut Scanner<'_>| match count {
            1 => scanner.number(1, 2),
            _ => scanner.number(count, count),
        };
        match (letter, count) {
            ('d', 3 | 4) => same(&mut self.weekday, name(scanner, &WEEKDAYS, count == 4)?),
            ('d', _) => same(&mut self.day, number(scanner)?),
            ('M', 3 | 4) => same(&mut self.month, name(scanner, &MONTHS, count == 4)?),
            ('M', _) => same(&mut self.month, number(scanner)?),
            ('y', 1 | 2) => {
                let year = number(scanner)?;
                same(&mut self.year, if year < 50 { 2000 + year } else { 1900 + year })
            }
            ('y', _) => same(&mut self.year, number(scanner)?),
            ('H', _) => same(&mut self.hour, number(scanner)?),
            ('h', _) => {
                self.twelve_hours = true;
                same(&mut self.hour, number(scanner).filter(|hour| *hour <= 12)?)
            }
            ('m', _) => same(&mut self.minute, number(scanner)?),
            ('s', _) => same(&mut self.second, number(scanner)?),
            ('f', _) => same(&mut self.nanosecond, scanner.fraction(count, count)?),
            ('F', _) => same(&mut self.nanosecond, scanner.fraction(0, count)?),
            ('t', _) => {
                let (morning, afternoon) = if count == 1 { ("A", "P") } else { ("AM", "PM") };
                let is_afternoon = scanner.eat_text(afternoon);
                (is_afternoon || scanner.eat_text(morning)).then_some(())?;
                same(&mut self.afternoon, is_afternoon)
            }
            ('z', _) => {
                let hour_digits = if count == 1 { (1, 2) } else { (2, 2) };
                same(&mut self.offset, scanner.offset(hour_digits, count == 3)?)
            }
            ('K', _) => match scanner.peek() {
                Some('Z') => {
                    scanner.eat('Z');
                    same(&mut self.offset, 0)
                }
                Some('+' | '-') => same(&mut self.offset, scanner.offset((2, 2), true)?),
                _ => Some(()),
            },
            _ => None,
        }
    }

    /// Without any field of a date the text means today; otherwise the year is this one, month and
    /// day are the first.
    fn date(&self, styles: Styles, today: &dyn Fn() -> Date) -> Option<Date> {
        let date = match (self.year, self.month, self.day) {
            (None, None, None) if styles.no_current_date => Date::constant(1, 1, 1),
            (None, None, None) => today(),
            (year, month, day) => {
                let year = year.unwrap_or_else(|| today().year());
                let (month, day) = (month.unwrap_or(1), day.unwrap_or(1));
                Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?
            }
        };
        let weekday = i16::from(date.weekday().to_monday_one_offset());
        self.weekday.is_none_or(|expected| expected == weekday).then_some(date)
    }

    fn time(&self) -> Option<Time> {
        let hour = match (self.hour.unwrap_or_default(), self.afternoon) {
            // Twelve hours without AM or PM are the morning's.
            (12, None | Some(false)) if self.twelve_hours => 0,
            (hour, None) => hour,
            (hour, Some(true)) if self.twelve_hours && hour < 12 => hour + 12,
            (hour, Some(_)) if self.twelve_hours => hour,
            (hour, Some(afternoon)) => Some(hour).filter(|hour| (*hour >= 12) == afternoon)?,
        };
        let small = |number: i16| i8::try_from(number).ok();
        let (minute, second) = (self.minute.unwrap_or_default(), self.second.unwrap_or_default());
        Time::new(small(hour)?, small(minute)?, small(second)?, self.nanosecond.unwrap_or_default()).ok()
    }
}
