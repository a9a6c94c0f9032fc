//! From a definition to a schema that can run, with every problem named.

mod definitions;
mod types;

use provisor_expression::{Code, Diagnostic, Expression, Value};

use super::definition::{
    AttributeDefinition, AttributeMapping, Definition, ObjectDefinition, ObjectMapping, Rule,
};
use super::shape::{SourceSlots, find};
use super::{AttributeFlow, Filter, FlowSource, Mapping, Problem, ReferenceFlow, Schema};
use crate::object::ObjectType;
use crate::ports::{AttributeType, Mutability, TargetAttribute, TargetShape};

/// Compiles a schema.
///
/// # Errors
/// All problems at once, each with the place where it is.
pub fn compile(definition: &Definition) -> Result<Schema, Vec<Problem>> {
    let mut problems = Vec::new();
    if definition.rules.is_empty() {
        problems.push(Problem {
            code: "MissingSynchronizationRules",
            message: "the schema has no synchronization rules; give at least one".into(),
            target: "synchronizationRules".into(),
        });
    }
    definitions::check(definition, &mut problems);
    let mut ordered: Vec<(i32, bool, Mapping)> = Vec::new();
    for (rule_index, rule) in definition.rules.iter().enumerate() {
        for (index, mapping) in rule.mappings.iter().enumerate() {
            let place = format!("synchronizationRules[{rule_index}].objectMappings[{index}]");
            let compiled = MappingCompiler::new(definition, rule, mapping, place, &mut problems)
                .and_then(MappingCompiler::compile);
            if let Some(compiled) = compiled
                && mapping.enabled
            {
                let is_group = !compiled.references.iter().all(|reference| !reference.multivalued);
                ordered.push((rule.priority, is_group, compiled));
            }
        }
    }
    problems.extend(twice(definition));
    if !problems.is_empty() {
        return Err(problems);
    }
    // Objects that contain others (groups) come after those they contain, so that their references find
    // both ends; the sort is stable, so the written order counts otherwise.
    ordered.sort_by_key(|(priority, is_group, _)| (*priority, *is_group));
    Ok(Schema { mappings: ordered.into_iter().map(|(_, _, mapping)| mapping).collect() })
}

/// Links are remembered by source object: each type can have one enabled object mapping.
fn twice(definition: &Definition) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    for (rule_index, rule) in definition.rules.iter().enumerate() {
        for (index, mapping) in rule.mappings.iter().enumerate().filter(|(_, mapping)| mapping.enabled) {
            let name = mapping.source_object.as_str();
            if seen.iter().any(|known| known.eq_ignore_ascii_case(name)) {
                problems.push(Problem {
                    code: "DuplicateObjectMapping",
                    message: format!(
                        "'{name}' is the source of two enabled object mappings; disable one, or use two jobs"
                    ),
                    target: format!("synchronizationRules[{rule_index}].objectMappings[{index}]"),
                });
            }
            seen.push(name);
        }
    }
    problems
}

struct MappingCompiler<'a> {
    rule: &'a Rule,
    mapping: &'a ObjectMapping,
    source: &'a ObjectDefinition,
    target: &'a ObjectDefinition,
    place: String,
    problems: &'a mut Vec<Problem>,
    slots: SourceSlots<'a>,
    targets: Vec<TargetAttribute>,
    attributes: Vec<AttributeFlow>,
    references: Vec<ReferenceFlow>,
    matching: Vec<(i32, usize)>,
}

impl<'a> MappingCompiler<'a> {
    fn new(
        definition: &'a Definition,
        rule: &'a Rule,
        mapping: &'a ObjectMapping,
        place: String,
        problems: &'a mut Vec<Problem>,
    ) -> Option<Self> {
        let mut object = |directory: &str, object: &str, side: &str| {
            definitions::find(definition, directory, object, side, &place)
                .map_err(|problem| problems.extend(problem))
                .ok()
        };
        let source = object(&rule.source_directory, &mapping.source_object, "source");
        let target = object(&rule.target_directory, &mapping.target_object, "target");
        let (source, target) = (source?, target?);
        Some(Self {
            rule,
            mapping,
            source,
            target,
            place,
            problems,
            slots: SourceSlots::new(source),
            targets: Vec::new(),
            attributes: Vec::new(),
            references: Vec::new(),
            matching: Vec::new(),
        })
    }

