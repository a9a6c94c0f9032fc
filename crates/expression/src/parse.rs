//! From text to tree: recursive descent with one token of look-ahead.
//!
//! ```text
//! operand  = concat [ cmp-op concat ]
//! concat   = primary { "&" primary }
//! primary  = function | attribute | string | number | keyword | config-token
//! function = identifier "(" [ [operand] { "," [operand] } ] ")"
//! ```

use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Span, closest};
use crate::functions::{find, functions};
use crate::lexer::{Lexer, Token};
use crate::tree::{Expression, Keyword, Located, Node, quote};
use crate::value::Value;

/// How deeply function calls may be nested.
pub const MAX_DEPTH: usize = 64;

/// The greatest length of an expression, in characters.
pub const MAX_LENGTH: usize = 10_000;

/// Reads an expression. Names of functions and attributes are not checked: that is what
/// [`compile()`](crate::compile()) does.
///
/// # Errors
/// The first place where the text does not follow the grammar, or exceeds [`MAX_LENGTH`] or
/// [`MAX_DEPTH`].
pub fn parse(text: &str) -> Result<Expression, Diagnostic> {
    if let Some((index, _)) = text.char_indices().nth(MAX_LENGTH) {
        let message = format!("the expression is longer than {MAX_LENGTH} characters");
        return Err(Diagnostic::new(Code::Limit, Span::new(index, text.len()), message));
    }
    let mut parser =
        Parser { lexer: Lexer::new(text), token: Token::End, span: Span::default(), end: 0, depth: 0 };
    parser.advance()?;
    let root = parser.operand()?;
    match parser.token {
        Token::End => Ok(Expression::new(root)),
        _ => Err(parser.after_operand("the end of the expression")),
    }
}

struct Parser<'a> {
    lexer: Lexer<'a>,
    /// The token to be read next.
    token: Token,
    /// Where it stands.
    span: Span,
    /// Where the token before it ended.
    end: usize,
    depth: usize,
}

