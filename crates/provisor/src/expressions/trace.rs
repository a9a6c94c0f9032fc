//! The value of every node of an expression, as an indented tree.

use std::fmt::Write as _;

use provisor_expression::{Expression, Located, Node, Span, Traced, find_function};

use super::outcome::to_code;

/// One line a node: which argument it is, what it is, and what it gave. Nodes that were not needed say so.
#[must_use]
pub fn tree(expression: &Expression, trace: &[Traced]) -> String {
    let failed = trace.iter().find(|traced| traced.result.is_err()).map(|traced| traced.span);
    let mut tree = Tree { trace, failed, text: String::new() };
    tree.node(expression.root(), None, 0);
    tree.text
}

struct Tree<'a> {
    trace: &'a [Traced],
    /// Where the evaluation failed; the nodes around it failed with it.
    failed: Option<Span>,
    text: String,
}

impl Tree<'_> {
    fn node(&mut self, located: &Located, parameter: Option<&str>, depth: usize) {
        let parameter = parameter.map(|name| format!("{name}: ")).unwrap_or_default();
        // Writing into a String cannot fail.
        let _ = write!(self.text, "{}{parameter}{}", "  ".repeat(depth), label(&located.node));
        if !matches!(located.node, Node::Constant { .. }) {
            let _ = write!(self.text, " → {}", self.given(located.span));
        }
        self.text.push('\n');
        match &located.node {
            Node::Function { name, arguments } => {
                let function = find_function(name);
                for (index, argument) in arguments.iter().enumerate() {
                    let Some(argument) = argument else { continue };
                    let parameter = function.and_then(|function| function.parameter(index, arguments.len()));
                    self.node(argument, parameter.map(|parameter| parameter.name), depth + 1);
                }
            }
            node => node.children().for_each(|child| self.node(child, None, depth + 1)),
        }
    }

    /// What the node at `span` gave; several values when it was evaluated for each of several values.
    fn given(&self, span: Span) -> String {
        let mut given: Vec<String> = Vec::new();
        for traced in self.trace.iter().filter(|traced| traced.span == span) {
            let shown = match &traced.result {
                Ok(outcome) => to_code(outcome),
                Err(error) if self.failed == Some(span) => format!("error: {error}"),
                Err(_) => "failed".to_owned(),
            };
            if given.last() != Some(&shown) {
                given.push(shown);
            }
        }
        if given.is_empty() { "not evaluated".to_owned() } else { given.join(" | ") }
    }
}

fn label(node: &Node) -> String {
    match node {
        Node::Function { name, arguments } if arguments.is_empty() => format!("{name}()"),
        Node::Function { name, .. } => format!("{name}(…)"),
        Node::Comparison { operator, .. } => format!("… {} …", operator.as_str()),
        Node::Concatenation(_) => "… & …".to_owned(),
        leaf => leaf.to_string(),
    }
}
