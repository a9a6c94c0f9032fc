//! What is wrong with the parts of a schema before any mapping is looked at: names given twice, names that lead
//! nowhere, and what refers to itself in a circle.
//!
//! References in a circle (users have managers, groups have groups) are what directories are made of; a type or an
//! attribute that is derived from itself, and a rule that reads what it writes, cannot work.

use super::suggestion;
use crate::schema::Problem;
use crate::schema::definition::{Definition, Directory, ObjectDefinition, ObjectMapping, Rule};

/// Finds the object type of one side of an object mapping.
pub(super) fn find<'a>(
    definition: &'a Definition,
    directory: &str,
    object: &str,
    side: &str,
    place: &str,
) -> Result<&'a ObjectDefinition, Option<Problem>> {
    // A directory that is not there is told once, at its rule.
    let found = definition.directories.iter().find(|known| known.name == directory).ok_or(None)?;
    if object.is_empty() {
        let message = format!("the object mapping names no {side} object type: give {side}ObjectName");
        return Err(Some(Problem {
            code: "MissingName",
            message,
            target: format!("{place}.{side}ObjectName"),
        }));
    }
    found.objects.iter().find(|known| known.name == object).ok_or_else(|| {
        let near = suggestion(object, found.objects.iter().map(|known| known.name.as_str()));
        Some(Problem {
            code: "UnknownObject",
            message: format!(
                "the {side} directory '{directory}' has no object type '{object}'; name one that is listed in \
                 the schema's directories{near}"
            ),
            target: format!("{place}.{side}ObjectName"),
        })
    })
}

/// The object type of this name in any directory.
pub(super) fn elsewhere<'a>(definition: &'a Definition, object: &str) -> Option<&'a ObjectDefinition> {
    definition.directories.iter().flat_map(|directory| &directory.objects).find(|known| known.name == object)
}

pub(super) fn check(definition: &Definition, problems: &mut Vec<Problem>) {
    for (index, rule) in definition.rules.iter().enumerate() {
        let place = format!("synchronizationRules[{index}]");
        let earlier = &definition.rules[..index];
        duplicate_rule(rule, earlier, &place, problems);
        directories_of(definition, rule, &place, problems);
        for (index, mapping) in rule.mappings.iter().enumerate() {
            let place = format!("{place}.objectMappings[{index}]");
            duplicate_mapping(mapping, &rule.mappings[..index], &place, problems);
        }
    }
    for (index, directory) in definition.directories.iter().enumerate() {
        let place = format!("directories[{index}]");
        if definition.directories[..index].iter().any(|known| known.name == directory.name) {
            let message = format!(
                "two directories are called '{}'; rules refer to directories by name, so give one another name",
                directory.name
            );
            problems.push(Problem { code: "DuplicateDirectory", message, target: format!("{place}.name") });
        }
        objects(directory, &place, problems);
    }
}

fn duplicate_rule(rule: &Rule, earlier: &[Rule], place: &str, problems: &mut Vec<Problem>) {
    let mut same = |member: &str, value: &str, of: fn(&Rule) -> &str| {
        if !value.is_empty() && earlier.iter().any(|other| of(other).eq_ignore_ascii_case(value)) {
            let message = format!("two rules have the {member} '{value}'; give one of them another {member}");
            problems.push(Problem { code: "DuplicateRule", message, target: format!("{place}.{member}") });
        }
    };
    same("id", &rule.id, |rule| &rule.id);
    same("name", &rule.name, |rule| &rule.name);
}

fn duplicate_mapping(
    mapping: &ObjectMapping,
    earlier: &[ObjectMapping],
    place: &str,
    problems: &mut Vec<Problem>,
) {
    let name = &mapping.name;
    if !name.is_empty() && earlier.iter().any(|other| other.name.eq_ignore_ascii_case(name)) {
        let message = format!("two object mappings of the rule are called '{name}'; rename one of them");
        problems.push(Problem { code: "DuplicateObjectMapping", message, target: format!("{place}.name") });
    }
}

