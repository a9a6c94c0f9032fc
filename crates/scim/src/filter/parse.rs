//! The reader of filters and paths: recursive descent with a depth limit, one pass over the text.

use serde_json::Value;

use super::{CompareOp, Filter, MAX_DEPTH, MAX_LENGTH};
use crate::path::{Attribute, Path, Problem, SyntaxError, is_name, is_uri_char};

pub(crate) struct Parser<'a> {
    text: &'a str,
    position: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    pub(crate) fn new(text: &'a str) -> Result<Self, SyntaxError> {
        if text.len() > MAX_LENGTH {
            return Err(SyntaxError { position: MAX_LENGTH, problem: Problem::TooLong(MAX_LENGTH) });
        }
        Ok(Self { text, position: 0, depth: 0 })
    }

    /// The whole text is read; blanks may remain.
    pub(crate) fn end(&mut self) -> Result<(), SyntaxError> {
        self.blanks();
        if self.rest().is_empty() { Ok(()) } else { Err(self.expected("the end")) }
    }

    /// `FILTER`: alternatives, of which each is a conjunction.
    pub(crate) fn filter(&mut self) -> Result<Filter, SyntaxError> {
        let first = self.conjunction()?;
        let mut parts = vec![first];
        while self.keyword("or") {
            parts.push(self.conjunction()?);
        }
        Ok(single_or(parts, Filter::Or))
    }

    fn conjunction(&mut self) -> Result<Filter, SyntaxError> {
        let first = self.term()?;
        let mut parts = vec![first];
        while self.keyword("and") {
            parts.push(self.term()?);
        }
        Ok(single_or(parts, Filter::And))
    }

    fn term(&mut self) -> Result<Filter, SyntaxError> {
        self.blanks();
        if self.rest().starts_with('(') {
            return self.enclosed('(', ')', "`)`");
        }
        let start = self.position;
        if self.keyword("not") {
            self.blanks();
            if self.rest().starts_with('(') {
                return Ok(Filter::Not(Box::new(self.enclosed('(', ')', "`)`")?)));
            }
            // An attribute may be called `not`.
            self.position = start;
        }
        let path = self.path()?;
        let after_path = self.position;
        let word_start = self.blanks();
        let word = self.word();
        if word.eq_ignore_ascii_case("pr") {
            return Ok(Filter::Present(path));
        }
        if let Some(op) = CompareOp::ALL.into_iter().find(|op| word.eq_ignore_ascii_case(op.as_str())) {
            return self.comparison(path, op);
        }
        self.position = after_path;
        match path {
            Path { attribute, selector: Some(filter), sub_attribute: None } => {
                Ok(Filter::ValuePath { attribute, filter })
            }
            _ => {
                self.position = word_start;
                Err(self.expected("an operator such as eq or pr"))
            }
        }
    }

    fn comparison(&mut self, path: Path, op: CompareOp) -> Result<Filter, SyntaxError> {
        let start = self.blanks();
        let value = self.value()?;
        let has_order = matches!(value, Value::String(_) | Value::Number(_));
        if op.is_ordering() && !has_order {
            return Err(SyntaxError { position: start, problem: Problem::NoOrder(op.as_str()) });
        }
        Ok(Filter::Compare { path, op, value })
    }

    fn enclosed(&mut self, open: char, close: char, expected: &'static str) -> Result<Filter, SyntaxError> {
        if self.depth == MAX_DEPTH {
            return Err(self.error(Problem::TooDeep(MAX_DEPTH)));
        }
        self.depth += 1;
        self.position += open.len_utf8();
        let filter = self.filter()?;
        self.blanks();
        if !self.rest().starts_with(close) {
            return Err(self.expected(expected));
        }
        self.position += close.len_utf8();
        self.depth -= 1;
        Ok(filter)
    }

    /// `PATH`: `[schema:]attribute`, then `.sub`, or `[filter]` and perhaps `.sub`.
    pub(crate) fn path(&mut self) -> Result<Path, SyntaxError> {
        let start = self.blanks();
        let word = self.word();
        if word.is_empty() {
            return Err(self.expected("an attribute path"));
        }
        let (schema, local) = match word.rfind(':') {
            Some(colon) => (Some(&word[..colon]), &word[colon + 1..]),
            None => (None, word),
        };
        let local_start = start + word.len() - local.len();
        let (name, sub) = match local.split_once('.') {
            Some((name, sub)) => (name, Some((sub, local_start + name.len() + 1))),
            None => (local, None),
        };
        let attribute =
            Attribute::new(schema, name).map_err(|e| SyntaxError { position: local_start, ..e })?;
        let mut path = Path { attribute, selector: None, sub_attribute: None };
        if let Some((sub, position)) = sub {
            path.sub_attribute = Some(sub_attribute(sub, position)?);
        } else if self.rest().starts_with('[') {
            path.selector = Some(Box::new(self.enclosed('[', ']', "`]`")?));
            if self.rest().starts_with('.') {
                self.position += 1;
                let position = self.position;
                path.sub_attribute = Some(sub_attribute(self.word(), position)?);
            }
        }
        Ok(path)
    }

    fn value(&mut self) -> Result<Value, SyntaxError> {
        let rest = self.rest();
        let length = if rest.starts_with('"') {
            string_length(rest).ok_or_else(|| self.bad_value(rest))?
        } else {
            rest.find(|c: char| !is_uri_char(c)).unwrap_or(rest.len())
        };
        let token = &rest[..length];
        let value = match token {
            "" => return Err(self.expected("a value")),
            // Clients write `True`; JSON would not.
            _ if token.eq_ignore_ascii_case("true") => Value::Bool(true),
            _ if token.eq_ignore_ascii_case("false") => Value::Bool(false),
            _ if token.eq_ignore_ascii_case("null") => Value::Null,
            _ => match serde_json::from_str(token) {
                Ok(value @ (Value::String(_) | Value::Number(_))) => value,
                _ => return Err(self.bad_value(token)),
            },
        };
        self.position += length;
        Ok(value)
    }

    /// Takes a keyword that stands as a word of its own, with the blanks before it.
    fn keyword(&mut self, keyword: &str) -> bool {
        let start = self.position;
        self.blanks();
        if self.word().eq_ignore_ascii_case(keyword) {
            return true;
        }
        self.position = start;
        false
    }

    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|c: char| !is_uri_char(c)).unwrap_or(rest.len());
        self.position += length;
        &rest[..length]
    }

    fn blanks(&mut self) -> usize {
        let rest = self.rest();
        self.position += rest.len() - rest.trim_start().len();
        self.position
    }

    fn rest(&self) -> &'a str {
        &self.text[self.position..]
    }

    fn expected(&self, expected: &'static str) -> SyntaxError {
        let found = match shorten(self.rest()) {
            text if text.is_empty() => "the end".to_owned(),
            text => format!("`{text}`"),
        };
        self.error(Problem::Expected { expected, found })
    }

    fn bad_value(&self, token: &str) -> SyntaxError {
        self.error(Problem::BadValue(shorten(token)))
    }

    fn error(&self, problem: Problem) -> SyntaxError {
        SyntaxError { position: self.position, problem }
    }
}

fn single_or(mut parts: Vec<Filter>, several: fn(Vec<Filter>) -> Filter) -> Filter {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            several(parts)
        }
    }
}

fn sub_attribute(name: &str, position: usize) -> Result<Box<str>, SyntaxError> {
    if is_name(name) {
        return Ok(name.into());
    }
    Err(SyntaxError { position, problem: Problem::BadName(shorten(name)) })
}

/// Length of the JSON string literal at the start, with its quotes.
fn string_length(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (index, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(index + 1),
            _ => {}
        }
    }
    None
}

fn shorten(text: &str) -> String {
    const SHOWN: usize = 24;
    if text.chars().count() <= SHOWN {
        return text.to_owned();
    }
    text.chars().take(SHOWN).chain("…".chars()).collect()
}
