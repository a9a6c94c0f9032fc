//! From a definition to a schema that can run, with every problem named.

mod definitions;
mod sharing;
mod types;

use provisor_expression::{Code, Diagnostic, Expression, Located, Node, Value};

use super::definition::{
    AttributeDefinition, AttributeMapping, Definition, ObjectDefinition, ObjectMapping, Rule,
};
use super::shape::{SourceSlots, find};
use super::{AttributeFlow, Filter, FlowSource, FlowType, Mapping, Problem, ReferenceFlow, Schema};
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
    let mut sides: Vec<Sides<'_>> = Vec::new();
    let mut ordered: Vec<(i32, bool, usize, Mapping)> = Vec::new();
    for (rule_index, rule) in definition.rules.iter().enumerate() {
        for (index, mapping) in rule.mappings.iter().enumerate() {
            let place = format!("synchronizationRules[{rule_index}].objectMappings[{index}]");
            let Some((source, target)) = objects(definition, rule, mapping, &place, &mut problems) else {
                continue;
            };
            let side = Sides::of(&mut sides, source, target, mapping.enabled);
            let compiler =
                MappingCompiler::new(rule, mapping, target, place, &mut problems, &mut sides[side]);
            if let Some(compiled) = compiler.compile()
                && mapping.enabled
            {
                let is_group = !compiled.references.iter().all(|reference| !reference.multivalued);
                ordered.push((rule.priority, is_group, side, compiled));
            }
        }
    }
    problems.extend(sharing::check(definition));
    if !problems.is_empty() {
        return Err(problems);
    }
    // Objects that contain others (groups) come after those they contain, so that their references find
    // both ends; the sort is stable, so the written order counts otherwise.
    ordered.sort_by_key(|(priority, is_group, ..)| (*priority, *is_group));
    let mut mappings: Vec<Mapping> = Vec::with_capacity(ordered.len());
    for (_, _, side, mut mapping) in ordered {
        mapping.source = sides[side].slots.shape();
        mapping.target.attributes.clone_from(&sides[side].targets);
        mapping.follows = mappings.iter().position(|first| first.source_type() == mapping.source_type());
        mappings.push(mapping);
    }
    Ok(Schema { mappings })
}

/// The two object types of a mapping. One that is not in its directory is told, and one of its name elsewhere
/// taken, so that the rest can be checked all the same.
fn objects<'a>(
    definition: &'a Definition,
    rule: &Rule,
    mapping: &ObjectMapping,
    place: &str,
    problems: &mut Vec<Problem>,
) -> Option<(&'a ObjectDefinition, &'a ObjectDefinition)> {
    let mut object = |directory: &str, object: &str, side: &str| {
        definitions::find(definition, directory, object, side, place).or_else(|problem| {
            problems.extend(problem);
            definitions::elsewhere(definition, object).ok_or(())
        })
    };
    let source = object(&rule.source_directory, &mapping.source_object, "source").ok();
    let target = object(&rule.target_directory, &mapping.target_object, "target").ok();
    if let (Some(source), Some(target)) = (source, target) {
        return Some((source, target));
    }
    blind(mapping, source, place, problems);
    None
}

/// What can be told of a mapping when one of its object types is not known.
fn blind(
    mapping: &ObjectMapping,
    source: Option<&ObjectDefinition>,
    place: &str,
    problems: &mut Vec<Problem>,
) {
    for (index, attribute) in mapping.attributes.iter().enumerate() {
        let Some(text) = attribute.expression.as_deref() else { continue };
        let mut slots = source.map(SourceSlots::new);
        let mut resolve = |name: &str| match &mut slots {
            Some(slots) => slots.slot(name),
            None => Some(0),
        };
        let told = match provisor_expression::parse(text) {
            Ok(expression) => {
                provisor_expression::compile(&expression, &mut resolve).err().unwrap_or_default()
            }
            Err(diagnostic) => vec![diagnostic],
        };
        let names =
            || source.into_iter().flat_map(|source| source.attributes.iter().map(|a| a.name.as_str()));
        let place = format!("{place}.attributeMappings[{index}]");
        problems.extend(told.into_iter().map(|told| expression_problem(told, text, names(), &place)));
    }
    problems.extend(unmatched(mapping, place));
}

