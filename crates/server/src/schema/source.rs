//! The two forms of an `attributeMappingSource`, text and tree: either is enough, and the text wins. Scripts
//! change the text of what they read and send the tree back as it was.

use provisor_expression::{Expression, Located, Node, Operator, Span, find_function};
use provisor_graph::resources::synchronization::mapping::{
    AttributeMappingSource, AttributeMappingSourceType, StringKeyAttributeMappingSourceValuePair,
};

use super::tree;

#[cfg(test)]
mod tests;

/// How deep a tree may be, as deep as an expression text may nest.
const DEPTH: usize = provisor_expression::MAX_DEPTH;

/// Why a source has no meaning.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) code: &'static str,
    pub(super) message: String,
    /// Where within the source: `.parameters[0].value`.
    pub(super) place: String,
}

impl Fault {
    fn new(code: &'static str, message: String) -> Self {
        Self { code, message, place: String::new() }
    }

    fn within(mut self, index: usize) -> Self {
        self.place.insert_str(0, &format!(".parameters[{index}].value"));
        self
    }
}

/// The expression text; `None` when the source says nothing. A text that cannot be parsed is given as it is: its
/// errors are told where it is compiled.
pub(super) fn expression(source: &AttributeMappingSource) -> Result<Option<String>, Fault> {
    let Some(text) = text_of(source) else {
        return if has_tree(source) { printed(source, DEPTH).map(Some) } else { Ok(None) };
    };
    Ok(Some(text.to_owned()))
}

/// Adds to a source what it lacks of its two forms; a tree that says something else than the text is made
/// anew.
pub(super) fn complete(source: &mut AttributeMappingSource) {
    let Ok(Some(text)) = expression(source) else { return };
    if let Ok(parsed) = provisor_expression::parse(&text) {
        let made = tree::of(&parsed);
        if agree(source, &made, DEPTH) {
            fill(source, made);
        } else {
            *source = AttributeMappingSource { expression: source.expression.take(), ..made };
        }
        // The text of the whole stays as its author wrote it; a tree alone gets the canonical one.
        source.expression.get_or_insert(text);
    }
}

fn text_of(source: &AttributeMappingSource) -> Option<&str> {
    source.expression.as_deref().filter(|text| !text.trim().is_empty())
}

/// Whether anything is said beside the text. An empty name is one only for a constant.
fn has_tree(source: &AttributeMappingSource) -> bool {
    let constant = source.source_type == AttributeMappingSourceType::Constant;
    !source.parameters.is_empty() || source.name.as_deref().is_some_and(|name| constant || !name.is_empty())
}

/// Whether what was sent of a tree says what the text does.
fn agree(sent: &AttributeMappingSource, made: &AttributeMappingSource, depth: usize) -> bool {
    if depth == 0 {
        return false;
    }
    if !has_tree(sent) {
        return true;
    }
    let function = made.source_type == AttributeMappingSourceType::Function;
    let name = |source: &AttributeMappingSource| source.name.clone().unwrap_or_default();
    let same_name = match made.source_type {
        AttributeMappingSourceType::Constant => name(sent) == name(made),
        _ => name(sent).eq_ignore_ascii_case(&name(made)),
    };
    // A missing type reads as `Attribute`: what has a function's name is one all the same.
    let same_type = sent.source_type == made.source_type
        || (function && sent.source_type == AttributeMappingSourceType::default());
    if !same_name || !same_type {
        return false;
    }
    if sent.parameters.is_empty() {
        return true;
    }
    sent.parameters.len() == made.parameters.len()
        && sent.parameters.iter().zip(&made.parameters).all(|(sent, made)| {
            let (Some(value), Some(expected)) = (&sent.value, &made.value) else { return true };
            same_key(sent.key.as_deref().unwrap_or_default(), made) && agree(value, expected, depth - 1)
        })
}

fn same_key(key: &str, made: &StringKeyAttributeMappingSourceValuePair) -> bool {
    made.key.as_deref().is_some_and(|known| key.is_empty() || known.eq_ignore_ascii_case(key))
}

/// Takes over what was not sent.
fn fill(sent: &mut AttributeMappingSource, made: AttributeMappingSource) {
    sent.source_type = made.source_type;
    if sent.name.is_none() {
        sent.name = made.name;
    }
    if sent.expression.is_none() {
        sent.expression = made.expression;
    }
    if sent.parameters.is_empty() {
        sent.parameters = made.parameters;
        return;
    }
    for (sent, made) in sent.parameters.iter_mut().zip(made.parameters) {
        if sent.key.is_none() {
            sent.key = made.key;
        }
        match (&mut sent.value, made.value) {
            (Some(value), Some(made)) => fill(value, made),
            (value, made) => *value = made,
        }
    }
}

