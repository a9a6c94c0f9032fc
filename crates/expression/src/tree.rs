//! The tree of an expression, and its canonical text.

mod words;

use std::fmt;
use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Span};
use crate::parse::parse;
use crate::value::Value;
pub use words::{Keyword, Operator};

/// A parsed expression. [`fmt::Display`] gives its canonical text; reading that gives an equal tree.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    root: Located,
}

/// A node and where it stands in the text. Equality ignores the place.
#[derive(Clone, Debug)]
pub struct Located {
    /// The node.
    pub node: Node,
    /// Its place in the text that was parsed.
    pub span: Span,
}

impl PartialEq for Located {
    fn eq(&self, other: &Self) -> bool {
        self.node == other.node
    }
}

/// One element of an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// `[name]`, without the brackets.
    Attribute(Arc<str>),
    /// A literal.
    Constant {
        /// What it stands for.
        value: Value,
        /// How it is written in canonical text: `"a"`, `12.50`, `&HF7`, `True`.
        text: Arc<str>,
    },
    /// A word with a meaning of its own.
    Keyword(Keyword),
    /// `%name%`, a value of the job's configuration, without the percent signs.
    Token(Arc<str>),
    /// A call.
    Function {
        /// The canonical name, or the name as written when no such function is known.
        name: Arc<str>,
        /// The arguments in order; `None` where one is left out between its commas.
        arguments: Vec<Option<Located>>,
    },
    /// `left operator right`.
    Comparison {
        /// How to compare.
        operator: Operator,
        /// The left operand.
        left: Box<Located>,
        /// The right operand.
        right: Box<Located>,
    },
    /// Two or more operands of `&`.
    Concatenation(Vec<Located>),
}

impl Expression {
    pub(crate) fn new(root: Located) -> Expression {
        Expression { root }
    }

    /// Makes an expression of a tree that was not parsed, such as one read from Graph's JSON form.
    /// The spans of the result refer to its canonical text.
    ///
    /// # Errors
    /// When no text stands for this tree, as with an attribute whose name contains a parenthesis.
    pub fn from_node(node: &Node) -> Result<Expression, Diagnostic> {
        let text = node.to_string();
        let expression = parse(&text)?;
        if expression.node().same_as(node) {
            return Ok(expression);
        }
        let message = "the tree of the expression cannot be written as text";
        Err(Diagnostic::new(Code::Syntax, Span::new(0, text.len()), message))
    }

    /// The outermost node.
    #[must_use]
    pub fn node(&self) -> &Node {
        &self.root.node
    }

    /// The outermost node and its place.
    #[must_use]
    pub fn root(&self) -> &Located {
        &self.root
    }

    /// The names of the attributes that the expression refers to, each once, in order.
    pub fn attributes(&self) -> impl Iterator<Item = &str> {
        let mut names = Vec::new();
        self.node().visit(&mut |node| {
            if let Node::Attribute(name) = node
                && !names.contains(&&**name)
            {
                names.push(&**name);
            }
        });
        names.into_iter()
    }

    /// The name of the attribute, when the expression is nothing but one reference.
    #[must_use]
    pub fn as_attribute(&self) -> Option<&str> {
        match self.node() {
            Node::Attribute(name) => Some(name),
            _ => None,
        }
    }

    /// The text of the constant, when the expression is nothing but one; `None` for `NULL`.
    #[must_use]
    pub fn as_constant(&self) -> Option<&str> {
        match self.node() {
            Node::Constant { value: Value::Null, .. } => None,
            Node::Constant { value: Value::String(text), .. } | Node::Constant { text, .. } => Some(text),
            _ => None,
        }
    }
}

impl Node {
    /// A text constant.
    #[must_use]
    pub fn text(text: &str) -> Node {
        Node::Constant { value: Value::from(text), text: quote(text).into() }
    }

    /// The nodes directly below this one, without left-out arguments.
    pub fn children(&self) -> impl Iterator<Item = &Located> {
        let (list, pair): (&[Option<Located>], [Option<&Located>; 2]) = match self {
            Node::Function { arguments, .. } => (arguments, [None, None]),
            Node::Comparison { left, right, .. } => (&[], [Some(&**left), Some(&**right)]),
            _ => (&[], [None, None]),
        };
        let operands: &[Located] = match self {
            Node::Concatenation(operands) => operands,
            _ => &[],
        };
        list.iter().flatten().chain(pair.into_iter().flatten()).chain(operands)
    }

    /// Equality with function names compared without regard to case.
    fn same_as(&self, other: &Node) -> bool {
        match (self, other) {
            (Node::Function { name, arguments }, Node::Function { name: other_name, arguments: others }) => {
                let same = |(argument, other): (&Option<Located>, &Option<Located>)| match (argument, other) {
                    (Some(argument), Some(other)) => argument.node.same_as(&other.node),
                    (None, None) => true,
                    _ => false,
                };
                name.eq_ignore_ascii_case(other_name)
                    && arguments.len() == others.len()
                    && arguments.iter().zip(others).all(same)
            }
            (
                Node::Comparison { operator, left, right },
                Node::Comparison { operator: other, left: l, right: r },
            ) => operator == other && left.node.same_as(&l.node) && right.node.same_as(&r.node),
            (Node::Concatenation(operands), Node::Concatenation(others)) => {
                operands.len() == others.len()
                    && operands.iter().zip(others).all(|(operand, other)| operand.node.same_as(&other.node))
            }
            _ => self == other,
        }
    }

    /// Calls `f` with this node and every node below it, in the order of the text.
    pub(crate) fn visit<'a>(&'a self, f: &mut dyn FnMut(&'a Node)) {
        f(self);
        for child in self.children() {
            child.node.visit(f);
        }
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.node().fmt(formatter)
    }
}

impl fmt::Display for Node {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Node::Attribute(name) => write!(formatter, "[{name}]"),
            Node::Constant { text, .. } => formatter.write_str(text),
            Node::Keyword(keyword) => formatter.write_str(keyword.as_str()),
            Node::Token(name) => write!(formatter, "%{name}%"),
            Node::Function { name, arguments } => {
                write!(formatter, "{name}(")?;
                for (index, argument) in arguments.iter().enumerate() {
                    if index > 0 {
                        formatter.write_str(", ")?;
                    }
                    if let Some(argument) = argument {
                        argument.node.fmt(formatter)?;
                    }
                }
                formatter.write_str(")")
            }
            Node::Comparison { operator, left, right } => {
                write!(formatter, "{} {} {}", left.node, operator.as_str(), right.node)
            }
            Node::Concatenation(operands) => {
                for (index, operand) in operands.iter().enumerate() {
                    if index > 0 {
                        formatter.write_str(" & ")?;
                    }
                    operand.node.fmt(formatter)?;
                }
                Ok(())
            }
        }
    }
}

/// `text` as a string literal: in quotation marks, quotation marks and backslashes escaped.
#[must_use]
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted.push('"');
    quoted
}
