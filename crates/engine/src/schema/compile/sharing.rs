//! Several object mappings of one source type: their category filters say which objects each of them takes.
//!
//! Links are remembered by source object, so such mappings write to one target type: an object that comes into
//! another category keeps its account.

use crate::schema::Problem;
use crate::schema::definition::{Definition, ObjectMapping, Rule};

/// Enabled mappings of one source type that cannot stand side by side.
pub(super) fn check(definition: &Definition) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut seen: Vec<(&Rule, &ObjectMapping)> = Vec::new();
    for (rule_index, rule) in definition.rules.iter().enumerate() {
        for (index, mapping) in rule.mappings.iter().enumerate().filter(|(_, mapping)| mapping.enabled) {
            let same = |(_, known): &&(&Rule, &ObjectMapping)| {
                known.source_object.eq_ignore_ascii_case(&mapping.source_object)
            };
            let mut others = seen.iter().filter(same);
            if let Some((first_rule, first)) = others.clone().next() {
                let clash = clash((first_rule, first), (rule, mapping)).or_else(|| {
                    (takes_all(mapping) && others.any(|(_, other)| takes_all(other))).then(|| both(mapping))
                });
                let target = format!("synchronizationRules[{rule_index}].objectMappings[{index}]");
                let code = "DuplicateObjectMapping";
                problems.extend(clash.map(|message| Problem { code, message, target }));
            }
            seen.push((rule, mapping));
        }
    }
    problems
}

/// Whether a mapping has no category filter, or one that lets everything pass.
fn takes_all(mapping: &ObjectMapping) -> bool {
    mapping.scope.as_ref().is_none_or(|scope| {
        scope.category_groups.is_empty() || scope.category_groups.iter().any(|group| group.clauses.is_empty())
    })
}

fn both(mapping: &ObjectMapping) -> String {
    format!(
        "'{}' is the source of two enabled object mappings that take every object; give one of them \
         categoryFilterGroups that say which objects it takes, disable one, or use two jobs",
        mapping.source_object
    )
}

/// What differs between two mappings that must agree.
fn clash(first: (&Rule, &ObjectMapping), second: (&Rule, &ObjectMapping)) -> Option<String> {
    let type_of = |(rule, mapping): (&Rule, &ObjectMapping)| {
        let source = (rule.source_directory.clone(), mapping.source_object.clone());
        (source, (rule.target_directory.clone(), mapping.target_object.clone()))
    };
    let (one, other) = (type_of(first), type_of(second));
    (one != other).then(|| {
        let name = |(directory, object): &(String, String)| format!("'{object}' of '{directory}'");
        format!(
            "'{}' is the source of two enabled object mappings that lead from {} to {} and from {} to {}; such \
             mappings must lead from one object type to one other; use two jobs",
            second.1.source_object,
            name(&one.0),
            name(&one.1),
            name(&other.0),
            name(&other.1)
        )
    })
}
