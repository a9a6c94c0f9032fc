//! `$search` of the directory: `"displayName:ana" AND ("mail:ana" OR "description:tours")`.

use crate::error::GraphError;

/// The longest search that is read, in bytes.
const MAX_LENGTH: usize = 4096;
/// The deepest nesting of parentheses.
const MAX_DEPTH: usize = 16;

/// A search, ready to be evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Search {
    /// A property has such a text.
    Clause {
        /// The property, as sent.
        property: String,
        /// The text.
        text: String,
    },
    /// All hold.
    And(Vec<Search>),
    /// At least one holds.
    Or(Vec<Search>),
}

impl Search {
    /// Calls `visit` with the property and the text of every clause.
    pub fn visit(&self, visit: &mut impl FnMut(&str, &str)) {
        match self {
            Self::Clause { property, text } => visit(property, text),
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.visit(visit)),
        }
    }
}

/// Reads a search. Clauses without an operator between them must all hold.
///
/// # Errors
/// 400 with the position (counted in characters, from 0) where it breaks.
pub fn parse(text: &str) -> Result<Search, GraphError> {
    if text.len() > MAX_LENGTH {
        return Err(GraphError::bad_request(format!("The $search is longer than {MAX_LENGTH} bytes.")));
    }
    let mut parser = Parser { signs: text.chars().collect(), next: 0, depth: 0 };
    let parsed = parser.disjunction().and_then(|search| match parser.peek() {
        None => Ok(search),
        Some(_) => Err("expected AND, OR or the end".to_owned()),
    });
    parsed.map_err(|why| {
        GraphError::bad_request(format!(
            "Syntax error in $search: {why} at position {} in '{text}'. Write clauses as \"property:text\", \
             in double quotes, joined by AND or OR.",
            parser.next
        ))
    })
}

struct Parser {
    signs: Vec<char>,
    next: usize,
    depth: usize,
}

impl Parser {
    /// The next sign that is no space.
    fn peek(&mut self) -> Option<char> {
        while self.signs.get(self.next).is_some_and(|sign| sign.is_whitespace()) {
            self.next += 1;
        }
        self.signs.get(self.next).copied()
    }

    /// Takes a keyword, which must end at a sign that is no letter.
    fn keyword(&mut self, word: &str) -> bool {
        self.peek();
        let end = self.next + word.len();
        let taken =
            self.signs.get(self.next..end).is_some_and(|signs| signs.iter().copied().eq(word.chars()))
                && !self.signs.get(end).is_some_and(|sign| sign.is_alphanumeric());
        if taken {
            self.next = end;
        }
        taken
    }

    fn disjunction(&mut self) -> Result<Search, String> {
        let mut parts = vec![self.conjunction()?];
        while self.keyword("OR") {
            parts.push(self.conjunction()?);
        }
        Ok(joined(parts, Search::Or))
    }

    fn conjunction(&mut self) -> Result<Search, String> {
        let mut parts = vec![self.clause()?];
        while self.keyword("AND") || matches!(self.peek(), Some('"' | '(')) {
            parts.push(self.clause()?);
        }
        Ok(joined(parts, Search::And))
    }

    fn clause(&mut self) -> Result<Search, String> {
        match self.peek() {
            Some('(') if self.depth < MAX_DEPTH => {
                self.next += 1;
                self.depth += 1;
                let inner = self.disjunction()?;
                self.depth -= 1;
                match self.peek() {
                    Some(')') => {
                        self.next += 1;
                        Ok(inner)
                    }
                    _ => Err("expected ')'".to_owned()),
                }
            }
            Some('(') => Err("too many parentheses".to_owned()),
            Some('"') => self.quoted(),
            _ => Err("expected a clause in double quotes".to_owned()),
        }
    }