/// The text that a tree stands for.
fn printed(source: &AttributeMappingSource, depth: usize) -> Result<String, Fault> {
    let node = node(source, depth)?;
    let expression = Expression::from_node(&node)
        .map_err(|error| Fault::new("InvalidExpression", format!("the tree is no expression: {error}")))?;
    Ok(expression.to_string())
}

fn too_deep() -> Fault {
    Fault::new("InvalidExpression", format!("the tree of parameters is deeper than {DEPTH}"))
}

fn node(source: &AttributeMappingSource, depth: usize) -> Result<Node, Fault> {
    if depth == 0 {
        return Err(too_deep());
    }
    let name = source.name.as_deref().unwrap_or_default();
    let parsed = || provisor_expression::parse(text_of(source)?).ok();
    if !has_tree(source) {
        return parsed().map(|expression| expression.node().clone()).ok_or_else(|| {
            let message = "a parameter has neither an expression that can be read nor a name";
            Fault::new("InvalidExpression", message.to_owned())
        });
    }
    match source.source_type {
        AttributeMappingSourceType::Attribute if source.parameters.is_empty() => {
            Ok(Node::Attribute(name.into()))
        }
        // Keywords and tokens are constants whose text is not in quotes.
        AttributeMappingSourceType::Constant => {
            Ok(match parsed().map(|expression| expression.node().clone()) {
                Some(bare @ (Node::Keyword(_) | Node::Token(_))) if bare.to_string() == name => bare,
                Some(null @ Node::Constant { .. }) if null.to_string() == name => null,
                _ => Node::text(name),
            })
        }
        _ => function(name, source, depth),
    }
}

fn function(name: &str, source: &AttributeMappingSource, depth: usize) -> Result<Node, Fault> {
    let mut arguments = Vec::with_capacity(source.parameters.len());
    for (index, parameter) in source.parameters.iter().enumerate() {
        let key = parameter.key.clone().unwrap_or_default();
        let Some(value) = &parameter.value else { continue };
        let node = node(value, depth - 1).map_err(|fault| fault.within(index))?;
        arguments.push((key, Located { node, span: Span::default() }));
    }
    if let Some(made) = operation(name, &mut arguments) {
        return Ok(made);
    }
    let function = find_function(name).ok_or_else(|| {
        let message = match provisor_expression::parse(&format!("{name}()")) {
            Ok(call) => unknown_function(&call),
            Err(_) => format!("there is no function '{name}'"),
        };
        Fault::new("UnknownFunction", message)
    })?;
    let arguments = function
        .arrange(arguments)
        .map_err(|unknown| Fault::new("InvalidExpression", format!("the tree does not fit: {unknown}")))?;
    Ok(Node::Function { name: function.name.into(), arguments })
}

/// What the compiler says of a function that is not there: it knows what may be meant.
fn unknown_function(call: &Expression) -> String {
    let told =
        provisor_expression::compile(call, &mut |_| None).err().and_then(|told| told.into_iter().next());
    told.map_or_else(|| format!("there is no function '{call}'"), |diagnostic| diagnostic.to_string())
}

/// A comparison or a concatenation: operands under `left` and `right`.
fn operation(name: &str, arguments: &mut Vec<(String, Located)>) -> Option<Node> {
    const OPERATORS: [Operator; 6] = [
        Operator::Equal,
        Operator::NotEqual,
        Operator::Less,
        Operator::LessOrEqual,
        Operator::Greater,
        Operator::GreaterOrEqual,
    ];
    let operator = OPERATORS.into_iter().find(|operator| operator.as_str() == name);
    if (operator.is_none() && name != "&") || arguments.len() != 2 {
        return None;
    }
    let (right, left) = (arguments.pop()?.1, arguments.pop()?.1);
    Some(match (operator, left.node) {
        (Some(operator), node) => {
            let left = Located { node, span: left.span };
            Node::Comparison { operator, left: Box::new(left), right: Box::new(right) }
        }
        (None, Node::Concatenation(mut operands)) => {
            operands.push(right);
            Node::Concatenation(operands)
        }
        (None, node) => Node::Concatenation(vec![Located { node, span: left.span }, right]),
    })
}
