//! The tokens of a filter.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::ast::Literal;

const UNTERMINATED: &str =
    "Unterminated string literal (a quote within one is written twice, as in 'O''Brien')";

/// Why a filter cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    /// Where, in bytes.
    pub(super) at: usize,
    /// What.
    pub(super) message: String,
}

impl Problem {
    pub(super) fn new(at: usize, message: impl Into<String>) -> Self {
        Self { at, message: message.into() }
    }
}

/// A token.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Open,
    Close,
    Comma,
    Colon,
    Slash,
    /// A name, a keyword or an operator.
    Word(String),
    Literal(Literal),
    End,
}

/// A token and where it begins.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) token: Token,
    pub(super) at: usize,
}

/// Splits a filter into tokens, the last being [`Token::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<Placed>, Problem> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(next) = text.get(at..).and_then(|rest| rest.chars().next()) {
        if next.is_whitespace() {
            at += next.len_utf8();
            continue;
        }
        let (token, length) = token(text, at, next)?;
        tokens.push(Placed { token, at });
        at += length;
    }
    tokens.push(Placed { token: Token::End, at: text.len() });
    Ok(tokens)
}

/// The token that begins at `at` with `first`, and its length in bytes.
fn token(text: &str, at: usize, first: char) -> Result<(Token, usize), Problem> {
    let rest = &text[at..];
    let single = |token| Ok((token, 1));
    match first {
        '(' => single(Token::Open),
        ')' => single(Token::Close),
        ',' => single(Token::Comma),
        ':' => single(Token::Colon),
        '/' => single(Token::Slash),
        '\'' => {
            let (value, length) = quoted(rest).ok_or_else(|| Problem::new(at, UNTERMINATED))?;
            Ok((Token::Literal(Literal::String(value)), length))
        }
        _ => {
            if let Some((id, length)) = guid(rest) {
                return Ok((Token::Literal(Literal::Guid(id)), length));
            }
            if first.is_ascii_digit() || first == '-' {
                return number_or_time(rest)
                    .map(|(literal, length)| (Token::Literal(literal), length))
                    .ok_or_else(|| Problem::new(at, "Invalid number or date literal"));
            }
            word(rest).ok_or_else(|| Problem::new(at, format!("Unexpected character '{first}'")))
        }
    }
}

/// A quoted text, quotes doubled within.
fn quoted(rest: &str) -> Option<(String, usize)> {
    let mut value = String::new();
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((index, character)) = chars.next() {
        if character != '\'' {
            value.push(character);
        } else if chars.next_if(|(_, next)| *next == '\'').is_some() {
            value.push('\'');
        } else {
            return Some((value, index + 1));
        }
    }
    None
}

/// A bare GUID of 36 characters.
fn guid(rest: &str) -> Option<(Uuid, usize)> {
    const LENGTH: usize = 36;
    let head = rest.get(..LENGTH)?;
    let ends = !rest[LENGTH..].starts_with(|next: char| next.is_alphanumeric() || next == '-' || next == '_');
    let hyphenated = head.as_bytes().get(8) == Some(&b'-');
    (ends && hyphenated).then(|| Uuid::try_parse(head).ok())?.map(|id| (id, LENGTH))
}

fn number_or_time(rest: &str) -> Option<(Literal, usize)> {
    let is_part = |character: char| character.is_ascii_alphanumeric() || "-+:.".contains(character);
    let length = rest.find(|character| !is_part(character)).unwrap_or(rest.len());
    let text = &rest[..length];
    if let Ok(number) = text.parse::<i64>() {
        return Some((Literal::Integer(number), length));
    }
    let is_decimal = |character: char| character.is_ascii_digit() || ".eE+-".contains(character);
    if text.chars().all(is_decimal)
        && let Some(number) = text.parse::<f64>().ok().filter(|number| number.is_finite())
    {
        return Some((Literal::Decimal(number), length));
    }
    if let Some((at, extra)) = spaced_offset(rest, length) {
        return Some((Literal::DateTime(at), length + extra));
    }
    time(text).map(|at| (Literal::DateTime(at), length))
}

/// An instant, or a date or local time that is taken to be in UTC.
fn time(text: &str) -> Option<Timestamp> {
    // The parsers below know more forms than OData has.
    if text.starts_with('-') || text.contains('[') || text.get(4..5) != Some("-") {
        return None;
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    if text.ends_with(['z', 'Z']) {
        return None;
    }
    let local = match text.parse::<Date>() {
        Ok(date) if text.len() == 10 => date.at(0, 0, 0, 0),
        _ => text.parse::<DateTime>().ok()?,
    };
    TimeZone::UTC.to_timestamp(local).ok()
}

/// The `+` of an offset arrives as a space when the client does not encode it.
fn spaced_offset(rest: &str, length: usize) -> Option<(Timestamp, usize)> {
    const OFFSET: usize = 6;
    let offset = rest.get(length..length + OFFSET)?.strip_prefix(' ')?;
    let fits = offset.bytes().enumerate().all(|(index, byte)| match index {
        2 => byte == b':',
        _ => byte.is_ascii_digit(),
    });
    let text = &rest[..length];
    if !fits || !text.contains(['T', 't']) {
        return None;
    }
    time(&format!("{text}+{offset}")).map(|at| (at, OFFSET))
}

/// A name, keyword, or enumeration literal.
fn word(rest: &str) -> Option<(Token, usize)> {
    let is_part = |character: char| character.is_alphanumeric() || "_$.@-".contains(character);
    let length = rest.find(|character| !is_part(character)).unwrap_or(rest.len());
    let text = &rest[..length];
    if length == 0 || text.starts_with(['.', '-']) {
        return None;
    }
    if text.contains('.') && rest[length..].starts_with('\'') {
        let (member, quoted_length) = quoted(&rest[length..])?;
        let literal = Literal::Enum { type_name: text.to_owned(), member };
        return Some((Token::Literal(literal), length + quoted_length));
    }
    let token = match text {
        "null" => Token::Literal(Literal::Null),
        "true" => Token::Literal(Literal::Boolean(true)),
        "false" => Token::Literal(Literal::Boolean(false)),
        _ => Token::Word(text.to_owned()),
    };
    Some((token, length))
}