fn unmatched(mapping: &ObjectMapping, place: &str) -> Option<Problem> {
    let matches = mapping.attributes.iter().any(|attribute| attribute.matching_priority > 0);
    (mapping.enabled && !matches).then(|| Problem {
        code: "MissingMatchingAttribute",
        message: format!(
            "the object mapping '{}' has no matching attribute: give at least one attribute mapping a \
             matchingPriority of 1",
            mapping.name
        ),
        target: format!("{place}.attributeMappings"),
    })
}

fn expression_problem<'a>(
    diagnostic: Diagnostic,
    text: &str,
    names: impl IntoIterator<Item = &'a str>,
    place: &str,
) -> Problem {
    let code = match diagnostic.code {
        Code::UnknownFunction => "UnknownFunction",
        Code::UnknownAttribute => "UnknownAttribute",
        _ => "InvalidExpression",
    };
    let message = diagnostic.suggest_attribute(text, names).render(text);
    Problem { code, message, target: format!("{place}.source") }
}

/// What is read and what is written of two object types. Object mappings between the same two share it, so that
/// an object can be read before it is known which of them takes it.
struct Sides<'a> {
    source: &'a ObjectDefinition,
    target: &'a ObjectDefinition,
    shared: bool,
    slots: SourceSlots<'a>,
    targets: Vec<TargetAttribute>,
}

impl<'a> Sides<'a> {
    /// The place of the sides of two object types. What is disabled shares nothing.
    fn of(
        all: &mut Vec<Self>,
        source: &'a ObjectDefinition,
        target: &'a ObjectDefinition,
        shared: bool,
    ) -> usize {
        let same = |sides: &Self| {
            shared && sides.shared && std::ptr::eq(sides.source, source) && std::ptr::eq(sides.target, target)
        };
        all.iter().position(same).unwrap_or_else(|| {
            let slots = SourceSlots::new(source);
            all.push(Self { source, target, shared, slots, targets: Vec::new() });
            all.len() - 1
        })
    }

