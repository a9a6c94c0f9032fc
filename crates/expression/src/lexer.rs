//! The tokens of an expression.

use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Span};
use crate::tree::Operator;
use crate::value::{Number, integer};

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token {
    /// The content of a string literal, escapes resolved.
    Text(Arc<str>),
    Attribute(Arc<str>),
    Number(Number),
    /// A hexadecimal number: its value, and its text.
    Hexadecimal(i64, Arc<str>),
    Identifier(Arc<str>),
    /// `%name%`
    Configuration(Arc<str>),
    Operator(Operator),
    Ampersand,
    Open,
    Close,
    Comma,
    End,
}

impl Token {
    /// What to call it in a message.
    pub(crate) fn describe(&self) -> String {
        match self {
            Token::Text(_) => "a string".to_owned(),
            Token::Attribute(name) => format!("`[{name}]`"),
            Token::Number(number) => format!("`{number}`"),
            Token::Hexadecimal(_, text) => format!("`{text}`"),
            Token::Identifier(name) => format!("`{name}`"),
            Token::Configuration(name) => format!("`%{name}%`"),
            Token::Operator(operator) => format!("`{}`", operator.as_str()),
            Token::Ampersand => "`&`".to_owned(),
            Token::Open => "`(`".to_owned(),
            Token::Close => "`)`".to_owned(),
            Token::Comma => "`,`".to_owned(),
            Token::End => "the end of the expression".to_owned(),
        }
    }

    /// Whether an operand may end with this token: then `&` concatenates, and `-` is no sign.
    fn ends_operand(&self) -> bool {
        !matches!(self, Token::Operator(_) | Token::Ampersand | Token::Open | Token::Comma | Token::End)
    }
}

