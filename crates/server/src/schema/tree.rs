//! The tree form of an expression as Graph has it (`attributeMappingSource`).

use provisor_expression::{Expression, Node, Value, find_function, quote};
use provisor_graph::resources::synchronization::mapping::{
    AttributeMappingSource, AttributeMappingSourceType, StringKeyAttributeMappingSourceValuePair,
};

/// The tree of an expression; `expression` of each node is its canonical text.
///
/// Comparisons and `&`, for which Graph documents no node, are functions named by their operator with the
/// parameters `left` and `right`; keywords and tokens are constants whose text is not in quotes.
#[must_use]
pub fn of(expression: &Expression) -> AttributeMappingSource {
    of_node(expression.node())
}

fn of_node(node: &Node) -> AttributeMappingSource {
    use AttributeMappingSourceType::{Attribute, Constant, Function};
    match node {
        Node::Attribute(name) => leaf(Attribute, name, node.to_string()),
        Node::Constant { value: Value::Null, text } => leaf(Constant, text, text.to_string()),
        Node::Constant { value: Value::String(value), .. } => leaf(Constant, value, quote(value)),
        Node::Constant { text, .. } => leaf(Constant, text, quote(text)),
        Node::Keyword(_) | Node::Token(_) => leaf(Constant, &node.to_string(), node.to_string()),
        Node::Function { name, arguments } => {
            let key = |index: usize| {
                let parameter = find_function(name)?.parameter(index, arguments.len())?;
                Some(parameter.key)
            };
            let given = arguments.iter().enumerate().filter_map(|(index, argument)| {
                Some(pair(key(index).unwrap_or("source"), of_node(&argument.as_ref()?.node)))
            });
            AttributeMappingSource { parameters: given.collect(), ..leaf(Function, name, node.to_string()) }
        }
        Node::Comparison { operator, left, right } => AttributeMappingSource {
            parameters: vec![pair("left", of_node(&left.node)), pair("right", of_node(&right.node))],
            ..leaf(Function, operator.as_str(), node.to_string())
        },
        Node::Concatenation(operands) => concatenation(operands.iter().map(|operand| of_node(&operand.node))),
    }
}

/// `a & b & c` as `(a & b) & c`.
fn concatenation(operands: impl Iterator<Item = AttributeMappingSource>) -> AttributeMappingSource {
    let joined = operands.reduce(|left, right| {
        let text = |source: &AttributeMappingSource| source.expression.clone().unwrap_or_default();
        let both = format!("{} & {}", text(&left), text(&right));
        AttributeMappingSource {
            parameters: vec![pair("left", left), pair("right", right)],
            ..leaf(AttributeMappingSourceType::Function, "&", both)
        }
    });
    joined.unwrap_or_default()
}

fn leaf(source_type: AttributeMappingSourceType, name: &str, expression: String) -> AttributeMappingSource {
    AttributeMappingSource {
        expression: Some(expression),
        name: Some(name.to_owned()),
        source_type,
        parameters: Vec::new(),
    }
}

fn pair(key: &str, value: AttributeMappingSource) -> StringKeyAttributeMappingSourceValuePair {
    StringKeyAttributeMappingSourceValuePair { key: Some(key.to_owned()), value: Some(value) }
}
