//! From tokens to the tree: `or` binds loosest, then `and`, then `not`.

use super::ast::{Expression, Function, Literal, Operand, Operator, Path, Quantifier};
use super::lexer::{Placed, Problem, Token, tokens};

/// The longest filter that is read, in bytes.
const MAX_LENGTH: usize = 32 * 1024;
/// The deepest nesting of parentheses, `not`, lambdas and functions.
const MAX_DEPTH: usize = 32;

/// Reads a filter.
pub(super) fn parse(text: &str) -> Result<Expression, Problem> {
    if text.len() > MAX_LENGTH {
        return Err(Problem::new(0, format!("The filter is longer than {MAX_LENGTH} bytes")));
    }
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, next: 0, depth: 0 };
    let expression = parser.disjunction()?;
    match parser.peek() {
        Token::End => Ok(expression),
        _ => Err(parser.unexpected("the end, 'and' or 'or'")),
    }
}

struct Parser<'a> {
    tokens: &'a [Placed],
    next: usize,
    depth: usize,
}

/// What stands where either a value or a condition may begin.
enum Item {
    Value(Operand),
    Condition(Expression),
}

impl Parser<'_> {
    fn peek(&self) -> &Token {
        self.tokens.get(self.next).map_or(&Token::End, |placed| &placed.token)
    }

    fn at(&self) -> usize {
        self.tokens.get(self.next).map_or(0, |placed| placed.at)
    }

    fn unexpected(&self, wanted: &str) -> Problem {
        let found = match self.peek() {
            Token::End => "the end".to_owned(),
            Token::Open => "'('".to_owned(),
            Token::Close => "')'".to_owned(),
            Token::Comma => "','".to_owned(),
            Token::Colon => "':'".to_owned(),
            Token::Slash => "'/'".to_owned(),
            Token::Word(word) => format!("'{word}'"),
            Token::Literal(literal) => format!("the literal {literal}"),
        };
        Problem::new(self.at(), format!("Syntax error: expected {wanted}, found {found}"))
    }

    fn take(&mut self, token: &Token, wanted: &str) -> Result<(), Problem> {
        if self.peek() == token {
            self.next += 1;
            return Ok(());
        }
        Err(self.unexpected(wanted))
    }

    /// Takes a keyword; the case of its letters does not count.
    fn take_word(&mut self, keyword: &str) -> bool {
        let found = matches!(self.peek(), Token::Word(word) if word.eq_ignore_ascii_case(keyword));
        self.next += usize::from(found);
        found
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Problem>) -> Result<T, Problem> {
        if self.depth == MAX_DEPTH {
            return Err(Problem::new(
                self.at(),
                format!("The filter is nested deeper than {MAX_DEPTH} levels"),
            ));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    fn disjunction(&mut self) -> Result<Expression, Problem> {
        let mut parts = vec![self.conjunction()?];
        while self.take_word("or") {
            parts.push(self.conjunction()?);
        }
        Ok(Expression::or(parts))
    }

    fn conjunction(&mut self) -> Result<Expression, Problem> {
        let mut parts = vec![self.condition()?];
        while self.take_word("and") {
            parts.push(self.condition()?);
        }
        Ok(Expression::and(parts))
    }

    fn condition(&mut self) -> Result<Expression, Problem> {
        if self.take_word("not") {
            return self.deeper(|parser| Ok(Expression::Not(Box::new(parser.condition()?))));
        }
        match self.item()? {
            Item::Value(operand) => self.comparison(operand),
            Item::Condition(condition) => self.compared_condition(condition),
        }
    }

    /// `startswith(a,'b') eq true`, as some clients write it.
    fn compared_condition(&mut self, condition: Expression) -> Result<Expression, Problem> {
        let negated = if self.take_word("eq") {
            false
        } else if self.take_word("ne") {
            true
        } else {
            return Ok(condition);
        };
        let Token::Literal(Literal::Boolean(wanted)) = *self.peek() else {
            return Err(self.unexpected("true or false"));
        };
        self.next += 1;
        Ok(if wanted == negated { Expression::Not(Box::new(condition)) } else { condition })
    }

    /// What follows a value: an operator and another value, a list, or nothing after a property.
    fn comparison(&mut self, left: Operand) -> Result<Expression, Problem> {
        if self.take_word("in") {
            return self.list().map(|values| Expression::In(left, values));
        }
        let comparing = [Operator::Eq, Operator::Ne, Operator::Gt, Operator::Ge, Operator::Lt, Operator::Le];
        for operator in comparing {
            if self.take_word(operator.name()) {
                let right = self.operand()?;
                return Ok(Expression::Compare(left, operator, right));
            }
        }
        match left {
            Operand::Path(path) => Ok(Expression::Property(path)),
            _ => Err(self.unexpected("an operator (eq, ne, gt, ge, lt, le, in)")),
        }
    }

    fn list(&mut self) -> Result<Vec<Literal>, Problem> {
        self.take(&Token::Open, "'('")?;
        let mut values = Vec::new();
        loop {
            let Token::Literal(literal) = self.peek() else { return Err(self.unexpected("a literal")) };
            values.push(literal.clone());
            self.next += 1;
            if *self.peek() != Token::Comma {
                break;
            }
            self.next += 1;
        }
        self.take(&Token::Close, "',' or ')'")?;
        Ok(values)
    }

    fn operand(&mut self) -> Result<Operand, Problem> {
        let at = self.at();
        match self.item()? {
            Item::Value(operand) => Ok(operand),
            Item::Condition(_) => Err(Problem::new(at, "Syntax error: expected a property or a literal")),
        }
    }

    fn item(&mut self) -> Result<Item, Problem> {
        match self.peek() {
            Token::Open => self.deeper(|parser| {
                parser.next += 1;
                let inner = parser.disjunction()?;
                parser.take(&Token::Close, "')', 'and' or 'or'")?;
                Ok(Item::Condition(inner))
            }),
            Token::Literal(literal) => {
                let literal = literal.clone();
                self.next += 1;
                Ok(Item::Value(Operand::Literal(literal)))
            }
            Token::Word(word) => {
                let word = word.clone();
                let call = self.tokens.get(self.next + 1).is_some_and(|placed| placed.token == Token::Open);
                if call { self.deeper(|parser| parser.call(&word)) } else { self.path_or_lambda() }
            }
            _ => Err(self.unexpected("a property, a literal, a function or '('")),
        }
    }

    /// A function call; the next token is its name.
    fn call(&mut self, name: &str) -> Result<Item, Problem> {
        let at = self.at();
        self.next += 2;
        let text_functions = [Function::ToLower, Function::ToUpper];
        if let Some(function) =
            text_functions.into_iter().find(|known| known.name().eq_ignore_ascii_case(name))
        {
            let inner = self.operand()?;
            self.take(&Token::Close, "')'")?;
            return Ok(Item::Value(Operand::Call(function, Box::new(inner))));
        }
        let conditions = [Operator::StartsWith, Operator::EndsWith, Operator::Contains];
        if let Some(operator) = conditions.into_iter().find(|known| known.name().eq_ignore_ascii_case(name)) {
            let left = self.operand()?;
            self.take(&Token::Comma, "','")?;
            let right = self.operand()?;
            self.take(&Token::Close, "')'")?;
            return Ok(Item::Condition(Expression::Compare(left, operator, right)));
        }
        Err(Problem::new(at, format!("Unknown function '{name}'")))
    }

    fn path_or_lambda(&mut self) -> Result<Item, Problem> {
        let mut path = Vec::new();
        loop {
            let Token::Word(word) = self.peek() else { return Err(self.unexpected("a property")) };
            let word = word.clone();
            self.next += 1;
            let quantifier = match word.to_ascii_lowercase().as_str() {
                "any" => Some(Quantifier::Any),
                "all" => Some(Quantifier::All),
                _ => None,
            };
            if let Some(quantifier) = quantifier
                && !path.is_empty()
                && *self.peek() == Token::Open
            {
                return self.deeper(|parser| parser.lambda(Path(path), quantifier)).map(Item::Condition);
            }
            path.push(word);
            if *self.peek() != Token::Slash {
                return Ok(Item::Value(Operand::Path(Path(path))));
            }
            self.next += 1;
        }
    }

    /// `any(p:p eq 'x')`; the next token is the `(`.
    fn lambda(&mut self, path: Path, quantifier: Quantifier) -> Result<Expression, Problem> {
        self.take(&Token::Open, "'('")?;
        if quantifier == Quantifier::Any && *self.peek() == Token::Close {
            self.next += 1;
            return Ok(Expression::Lambda { path, quantifier, condition: None });
        }
        let Token::Word(variable) = self.peek() else { return Err(self.unexpected("a variable")) };
        let variable = variable.clone();
        self.next += 1;
        self.take(&Token::Colon, "':'")?;
        let condition = self.disjunction()?;
        self.take(&Token::Close, "')', 'and' or 'or'")?;
        Ok(Expression::Lambda { path, quantifier, condition: Some((variable, Box::new(condition))) })
    }
}