    fn quoted(&mut self) -> Result<Search, String> {
        let begin = self.next;
        self.next += 1;
        let mut text = String::new();
        loop {
            let sign = self.signs.get(self.next).copied();
            self.next += 1;
            match sign {
                Some('"') => break,
                Some('\\') => {
                    text.extend(self.signs.get(self.next));
                    self.next += 1;
                }
                Some(sign) => text.push(sign),
                None => {
                    self.next = begin;
                    return Err("the clause has no closing quote".to_owned());
                }
            }
        }
        let clause = text.split_once(':').map(|(property, text)| (property.trim(), text.trim()));
        match clause {
            Some((property, text)) if !property.is_empty() && !text.is_empty() => {
                Ok(Search::Clause { property: property.to_owned(), text: text.to_owned() })
            }
            _ => {
                self.next = begin;
                Err("the clause is not of the form \"property:text\"".to_owned())
            }
        }
    }
}

fn joined(mut parts: Vec<Search>, join: impl FnOnce(Vec<Search>) -> Search) -> Search {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        last => {
            parts.extend(last);
            join(parts)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn printed(search: &Search) -> String {
        let join = |parts: &[Search], with: &str| {
            format!("({})", parts.iter().map(printed).collect::<Vec<_>>().join(with))
        };
        match search {
            Search::Clause { property, text } => format!("{property}={text}"),
            Search::And(parts) => join(parts, " & "),
            Search::Or(parts) => join(parts, " | "),
        }
    }

    #[test]
    fn searches_are_read() {
        for (text, wanted) in [
            ("\"displayName:ana\"", "displayName=ana"),
            (" \"displayName: ana maria \" ", "displayName=ana maria"),
            ("\"a:1\" OR \"b:2\" AND \"c:3\"", "(a=1 | (b=2 & c=3))"),
            ("(\"a:1\" OR \"b:2\") AND \"c:3\"", "((a=1 | b=2) & c=3)"),
            ("\"a:1\"\"b:2\"", "(a=1 & b=2)"),
            ("\"a:say \\\"x\\\" \\\\\"", "a=say \"x\" \\"),
            ("\"proxyAddresses:smtp:x\"", "proxyAddresses=smtp:x"),
        ] {
            assert_eq!(printed(&parse(text).unwrap()), wanted, "{text}");
        }
    }

    #[test]
    fn bad_searches_say_where_they_break() {
        let messages: Vec<String> = [
            "displayName:ana",
            "\"ana\"",
            "\"a:1",
            "(\"a:1\"",
            "\"a:1\" AND",
            "\"a:1\" or \"b:2\"",
            "\"a:\"",
        ]
        .iter()
        .map(|text| parse(text).unwrap_err().message)
        .collect();
        insta::assert_snapshot!(messages.join("\n"), @r#"
            Syntax error in $search: expected a clause in double quotes at position 0 in 'displayName:ana'. Write clauses as "property:text", in double quotes, joined by AND or OR.
            Syntax error in $search: the clause is not of the form "property:text" at position 0 in '"ana"'. Write clauses as "property:text", in double quotes, joined by AND or OR.
            Syntax error in $search: the clause has no closing quote at position 0 in '"a:1'. Write clauses as "property:text", in double quotes, joined by AND or OR.
            Syntax error in $search: expected ')' at position 6 in '("a:1"'. Write clauses as "property:text", in double quotes, joined by AND or OR.
            Syntax error in $search: expected a clause in double quotes at position 9 in '"a:1" AND'. Write clauses as "property:text", in double quotes, joined by AND or OR.
            Syntax error in $search: expected AND, OR or the end at position 6 in '"a:1" or "b:2"'. Write clauses as "property:text", in double quotes, joined by AND or OR.
            Syntax error in $search: the clause is not of the form "property:text" at position 0 in '"a:"'. Write clauses as "property:text", in double quotes, joined by AND or OR.
            "#);
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in "[a-b:\"()\\\\ ANDORø]{0,40}") {
            let _ = parse(&text);
        }
    }
}
