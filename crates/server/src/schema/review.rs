//! What is looked at only when a schema is saved: mappings that do nothing or always fail, and how a problem is told.
//! What is stored already goes on running.

use provisor_graph::resources::synchronization::mapping::{AttributeMapping, ObjectMapping};
use provisor_graph::resources::synchronization::rule::SynchronizationRule;
use provisor_graph::resources::synchronization::schema::SynchronizationSchema;

use super::{Problem, source};

/// Attribute mappings that give nothing, and constant arguments that can never be right.
pub(super) fn check(schema: &SynchronizationSchema) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (rule_index, rule) in schema.synchronization_rules.iter().enumerate() {
        for (mapping_index, mapping) in rule.object_mappings.iter().enumerate() {
            for (index, attribute) in mapping.attribute_mappings.iter().enumerate() {
                let place = format!(
                    "synchronizationRules[{rule_index}].objectMappings[{mapping_index}].attributeMappings[{index}].source"
                );
                let expression = match &attribute.source {
                    None => Ok(None),
                    Some(source) => source::expression(source),
                };
                match expression {
                    Ok(Some(text)) => problems.extend(impossible(&text, &place)),
                    Ok(None) if !has_default(schema, rule, mapping, attribute) => {
                        problems.push(nothing_flows(place));
                    }
                    // What has no meaning is told where it is compiled.
                    Ok(None) | Err(_) => {}
                }
            }
        }
    }
    problems
}

fn nothing_flows(target: String) -> Problem {
    let message = "nothing flows: the mapping has neither a source nor a defaultValue. Give source.expression, such as \
                   \"[mail]\", or a defaultValue, or take the mapping out";
    Problem { code: "MissingSource", message: message.to_owned(), target }
}

fn impossible(text: &str, target: &str) -> Vec<Problem> {
    let Ok(expression) = provisor_expression::parse(text) else { return Vec::new() };
    let told = provisor_expression::review(&expression).impossible.into_iter();
    told.map(|told| Problem {
        code: "InvalidExpression",
        message: told.render(text),
        target: target.to_owned(),
    })
    .collect()
}

/// Whether a value flows without a source: the mapping's default, or that of an attribute which must have one.
fn has_default(
    schema: &SynchronizationSchema,
    rule: &SynchronizationRule,
    mapping: &ObjectMapping,
    attribute: &AttributeMapping,
) -> bool {
    if attribute.default_value.is_some() {
        return true;
    }
    let directory = schema.directories.iter().find(|known| known.name == rule.target_directory_name);
    let objects = directory.map(|directory| directory.objects.as_slice()).unwrap_or_default();
    let object = objects.iter().find(|known| known.name == mapping.target_object_name);
    let attributes = object.map(|object| object.attributes.as_slice()).unwrap_or_default();
    let wanted = attribute.target_attribute_name.as_deref().unwrap_or_default();
    attributes.iter().any(|known| {
        let same = known.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(wanted));
        same && known.required && known.default_value.is_some()
    })
}

/// Says in words which object mapping and which target attribute a problem is about; `target` says it by number.
pub(super) fn in_words(schema: &SynchronizationSchema, problem: Problem) -> Problem {
    match subject(schema, &problem.target) {
        Some(subject) => Problem { message: format!("{subject}: {}", problem.message), ..problem },
        None => problem,
    }
}

/// `User → urn:…:User, attribute title`
fn subject(schema: &SynchronizationSchema, target: &str) -> Option<String> {
    let rule = schema.synchronization_rules.get(number(target, "synchronizationRules[")?)?;
    let mapping = rule.object_mappings.get(number(target, ".objectMappings[")?)?;
    let name = |name: &Option<String>| name.clone().unwrap_or_else(|| "(no name)".to_owned());
    let mut subject =
        format!("{} → {}", name(&mapping.source_object_name), name(&mapping.target_object_name));
    let attribute = number(target, ".attributeMappings[").and_then(|n| mapping.attribute_mappings.get(n));
    if let Some(name) = attribute.and_then(|attribute| attribute.target_attribute_name.as_deref()) {
        subject.push_str(", attribute ");
        subject.push_str(name);
    } else if target.contains("].scope") {
        subject.push_str(", scoping filter");
    }
    Some(subject)
}

/// The number that follows `member`.
fn number(target: &str, member: &str) -> Option<usize> {
    let (_, rest) = target.split_once(member)?;
    rest.split_once(']')?.0.parse().ok()
}
