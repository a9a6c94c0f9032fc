//! .NET's custom date and time formats, read.

use super::Problem;

/// A format as a sequence of elements.
pub(super) struct Format(pub(super) Vec<Element>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    /// A letter with a meaning, and how often it is repeated.
    Field(char, usize),
    /// A character that stands for itself.
    Literal(char),
    /// An unquoted `Z`: itself when written; `Z` or `GMT` when read.
    Zulu,
}

/// The letters with a meaning, and how often .NET allows to repeat them.
const FIELDS: &str = "dMyHhmsfFtzK";
const MAX_FRACTION: usize = 7;
const MAX_YEAR_DIGITS: usize = 5;

impl Format {
    pub(super) fn parse(format: &str) -> Result<Format, Problem> {
        let format = standard(format)?;
        let mut elements = Vec::new();
        let mut characters = format.chars().peekable();
        while let Some(character) = characters.next() {
            match character {
                'K' => elements.push(Element::Field('K', 1)),
                letter if FIELDS.contains(letter) => {
                    let mut count = 1;
                    while characters.next_if_eq(&letter).is_some() {
                        count += 1;
                    }
                    elements.push(field(letter, count)?);
                }
                quote @ ('\'' | '"') => loop {
                    match characters.next() {
                        None => return Err(Problem::Format("a quotation in it never ends")),
                        Some(end) if end == quote => break,
                        Some('\\') => elements.push(Element::Literal(escaped(characters.next())?)),
                        Some(literal) => elements.push(Element::Literal(literal)),
                    }
                },
                '\\' => elements.push(Element::Literal(escaped(characters.next())?)),
                // Makes one letter a custom format instead of a standard one.
                '%' if characters.peek().is_some_and(|next| *next != '%') => {}
                '%' => return Err(Problem::Format("a `%` in it has no letter behind it")),
                'Z' => elements.push(Element::Zulu),
                literal => elements.push(Element::Literal(literal)),
            }
        }
        Ok(Format(elements))
    }
}

fn field(letter: char, count: usize) -> Result<Element, Problem> {
    match letter {
        'f' | 'F' if count > MAX_FRACTION => Err(Problem::Format("a second has at most seven decimals")),
        'y' if count > MAX_YEAR_DIGITS => Err(Problem::Format("a year has at most five digits")),
        // .NET reads further repetitions of these like the longest form.
        'd' | 'M' => Ok(Element::Field(letter, count.min(4))),
        'z' => Ok(Element::Field(letter, count.min(3))),
        'H' | 'h' | 'm' | 's' | 't' => Ok(Element::Field(letter, count.min(2))),
        _ => Ok(Element::Field(letter, count)),
    }
}

fn escaped(character: Option<char>) -> Result<char, Problem> {
    character.ok_or(Problem::Format("it ends with a lone `\\`"))
}

/// A single letter is the name of a standard format, here in the invariant culture.
fn standard(format: &str) -> Result<&str, Problem> {
    Ok(match format {
        "" => return Err(Problem::Format("it is empty")),
        "d" => "MM/dd/yyyy",
        "D" => "dddd, dd MMMM yyyy",
        "f" => "dddd, dd MMMM yyyy HH:mm",
        "F" => "dddd, dd MMMM yyyy HH:mm:ss",
        "g" => "MM/dd/yyyy HH:mm",
        "G" => "MM/dd/yyyy HH:mm:ss",
        "m" | "M" => "MMMM dd",
        "o" | "O" => "yyyy-MM-ddTHH:mm:ss.fffffffK",
        "r" | "R" => "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
        "s" => "yyyy-MM-ddTHH:mm:ss",
        "t" => "HH:mm",
        "T" => "HH:mm:ss",
        "u" => "yyyy-MM-dd HH:mm:ssZ",
        "y" | "Y" => "yyyy MMMM",
        letter if letter.len() == 1 && letter.as_bytes()[0].is_ascii_alphabetic() => {
            return Err(Problem::Format(
                "a single letter names a standard format, and there is none of this name",
            ));
        }
        custom => custom,
    })
}