pub(crate) struct Lexer<'a> {
    text: &'a str,
    position: usize,
    after_operand: bool,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(text: &'a str) -> Lexer<'a> {
        Lexer { text, position: 0, after_operand: false }
    }

    /// The next token; [`Token::End`] again and again at the end.
    pub(crate) fn next(&mut self) -> Result<(Token, Span), Diagnostic> {
        self.skip_while(char::is_whitespace);
        let start = self.position;
        let token = self.token()?;
        self.after_operand = token.ends_operand();
        Ok((token, Span::new(start, self.position)))
    }

    fn token(&mut self) -> Result<Token, Diagnostic> {
        let Some(first) = self.peek() else { return Ok(Token::End) };
        let negative =
            first == '-' && !self.after_operand && self.peek_second().is_some_and(|c| c.is_ascii_digit());
        if first.is_ascii_digit() || negative {
            return self.number();
        }
        if first.is_alphabetic() || first == '_' {
            let name = self.take_while(|c| c.is_alphanumeric() || c == '_');
            return Ok(Token::Identifier(name.into()));
        }
        match first {
            '"' => self.string(),
            '[' => self.attribute(),
            '%' => self.configuration(),
            '&' if !self.after_operand => self.hexadecimal(),
            _ => self.punctuation(first),
        }
    }

    fn punctuation(&mut self, first: char) -> Result<Token, Diagnostic> {
        let rest = &self.text[self.position..];
        let pairs =
            [("<>", Operator::NotEqual), ("<=", Operator::LessOrEqual), (">=", Operator::GreaterOrEqual)];
        if let Some((_, operator)) = pairs.into_iter().find(|(pair, _)| rest.starts_with(pair)) {
            self.position += 2;
            return Ok(Token::Operator(operator));
        }
        let token = match first {
            '=' => Token::Operator(Operator::Equal),
            '<' => Token::Operator(Operator::Less),
            '>' => Token::Operator(Operator::Greater),
            '&' => Token::Ampersand,
            '(' => Token::Open,
            ')' => Token::Close,
            ',' => Token::Comma,
            _ => return Err(self.unexpected(first)),
        };
        self.position += 1;
        Ok(token)
    }

    fn unexpected(&self, character: char) -> Diagnostic {
        let suggestion = match character {
            '+' => Some("there is no arithmetic; use `Append` or `Join` for texts"),
            '-' | '*' | '/' => Some("there is no arithmetic"),
            '\'' => Some("strings are written in quotation marks: `\"…\"`"),
            '“' | '”' | '„' => Some("these are typographic quotation marks; use `\"`"),
            ']' => Some("is the `[` of an attribute missing?"),
            '!' => Some("use `<>` for unequal and `Not(…)` to negate"),
            ';' => Some("arguments are separated by `,`"),
            _ => None,
        };
        let span = Span::new(self.position, self.position + character.len_utf8());
        let shown = match character {
            _ if character.is_control() => format!("the character U+{:04X}", u32::from(character)),
            _ => format!("`{character}`"),
        };
        Diagnostic::new(Code::Syntax, span, format!("{shown} means nothing here"))
            .suggest(suggestion.map(str::to_owned))
    }

    fn string(&mut self) -> Result<Token, Diagnostic> {
        let start = self.position;
        self.position += 1;
        let mut content = String::new();
        while let Some(character) = self.bump() {
            match (character, self.peek()) {
                ('"', _) => return Ok(Token::Text(content.into())),
                ('\\', Some(escaped @ ('"' | '\\'))) => {
                    self.position += 1;
                    content.push(escaped);
                }
                (other, _) => content.push(other),
            }
        }
        Err(Diagnostic::new(
            Code::Syntax,
            Span::new(start, start + 1),
            "the string that begins here never ends",
        )
        .expected("a closing `\"`"))
    }

    /// Brackets nest, and strings inside inner brackets are skipped, because SCIM paths need it:
    /// `[emails[type eq "work"].value]`.
    fn attribute(&mut self) -> Result<Token, Diagnostic> {
        let start = self.position;
        let mut depth = 0_usize;
        let mut quoted = false;
        while let Some(character) = self.peek() {
            match character {
                '"' if depth > 1 => quoted = !quoted,
                _ if quoted => {}
                '[' => depth += 1,
                ']' => depth -= 1,
                '(' | ')' | ',' | '"' | '&' | '=' | '<' | '>' | '%' | '\n' | '\r' if depth == 1 => break,
                _ => {}
            }
            self.position += character.len_utf8();
            if depth == 0 {
                return self.attribute_name(start);
            }
        }
        Err(Diagnostic::new(
            Code::Syntax,
            Span::new(start, self.position),
            "the attribute reference never ends",
        )
        .expected("`]` after the name of the attribute"))
    }

    fn attribute_name(&self, start: usize) -> Result<Token, Diagnostic> {
        let name = self.text[start + 1..self.position - 1].trim();
        if name.is_empty() {
            return Err(Diagnostic::new(
                Code::Syntax,
                Span::new(start, self.position),
                "the attribute has no name",
            ));
        }
        Ok(Token::Attribute(name.into()))
    }

    fn configuration(&mut self) -> Result<Token, Diagnostic> {
        let start = self.position;
        self.position += 1;
        let name = self.take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-'));
        if self.peek() == Some('%') && !name.is_empty() {
            self.position += 1;
            return Ok(Token::Configuration(name.into()));
        }
        Err(Diagnostic::new(
            Code::Syntax,
            Span::new(start, self.position),
            "`%` begins a configuration token",
        )
        .expected("`%Name%`"))
    }

    fn number(&mut self) -> Result<Token, Diagnostic> {
        let start = self.position;
        self.position += usize::from(self.peek() == Some('-'));
        self.skip_while(|c| c.is_ascii_digit());
        if self.peek() == Some('.') && self.peek_second().is_some_and(|c| c.is_ascii_digit()) {
            self.position += 1;
            self.skip_while(|c| c.is_ascii_digit());
        }
        let text = &self.text[start..self.position];
        let ends = !self.peek().is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '.'));
        match Number::parse(text) {
            Some(number) if ends => Ok(Token::Number(number)),
            _ => {
                let span = Span::new(start, self.position + self.peek().map_or(0, char::len_utf8));
                Err(Diagnostic::new(Code::Syntax, span, "this is not a number")
                    .expected("digits such as `12` or `12.50`, or a text in quotation marks"))
            }
        }
    }

    fn hexadecimal(&mut self) -> Result<Token, Diagnostic> {
        let start = self.position;
        self.position += 1;
        self.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
        let text = &self.text[start..self.position];
        match integer(text) {
            Some(value) => Ok(Token::Hexadecimal(value, text.into())),
            None => Err(Diagnostic::new(
                Code::Syntax,
                Span::new(start, self.position),
                "`&` has nothing on its left",
            )
            .expected("a value before it, or a hexadecimal number of at most 63 bits such as `&HF7`")),
        }
    }

    fn peek(&self) -> Option<char> {
        self.text[self.position..].chars().next()
    }

    fn peek_second(&self) -> Option<char> {
        self.text[self.position..].chars().nth(1)
    }

    fn bump(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.position += character.len_utf8();
        Some(character)
    }

    fn skip_while(&mut self, accept: impl Fn(char) -> bool) {
        self.take_while(accept);
    }

    fn take_while(&mut self, accept: impl Fn(char) -> bool) -> &'a str {
        let rest = &self.text[self.position..];
        let length = rest.find(|c| !accept(c)).unwrap_or(rest.len());
        self.position += length;
        &rest[..length]
    }
}
