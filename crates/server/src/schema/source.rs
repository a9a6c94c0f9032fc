//! The expression of an `attributeMappingSource`: its text, or the text that its tree stands for.

use provisor_expression::{Expression, Located, Node, Span, find_function};
use provisor_graph::resources::synchronization::mapping::{
    AttributeMappingSource, AttributeMappingSourceType,
};

/// How deep a tree may be, as deep as an expression text may nest.
const DEPTH: usize = provisor_expression::MAX_DEPTH;

/// The expression text; `None` when the source says nothing. The text wins over the tree.
pub(super) fn expression(source: &AttributeMappingSource) -> Result<Option<String>, String> {
    if let Some(text) = source.expression.as_deref().filter(|text| !text.trim().is_empty()) {
        return Ok(Some(text.to_owned()));
    }
    if source.name.is_none() && source.parameters.is_empty() {
        return Ok(None);
    }
    let expression = Expression::from_node(&node(source, DEPTH)?).map_err(|error| error.message)?;
    Ok(Some(expression.to_string()))
}

fn node(source: &AttributeMappingSource, depth: usize) -> Result<Node, String> {
    if depth == 0 {
        return Err(format!("the tree of parameters is deeper than {DEPTH}"));
    }
    let name = source.name.as_deref().unwrap_or_default();
    match source.source_type {
        AttributeMappingSourceType::Attribute => Ok(Node::Attribute(name.into())),
        AttributeMappingSourceType::Constant => Ok(Node::text(name)),
        AttributeMappingSourceType::Function => {
            let function = find_function(name).ok_or_else(|| format!("there is no function '{name}'"))?;
            let mut arguments = Vec::with_capacity(source.parameters.len());
            for parameter in &source.parameters {
                let key = parameter.key.clone().unwrap_or_default();
                let Some(value) = &parameter.value else { continue };
                arguments.push((key, Located { node: node(value, depth - 1)?, span: Span::default() }));
            }
            let arguments = function.arrange(arguments).map_err(|unknown| {
                format!("the function '{name}' does not take this parameter: {unknown}")
            })?;
            Ok(Node::Function { name: function.name.into(), arguments })
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn text(source: Value) -> Result<Option<String>, String> {
        expression(&serde_json::from_value(source).unwrap())
    }

    #[test]
    fn the_text_wins_over_the_tree() {
        let source = json!({ "expression": "[mail]", "name": "displayName", "type": "Attribute" });
        assert_eq!(text(source).unwrap().as_deref(), Some("[mail]"));
    }

    #[test]
    fn a_tree_alone_is_enough() {
        let attribute = json!({ "name": "IsSoftDeleted", "type": "Attribute" });
        assert_eq!(text(attribute.clone()).unwrap().as_deref(), Some("[IsSoftDeleted]"));
        let constant = json!({ "name": "a \"b\"", "type": "Constant" });
        assert_eq!(text(constant).unwrap().as_deref(), Some(r#""a \"b\"""#));
        let pair =
            |key: &str, name: &str| json!({ "key": key, "value": { "name": name, "type": "Constant" } });
        let switch = json!({ "name": "Switch", "type": "Function", "parameters": [
            { "key": "source", "value": attribute },
            pair("switchValue", "False"), pair("switchValue", "True"),
        ]});
        assert_eq!(text(switch).unwrap().as_deref(), Some(r#"Switch([IsSoftDeleted], , "False", "True")"#));
    }

    #[test]
    fn an_unknown_function_or_parameter_is_named() {
        let unknown = text(json!({ "name": "Swich", "type": "Function" })).unwrap_err();
        assert!(unknown.contains("Swich"), "{unknown}");
        let parameters = json!([{ "key": "sorce", "value": { "name": "x", "type": "Constant" } }]);
        let unknown =
            text(json!({ "name": "Not", "type": "Function", "parameters": parameters })).unwrap_err();
        assert!(unknown.contains("sorce"), "{unknown}");
    }
}