    fn compile(mut self) -> Option<Mapping> {
        let before = self.problems.len();
        let mapping = self.mapping;
        for (index, attribute) in mapping.attributes.iter().enumerate() {
            let place = format!("{}.attributeMappings[{index}]", self.place);
            self.attribute(attribute, &place);
        }
        let [scope, input, category] = self.filters();
        self.matching.sort_by_key(|(priority, _)| *priority);
        if mapping.enabled && !mapping.attributes.iter().any(|attribute| attribute.matching_priority > 0) {
            let message = format!(
                "the object mapping '{}' has no matching attribute: give at least one attribute mapping a \
                 matchingPriority of 1",
                mapping.name
            );
            self.problem("MissingMatchingAttribute", message, format!("{}.attributeMappings", self.place));
        }
        if self.problems.len() > before {
            return None;
        }
        let soft_deleted_slot = self.slots.soft_deleted();
        Some(Mapping {
            rule_id: self.rule.id.as_str().into(),
            source_system: self.rule.source_directory.as_str().into(),
            target_system: self.rule.target_directory.as_str().into(),
            target: TargetShape {
                object_type: ObjectType::new(self.target.name.as_str()),
                attributes: self.targets,
            },
            flows: mapping.flows,
            scope,
            input,
            category,
            attributes: self.attributes,
            matching: self.matching.into_iter().map(|(_, index)| index).collect(),
            references: self.references,
            soft_deleted_slot,
            soft_deletion: self.target.soft_deletion.unwrap_or(true),
            source: self.slots.finish(),
        })
    }

    fn problem(&mut self, code: &'static str, message: String, target: String) {
        self.problems.push(Problem { code, message, target });
    }

    /// The three sets of the filter: `groups`, `inputFilterGroups`, `categoryFilterGroups`.
    fn filters(&mut self) -> [Option<Filter>; 3] {
        let Some(filter) = self.mapping.scope.as_ref() else { return [None, None, None] };
        [
            ("groups", &filter.groups),
            ("inputFilterGroups", &filter.input_groups),
            ("categoryFilterGroups", &filter.category_groups),
        ]
        .map(|(member, set)| match Filter::compile(set, &mut self.slots) {
            Ok(filter) => filter,
            Err(problems) => {
                for problem in problems {
                    let target = format!("{}.scope.{member}{}", self.place, problem.place);
                    self.problem(problem.code, problem.message, target);
                }
                None
            }
        })
    }

    fn attribute(&mut self, mapping: &AttributeMapping, place: &str) {
        let target = self.target;
        let Some(definition) = find(target, &mapping.target) else {
            let message = format!(
                "the target object type '{}' has no attribute '{}'{}",
                target.name,
                mapping.target,
                suggestion(&mapping.target, target.attributes.iter().map(|a| a.name.as_str()))
            );
            self.problem("UnknownAttribute", message, format!("{place}.targetAttributeName"));
            return;
        };
        if let Some((code, message, member)) = self.unwritable(mapping, definition) {
            self.problem(code, message, format!("{place}.{member}"));
            return;
        }
        if let Some(reference) = self.reference(mapping, definition) {
            self.references.push(reference);
            return;
        }
        if definition.attribute_type == AttributeType::Reference {
            let message = format!(
                "'{}' is a reference: map it directly from a reference attribute such as [manager]",
                definition.name
            );
            self.problem("TypeMismatch", message, format!("{place}.source"));
            return;
        }
        if let Some(default) = &mapping.default
            && let Some(wanted) = types::unfit(definition.attribute_type, default)
        {
            let message =
                format!("the default '{default}' is not {wanted}, which '{}' holds", definition.name);
            self.problem("TypeMismatch", message, format!("{place}.defaultValue"));
        }
        let Some((source, uses_soft_deleted, clears, redacted)) =
            self.flow_source(mapping, definition, place)
        else {
            return;
        };
        let default = mapping
            .default
            .as_deref()
            .or(definition.required.then_some(definition.default.as_deref()).flatten());
        let slot = self.target_slot(definition, mapping.matching_priority > 0);
        if mapping.matching_priority > 0 {
            self.matching.push((mapping.matching_priority, self.attributes.len()));
        }
        self.attributes.push(AttributeFlow {
            slot,
            attribute_type: definition.attribute_type,
            source,
            flow_type: mapping.flow_type,
            behavior: mapping.behavior,
            default: default.map(Value::from),
            required: definition.required,
            clears: clears && mapping.matching_priority <= 0,
            redacted,
            uses_soft_deleted,
        });
    }

    /// Why a target attribute cannot be mapped this way: code, message, and the member at fault.
    fn unwritable(
        &self,
        mapping: &AttributeMapping,
        definition: &AttributeDefinition,
    ) -> Option<(&'static str, String, &'static str)> {
        let name = &definition.name;
        if self.targets.iter().any(|known| *known.name == **name) {
            let message = format!("'{name}' is the target of two attribute mappings; keep one");
            return Some(("DuplicateTargetAttribute", message, "targetAttributeName"));
        }
        if definition.anchor || definition.mutability == Mutability::ReadOnly {
            let message = format!("'{name}' is given by the target and cannot be mapped");
            return Some(("ReadOnlyAttribute", message, "targetAttributeName"));
        }
        if mapping.matching_priority > 0 && definition.attribute_type == AttributeType::Reference {
            let message = format!(
                "'{name}' is a reference, and objects cannot be matched by references; set its matchingPriority to \
                 0 and match by a text such as a user name"
            );
            return Some(("TypeMismatch", message, "matchingPriority"));
        }
        None
    }

