use super::*;
use crate::schema::definition::{Directory, ObjectDefinition};

fn attribute(name: &str, attribute_type: AttributeType, multivalued: bool) -> AttributeDefinition {
    AttributeDefinition { name: name.into(), attribute_type, multivalued, ..AttributeDefinition::default() }
}

fn object(name: &str) -> ObjectDefinition {
    ObjectDefinition {
        name: name.into(),
        attributes: vec![
            attribute("displayName", AttributeType::String, false),
            attribute("manager", AttributeType::Reference, false),
            attribute("members", AttributeType::Reference, true),
            AttributeDefinition { anchor: true, ..attribute("id", AttributeType::String, false) },
        ],
        soft_deletion: None,
    }
}

fn mapped(target: &str, expression: &str, priority: i32) -> AttributeMapping {
    AttributeMapping {
        target: target.into(),
        expression: Some(expression.into()),
        matching_priority: priority,
        ..AttributeMapping::default()
    }
}

fn mapping(object: &str, attributes: Vec<AttributeMapping>) -> ObjectMapping {
    ObjectMapping {
        name: object.into(),
        enabled: true,
        source_object: object.into(),
        target_object: object.into(),
        attributes,
        ..ObjectMapping::default()
    }
}

fn schema(mappings: Vec<ObjectMapping>) -> Definition {
    let directory =
        |name: &str| Directory { name: name.into(), objects: vec![object("User"), object("Group")] };
    Definition {
        rules: vec![Rule {
            source_directory: "s".into(),
            target_directory: "t".into(),
            mappings,
            ..Rule::default()
        }],
        directories: vec![directory("s"), directory("t")],
    }
}

fn problems(mappings: Vec<ObjectMapping>) -> Vec<(&'static str, String)> {
    let problems = compile(&schema(mappings)).unwrap_err();
    problems.into_iter().map(|problem| (problem.code, problem.message)).collect()
}

#[test]
fn groups_run_after_users_whatever_the_order() {
    let group =
        mapping("Group", vec![mapped("displayName", "[displayName]", 1), mapped("members", "[members]", 0)]);
    let user =
        mapping("User", vec![mapped("displayName", "[displayName]", 1), mapped("manager", "[manager]", 0)]);
    let schema = compile(&schema(vec![group, user])).unwrap();
    let titles: Vec<String> = schema.mappings.iter().map(Mapping::title).collect();
    assert_eq!(titles, ["User to User", "Group to Group"]);
    assert_eq!(schema.mappings[0].references.len(), 1);
    assert!(schema.mappings[1].references[0].multivalued);
}

#[test]
fn every_problem_is_told_at_once_with_its_place() {
    let mappings = vec![mapping(
        "User",
        vec![
            mapped("dispayName", "[displayName]", 0),
            mapped("displayName", "[nickname]", 0),
            mapped("id", "[id]", 0),
        ],
    )];
    let problems = compile(&schema(mappings)).unwrap_err();
    let codes: Vec<&str> = problems.iter().map(|problem| problem.code).collect();
    assert_eq!(
        codes,
        ["UnknownAttribute", "InvalidExpression", "ReadOnlyAttribute", "MissingMatchingAttribute"]
    );
    assert!(problems[0].message.ends_with("did you mean 'displayName'?"), "{}", problems[0].message);
    assert_eq!(problems[1].target, "synchronizationRules[0].objectMappings[0].attributeMappings[1].source");
}

#[test]
fn a_target_attribute_is_mapped_once_and_references_directly() {
    let twice =
        mapping("User", vec![mapped("displayName", "[displayName]", 1), mapped("displayName", "\"x\"", 0)]);
    assert_eq!(problems(vec![twice])[0].0, "DuplicateTargetAttribute");
    let reference = mapping("User", vec![mapped("displayName", "[manager]", 1)]);
    assert_eq!(problems(vec![reference])[0].0, "TypeMismatch");
    let text = mapping(
        "User",
        vec![mapped("manager", "[displayName]", 0), mapped("displayName", "[displayName]", 1)],
    );
    assert_eq!(problems(vec![text])[0].0, "TypeMismatch");
}

#[test]
fn one_source_type_has_one_mapping() {
    let user = || mapping("User", vec![mapped("displayName", "[displayName]", 1)]);
    assert_eq!(problems(vec![user(), user()])[0].0, "DuplicateObjectMapping");
}