fn directories_of(definition: &Definition, rule: &Rule, place: &str, problems: &mut Vec<Problem>) {
    for (side, name) in [("source", &rule.source_directory), ("target", &rule.target_directory)] {
        if name.is_empty() {
            let message =
                format!("the rule '{}' names no {side} directory: give {side}DirectoryName", rule.name);
            let target = format!("{place}.{side}DirectoryName");
            problems.push(Problem { code: "MissingName", message, target });
        } else if !definition.directories.iter().any(|known| known.name == *name) {
            let near = suggestion(name, definition.directories.iter().map(|known| known.name.as_str()));
            let message = format!(
                "the schema has no directory '{name}', which the rule '{}' names as its {side}; add it to directories, \
                 or name one that is there{near}",
                rule.name
            );
            let target = format!("{place}.{side}DirectoryName");
            problems.push(Problem { code: "UnknownDirectory", message, target });
        }
    }
    if !rule.source_directory.is_empty() && rule.source_directory == rule.target_directory {
        let message = format!(
            "the rule '{}' reads and writes the same directory '{}': what it writes would be what it reads next; \
             name two directories",
            rule.name, rule.source_directory
        );
        let target = format!("{place}.targetDirectoryName");
        problems.push(Problem { code: "CircularReference", message, target });
    }
}

fn objects(directory: &Directory, place: &str, problems: &mut Vec<Problem>) {
    let base_of = |name: &str| {
        let found = directory.objects.iter().find(|known| known.name == name)?;
        found.base.as_deref()
    };
    for (index, object) in directory.objects.iter().enumerate() {
        let place = format!("{place}.objects[{index}]");
        if directory.objects[..index].iter().any(|known| known.name == object.name) {
            let message =
                format!("the directory '{}' has two object types '{}'", directory.name, object.name);
            problems.push(Problem { code: "DuplicateObject", message, target: format!("{place}.name") });
        }
        if let Some(circle) = circle(&object.name, base_of) {
            let message = format!(
                "the object type '{}' is derived from itself: {circle}; break the circle",
                object.name
            );
            problems.push(Problem {
                code: "CircularReference",
                message,
                target: format!("{place}.metadata"),
            });
        }
        attributes(object, &place, problems);
    }
}

fn attributes(object: &ObjectDefinition, place: &str, problems: &mut Vec<Problem>) {
    let base_of = |name: &str| {
        let found = object.attributes.iter().find(|known| known.name == name)?;
        found.base.as_deref()
    };
    let mut names = std::collections::HashSet::with_capacity(object.attributes.len());
    for (index, attribute) in object.attributes.iter().enumerate() {
        let place = format!("{place}.attributes[{index}]");
        if !names.insert(attribute.name.as_str()) {
            let message = format!(
                "the object type '{}' has two attributes '{}'; keep one",
                object.name, attribute.name
            );
            problems.push(Problem { code: "DuplicateAttribute", message, target: format!("{place}.name") });
        } else if attribute.base.is_some()
            && let Some(circle) = circle(&attribute.name, base_of)
        {
            let message =
                format!("the attribute '{}' is a part of itself: {circle}; break the circle", attribute.name);
            problems.push(Problem {
                code: "CircularReference",
                message,
                target: format!("{place}.metadata"),
            });
        }
    }
    let anchors: Vec<&str> = object.attributes.iter().filter(|a| a.anchor).map(|a| a.name.as_str()).collect();
    if anchors.len() > 1 {
        let message = format!(
            "the object type '{}' has several anchors ({}); the anchor is the one immutable id: mark one",
            object.name,
            anchors.join(", ")
        );
        problems.push(Problem { code: "SeveralAnchors", message, target: format!("{place}.attributes") });
    }
}

/// The way from a name over its bases back to it, as `a > b > a`; `None` when there is no such way.
fn circle<'a>(name: &'a str, base_of: impl Fn(&str) -> Option<&'a str>) -> Option<String> {
    let mut way = vec![name];
    let mut current = name;
    while let Some(base) = base_of(current) {
        if base == name {
            way.push(base);
            return Some(way.join(" > "));
        }
        // A circle further on does not contain this name; it is told at those that it contains.
        if way.contains(&base) {
            return None;
        }
        way.push(base);
        current = base;
    }
    None
}