impl Parser<'_> {
    /// Takes the current token and moves on to the next.
    fn advance(&mut self) -> Result<Token, Diagnostic> {
        self.end = self.span.end;
        let (token, span) = self.lexer.next()?;
        self.span = span;
        Ok(std::mem::replace(&mut self.token, token))
    }

    fn operand(&mut self) -> Result<Located, Diagnostic> {
        let left = self.concatenation()?;
        let Token::Operator(operator) = self.token else { return Ok(left) };
        self.advance()?;
        let right = self.concatenation()?;
        if matches!(self.token, Token::Operator(_)) {
            return Err(Diagnostic::new(Code::Syntax, self.span, "comparisons cannot be chained")
                .suggest(Some("nest `IIF` to combine conditions".to_owned())));
        }
        let span = left.span.to(right.span);
        Ok(Located {
            node: Node::Comparison { operator, left: Box::new(left), right: Box::new(right) },
            span,
        })
    }

    fn concatenation(&mut self) -> Result<Located, Diagnostic> {
        let first = self.primary()?;
        if self.token != Token::Ampersand {
            return Ok(first);
        }
        let mut span = first.span;
        let mut operands = vec![first];
        while self.token == Token::Ampersand {
            self.advance()?;
            let operand = self.primary()?;
            span = span.to(operand.span);
            operands.push(operand);
        }
        Ok(Located { node: Node::Concatenation(operands), span })
    }

    fn primary(&mut self) -> Result<Located, Diagnostic> {
        let span = self.span;
        if matches!(
            self.token,
            Token::Operator(_) | Token::Ampersand | Token::Open | Token::Close | Token::Comma | Token::End
        ) {
            let mut diagnostic =
                Diagnostic::new(Code::Syntax, span, format!("{} comes too early", self.token.describe()))
                    .expected("a function, an attribute or a constant");
            if self.token == Token::Open {
                diagnostic = diagnostic.suggest(Some("parentheses only enclose arguments".to_owned()));
            }
            return Err(diagnostic);
        }
        let node = match self.advance()? {
            Token::Identifier(name) if self.token == Token::Open => return self.function(&name, span),
            Token::Identifier(name) => word(&name, span)?,
            Token::Text(text) => Node::Constant { text: quote(&text).into(), value: Value::String(text) },
            Token::Number(number) => {
                Node::Constant { text: number.text().into(), value: Value::Number(number) }
            }
            Token::Hexadecimal(value, text) => Node::Constant { value: Value::from(value), text },
            Token::Configuration(name) => Node::Token(name),
            Token::Attribute(name) => Node::Attribute(name),
            other => {
                return Err(Diagnostic::new(
                    Code::Syntax,
                    span,
                    format!("{} comes too early", other.describe()),
                ));
            }
        };
        Ok(Located { node, span })
    }

    fn function(&mut self, written: &str, start: Span) -> Result<Located, Diagnostic> {
        if self.depth == MAX_DEPTH {
            let message = format!("functions are nested more than {MAX_DEPTH} deep");
            return Err(Diagnostic::new(Code::Limit, start, message));
        }
        self.depth += 1;
        let open = self.span;
        self.advance()?;
        let mut arguments = Vec::new();
        if self.token != Token::Close {
            arguments.push(self.argument()?);
            while self.token == Token::Comma {
                self.advance()?;
                arguments.push(self.argument()?);
            }
        }
        match self.token {
            Token::Close => self.advance()?,
            Token::End => {
                let message = format!("the arguments of `{written}` never end");
                return Err(Diagnostic::new(Code::Syntax, open, message).expected("a closing `)`"));
            }
            _ => return Err(self.after_operand("`,` or `)`")),
        };
        self.depth -= 1;
        let name: Arc<str> = find(written).map_or(written, |function| function.name).into();
        Ok(Located { node: Node::Function { name, arguments }, span: Span::new(start.start, self.end) })
    }

    fn argument(&mut self) -> Result<Option<Located>, Diagnostic> {
        match self.token {
            Token::Comma | Token::Close => Ok(None),
            _ => self.operand().map(Some),
        }
    }

    /// The current token cannot follow an operand.
    fn after_operand(&self, expected: &str) -> Diagnostic {
        let suggestion = match &self.token {
            Token::Identifier(word)
                if word.eq_ignore_ascii_case("and") || word.eq_ignore_ascii_case("or") =>
            {
                Some(format!("there is no operator `{word}`; nest `IIF` to combine conditions"))
            }
            Token::Text(_) => Some("a quotation mark inside a string is written `\\\"`".to_owned()),
            _ => None,
        };
        let message = format!("{} cannot stand here", self.token.describe());
        Diagnostic::new(Code::Syntax, self.span, message).expected(expected).suggest(suggestion)
    }
}

/// A word that no `(` follows.
fn word(name: &str, span: Span) -> Result<Node, Diagnostic> {
    let constants = [("True", Value::Boolean(true)), ("False", Value::Boolean(false)), ("NULL", Value::Null)];
    if let Some((text, value)) = constants.into_iter().find(|(text, _)| text.eq_ignore_ascii_case(name)) {
        return Ok(Node::Constant { value, text: text.into() });
    }
    if let Some(keyword) = Keyword::find(name) {
        return Ok(Node::Keyword(keyword));
    }
    let keywords = Keyword::ALL.into_iter().map(Keyword::as_str);
    let known = keywords.chain(functions().iter().map(|function| function.name));
    let suggestion = match closest(name, known) {
        Some(near) if find(near).is_some() => format!("a function needs its parentheses: `{near}(…)`"),
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("write `\"{name}\"` for a text and `[{name}]` for an attribute"),
    };
    Err(Diagnostic::new(Code::Syntax, span, format!("`{name}` is no keyword")).suggest(Some(suggestion)))
}

#[cfg(test)]
mod tests;