    /// The mapping of a reference attribute: a direct mapping between two references.
    fn reference(
        &mut self,
        mapping: &AttributeMapping,
        target: &AttributeDefinition,
    ) -> Option<ReferenceFlow> {
        if target.attribute_type != AttributeType::Reference {
            return None;
        }
        let expression = provisor_expression::parse(mapping.expression.as_deref()?).ok()?;
        let source = find(self.source, expression.as_attribute()?)?;
        if source.attribute_type != AttributeType::Reference {
            return None;
        }
        let reference = self.slots.reference(&source.name);
        let slot = self.target_slot(target, false);
        Some(ReferenceFlow {
            reference,
            slot,
            key: key_of(&target.name),
            multivalued: target.multivalued,
            clears: source.flow_null_values,
        })
    }

    fn target_slot(&mut self, definition: &AttributeDefinition, matching: bool) -> usize {
        self.targets.push(TargetAttribute {
            name: definition.name.as_str().into(),
            attribute_type: definition.attribute_type,
            multivalued: definition.multivalued,
            case_exact: definition.case_exact,
            mutability: definition.mutability,
            matching,
        });
        self.targets.len() - 1
    }

    fn flow_source(
        &mut self,
        mapping: &AttributeMapping,
        target: &AttributeDefinition,
        place: &str,
    ) -> Option<(FlowSource, bool, bool, bool)> {
        let Some(text) = mapping.expression.as_deref() else {
            return Some((FlowSource::None, false, false, false));
        };
        let expression = match provisor_expression::parse(text) {
            Ok(expression) => expression,
            Err(diagnostic) => {
                self.expression_problem(diagnostic, text, place);
                return None;
            }
        };
        let names: Vec<String> = expression.attributes().map(|name| name.to_string()).collect();
        let uses_soft_deleted = names.iter().any(|name| name.eq_ignore_ascii_case(super::IS_SOFT_DELETED));
        let clears = names.first().is_some_and(|name| {
            names.len() == 1 && self.slots.define(name).is_some_and(|definition| definition.flow_null_values)
        });
        for name in &names {
            if self.slots.define(name).is_some_and(|d| d.attribute_type == AttributeType::Reference) {
                let message =
                    format!("the reference attribute '{name}' can only be mapped directly to a reference");
                self.problem("TypeMismatch", message, format!("{place}.source"));
                return None;
            }
        }
        if let Some(message) = types::mismatch(&expression, target, |name| self.slots.define(name)) {
            self.problem("TypeMismatch", message, format!("{place}.source"));
            return None;
        }
        let (source, redacted) = self.program(&expression, text, place)?;
        Some((source, uses_soft_deleted, clears, redacted))
    }

    /// The expression over slots, and whether its result is kept out of logs.
    fn program(&mut self, expression: &Expression, text: &str, place: &str) -> Option<(FlowSource, bool)> {
        if let Some(name) = expression.as_attribute()
            && let Some(slot) = self.slots.slot(name)
        {
            return Some((FlowSource::Attribute(slot), false));
        }
        let slots = &mut self.slots;
        match provisor_expression::compile(expression, &mut |name| slots.slot(name)) {
            Ok(program) => {
                let redacted = program.redacts();
                Some((FlowSource::Program(program), redacted))
            }
            Err(diagnostics) => {
                for diagnostic in diagnostics {
                    self.expression_problem(diagnostic, text, place);
                }
                None
            }
        }
    }

    fn expression_problem(&mut self, diagnostic: Diagnostic, text: &str, place: &str) {
        let code = match diagnostic.code {
            Code::UnknownFunction => "UnknownFunction",
            Code::UnknownAttribute => "UnknownAttribute",
            _ => "InvalidExpression",
        };
        let message = diagnostic.suggest_attribute(text, self.slots.names()).render(text);
        self.problem(code, message, format!("{place}.source"));
    }
}

/// A number for an attribute's name (FNV-1a, 32 bits).
fn key_of(name: &str) -> usize {
    let hash =
        name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    usize::try_from(hash).unwrap_or_default()
}

/// `; did you mean 'x'?` for the nearest of the known names, if one is near.
pub(super) fn suggestion<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let wanted = name.to_lowercase();
    known
        .map(|candidate| {
            (strsim::normalized_damerau_levenshtein(&wanted, &candidate.to_lowercase()), candidate)
        })
        .filter(|(score, _)| *score > 0.7)
        .max_by(|(left, _), (right, _)| left.total_cmp(right))
        .map_or_else(String::new, |(_, candidate)| format!("; did you mean '{candidate}'?"))
}

#[cfg(test)]
mod tests;