    /// The slot of a target attribute, new or known.
    fn target(&mut self, definition: &AttributeDefinition, matching: bool) -> usize {
        let known = self.targets.iter().position(|known| *known.name == *definition.name);
        if let Some(slot) = known {
            self.targets[slot].matching |= matching;
            return slot;
        }
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
}

/// What an attribute mapping takes its value from.
struct Origin {
    source: FlowSource,
    uses_soft_deleted: bool,
    clears: bool,
    redacted: bool,
    /// How it flows whatever the mapping says.
    flow_type: Option<FlowType>,
}

struct MappingCompiler<'c, 'a> {
    rule: &'c Rule,
    mapping: &'c ObjectMapping,
    target: &'a ObjectDefinition,
    place: String,
    problems: &'c mut Vec<Problem>,
    sides: &'c mut Sides<'a>,
    /// The slots of the target attributes that are mapped.
    mapped: Vec<usize>,
    attributes: Vec<AttributeFlow>,
    references: Vec<ReferenceFlow>,
    matching: Vec<(i32, usize)>,
}

impl<'c, 'a> MappingCompiler<'c, 'a> {
    fn new(
        rule: &'c Rule,
        mapping: &'c ObjectMapping,
        target: &'a ObjectDefinition,
        place: String,
        problems: &'c mut Vec<Problem>,
        sides: &'c mut Sides<'a>,
    ) -> Self {
        Self {
            rule,
            mapping,
            target,
            place,
            problems,
            sides,
            mapped: Vec::new(),
            attributes: Vec::new(),
            references: Vec::new(),
            matching: Vec::new(),
        }
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
        self.problems.extend(unmatched(mapping, &self.place));
        if self.problems.len() > before {
            return None;
        }
        let soft_deleted_slot = self.sides.slots.soft_deleted();
        Some(Mapping {
            rule_id: self.rule.id.as_str().into(),
            source_system: self.rule.source_directory.as_str().into(),
            target_system: self.rule.target_directory.as_str().into(),
            target: TargetShape {
                object_type: ObjectType::new(self.target.name.as_str()),
                attributes: Vec::new(),
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
            source: self.sides.slots.shape(),
            follows: None,
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
        .map(|(member, set)| match Filter::compile(set, &mut self.sides.slots) {
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
        if mapping.target.is_empty() {
            let message =
                "the attribute mapping names no target attribute: give targetAttributeName".to_owned();
            self.problem("MissingName", message, format!("{place}.targetAttributeName"));
            self.source_alone(mapping, place);
            return;
        }
        let Some(definition) = find(target, &mapping.target) else {
            let message = format!(
                "the target object type '{}' has no attribute '{}'{}",
                target.name,
                mapping.target,
                suggestion(&mapping.target, target.attributes.iter().map(|a| a.name.as_str()))
            );
            self.problem("UnknownAttribute", message, format!("{place}.targetAttributeName"));
            self.source_alone(mapping, place);
            return;
        };
        if let Some((code, message, member)) = self.unwritable(mapping, definition) {
            self.problem(code, message, format!("{place}.{member}"));
            self.source_alone(mapping, place);
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
            self.source_alone(mapping, place);
            return;
        }
        if let Some(default) = &mapping.default
            && let Some(wanted) = types::unfit(definition.attribute_type, default)
        {
            let message =
                format!("the default '{default}' is not {wanted}, which '{}' holds", definition.name);
            self.problem("TypeMismatch", message, format!("{place}.defaultValue"));
        }
        let Some(origin) = self.flow_source(mapping, definition, place) else { return };
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
            source: origin.source,
            flow_type: origin.flow_type.unwrap_or(mapping.flow_type),
            behavior: mapping.behavior,
            default: default.map(Value::from),
            required: definition.required,
            clears: origin.clears && mapping.matching_priority <= 0,
            redacted: origin.redacted,
            uses_soft_deleted: origin.uses_soft_deleted,
        });
    }

    /// Why a target attribute cannot be mapped this way: code, message, and the member at fault.
    fn unwritable(
        &self,
        mapping: &AttributeMapping,
        definition: &AttributeDefinition,
    ) -> Option<(&'static str, String, &'static str)> {
        let name = &definition.name;
        if self.mapped.iter().any(|&slot| *self.sides.targets[slot].name == **name) {
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
        let source = find(self.sides.source, expression.as_attribute()?)?;
        if source.attribute_type != AttributeType::Reference {
            return None;
        }
        let reference = self.sides.slots.reference(&source.name);
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
        let slot = self.sides.target(definition, matching);
        self.mapped.push(slot);
        slot
    }

    /// Checks the source of a mapping whose target is at fault already.
    fn source_alone(&mut self, mapping: &AttributeMapping, place: &str) {
        let Some(text) = mapping.expression.as_deref() else { return };
        match provisor_expression::parse(text) {
            Ok(expression) => drop(self.program(&expression, text, place)),
            Err(diagnostic) => self.expression_problem(diagnostic, text, place),
        }
    }

    fn flow_source(
        &mut self,
        mapping: &AttributeMapping,
        target: &AttributeDefinition,
        place: &str,
    ) -> Option<Origin> {
        let none = Origin {
            source: FlowSource::None,
            uses_soft_deleted: false,
            clears: false,
            redacted: false,
            flow_type: None,
        };
        let Some(text) = mapping.expression.as_deref() else { return Some(none) };
        let expression = match provisor_expression::parse(text) {
            Ok(expression) => expression,
            Err(diagnostic) => {
                self.expression_problem(diagnostic, text, place);
                return None;
            }
        };
        let before = self.problems.len();
        let define = |name: &str| find(self.sides.source, name);
        let names: Vec<String> = expression.attributes().map(|name| name.to_string()).collect();
        let uses_soft_deleted = names.iter().any(|name| name.eq_ignore_ascii_case(super::IS_SOFT_DELETED));
        let clears = names.first().is_some_and(|name| {
            names.len() == 1 && define(name).is_some_and(|definition| definition.flow_null_values)
        });
        let is_reference = |name: &&String| {
            define(name).is_some_and(|definition| definition.attribute_type == AttributeType::Reference)
        };
        let misplaced = names.iter().filter(is_reference).map(|name| {
            format!("the reference attribute '{name}' can only be mapped directly to a reference")
        });
        let unfit: Vec<String> = misplaced.chain(types::mismatch(&expression, target, define)).collect();
        for message in unfit {
            self.problem("TypeMismatch", message, format!("{place}.source"));
        }
        let (source, redacted, selects) = self.program(&expression, text, place)?;
        if selects && mapping.matching_priority > 0 {
            let message = format!(
                "'{}' is a matching attribute, and SelectUniqueValue chooses a value only when nothing matches: map \
                 it from something that stays, or match by another attribute",
                target.name
            );
            self.problem("InvalidExpression", message, format!("{place}.source"));
        }
        let flow_type = if selects {
            // A value is chosen once, for a new object: it is taken from then on, by the object itself.
            Some(FlowType::ObjectAddOnly)
        } else {
            adds_roles(expression.node()).then_some(FlowType::MultiValueAddOnly)
        };
        let fine = self.problems.len() == before;
        fine.then_some(Origin { source, uses_soft_deleted, clears, redacted, flow_type })
    }

    /// The expression over slots, whether its result is kept out of logs, and whether it looks for a value that
    /// nobody has.
    fn program(
        &mut self,
        expression: &Expression,
        text: &str,
        place: &str,
    ) -> Option<(FlowSource, bool, bool)> {
        let slots = &mut self.sides.slots;
        if let Some(name) = expression.as_attribute()
            && let Some(slot) = slots.slot(name)
        {
            return Some((FlowSource::Attribute(slot), false, false));
        }
        match provisor_expression::compile(expression, &mut |name| slots.slot(name)) {
            Ok(program) => {
                let (redacted, selects) = (program.redacts(), program.facts().selects_unique_value);
                Some((FlowSource::Program(program), redacted, selects))
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
        self.problems.push(expression_problem(diagnostic, text, self.sides.slots.names(), place));
    }
}

/// Whether the expression gives roles that are added to those the target object has.
fn adds_roles(node: &Node) -> bool {
    let within = |located: &Located| adds_roles(&located.node);
    match node {
        Node::Function { name, arguments } => {
            **name == *"AppRoleAssignmentsComplex" || arguments.iter().flatten().any(within)
        }
        Node::Comparison { left, right, .. } => within(left) || within(right),
        Node::Concatenation(operands) => operands.iter().any(within),
        _ => false,
    }
}

/// A number for an attribute's name (FNV-1a, 32 bits).
fn key_of(name: &str) -> usize {
    let hash =
        name.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    usize::try_from(hash).unwrap_or_default()
}

/// `; did you mean 'x'?` for the nearest of the known names, if one is near. Of names in a SCIM extension both the
/// URN and what follows it must be near: a long URN in common says nothing about the attribute.
pub(super) fn suggestion<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let wanted = name.to_lowercase();
    known
        .map(|candidate| (likeness(&wanted, &candidate.to_lowercase()), candidate))
        .filter(|(score, _)| *score > 0.7)
        .max_by(|(left, _), (right, _)| left.total_cmp(right))
        .map_or_else(String::new, |(_, candidate)| format!("; did you mean '{candidate}'?"))
}

fn likeness(left: &str, right: &str) -> f64 {
    let near = strsim::normalized_damerau_levenshtein;
    match (left.rsplit_once(':'), right.rsplit_once(':')) {
        (Some((left_urn, left)), Some((right_urn, right))) => {
            near(left_urn, right_urn).min(near(left, right))
        }
        _ => near(left, right),
    }
}

#[cfg(test)]
mod tests;
