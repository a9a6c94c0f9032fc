//! Values that can never be right: what an expression is sure to give, held against the type of its target.
//!
//! Only what would fail for every object is refused; text may always turn out to fit.

use provisor_expression::{Expression, Node, find_function};

use crate::ports::AttributeType;
use crate::schema::definition::AttributeDefinition;

/// What a text would have to be to fit a type, when it does not fit.
pub(super) fn unfit(wanted: AttributeType, text: &str) -> Option<&'static str> {
    let text = text.trim();
    let fits = match wanted {
        AttributeType::Boolean => ["", "true", "false"].iter().any(|known| text.eq_ignore_ascii_case(known)),
        AttributeType::Integer => text.is_empty() || text.parse::<i64>().is_ok(),
        _ => true,
    };
    (!fits).then_some(if wanted == AttributeType::Boolean { "true or false" } else { "a whole number" })
}

/// Why the expression can never give a value for the target attribute.
pub(super) fn mismatch<'a>(
    expression: &Expression,
    target: &AttributeDefinition,
    define: impl Fn(&str) -> Option<&'a AttributeDefinition>,
) -> Option<String> {
    let wanted = target.attribute_type;
    if let Some(constant) = expression.as_constant() {
        let kind = unfit(wanted, constant)?;
        return Some(format!("the constant '{constant}' is not {kind}, which '{}' holds", target.name));
    }
    let (what, given) = match expression.node() {
        Node::Attribute(name) => (format!("the attribute '{name}'"), define(name)?.attribute_type),
        Node::Function { name, .. } => (format!("the function '{name}'"), result_of(name)?),
        Node::Comparison { .. } => ("the comparison".to_owned(), AttributeType::Boolean),
        _ => return None,
    };
    never_fits(given, wanted).then(|| {
        format!(
            "{what} gives a {}, which can never be the {} that '{}' holds; map another attribute or convert it",
            name_of(given),
            name_of(wanted),
            target.name
        )
    })
}

/// The type of a function's result, where it is always the same.
fn result_of(name: &str) -> Option<AttributeType> {
    match find_function(name)?.result {
        "boolean" => Some(AttributeType::Boolean),
        "number" => Some(AttributeType::Integer),
        "date-time" => Some(AttributeType::DateTime),
        _ => None,
    }
}

fn never_fits(given: AttributeType, wanted: AttributeType) -> bool {
    use AttributeType::{Binary, Boolean, DateTime, Integer};
    matches!(
        (given, wanted),
        (Integer | DateTime | Binary, Boolean)
            | (Boolean | DateTime | Binary, Integer)
            | (Boolean | Binary, DateTime)
    )
}

fn name_of(attribute_type: AttributeType) -> &'static str {
    match attribute_type {
        AttributeType::String => "String",
        AttributeType::Integer => "Integer",
        AttributeType::Reference => "Reference",
        AttributeType::Binary => "Binary",
        AttributeType::Boolean => "Boolean",
        AttributeType::DateTime => "DateTime",
    }
}
