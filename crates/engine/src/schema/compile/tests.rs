use super::*;
use crate::schema::definition::{Directory, FilterClause, FilterGroup, ObjectDefinition, ScopeFilter};

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
        ..ObjectDefinition::default()
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
        ["UnknownAttribute", "UnknownAttribute", "ReadOnlyAttribute", "MissingMatchingAttribute"]
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

/// The problems of the schema of one user mapping, after a change, as a person reads them.
fn told(change: impl FnOnce(&mut Definition)) -> String {
    let user =
        mapping("User", vec![mapped("displayName", "[displayName]", 1), mapped("manager", "[manager]", 0)]);
    let mut definition = schema(vec![user]);
    for directory in &mut definition.directories {
        for name in ["enabled", "level", "hired", "photo"] {
            let kind = match name {
                "enabled" => AttributeType::Boolean,
                "level" => AttributeType::Integer,
                "hired" => AttributeType::DateTime,
                _ => AttributeType::Binary,
            };
            directory.objects[0].attributes.push(attribute(name, kind, false));
        }
    }
    change(&mut definition);
    match compile(&definition) {
        Ok(_) => "fine".into(),
        Err(problems) => {
            let line =
                |problem: &Problem| format!("{} {}: {}", problem.code, problem.target, problem.message);
            problems.iter().map(line).collect::<Vec<_>>().join("\n")
        }
    }
}

/// The problems of one more attribute mapping.
fn mapping_told(target: &str, expression: &str) -> String {
    told(|schema| schema.rules[0].mappings[0].attributes.push(mapped(target, expression, 0)))
}

#[test]
fn every_problem_of_a_mapping_says_what_to_do() {
    insta::assert_snapshot!(mapping_told("levle", "[level]"), @"UnknownAttribute synchronizationRules[0].objectMappings[0].attributeMappings[2].targetAttributeName: the target object type 'User' has no attribute 'levle'; did you mean 'level'?");
    insta::assert_snapshot!(mapping_told("displayName", "[displayName]"), @"DuplicateTargetAttribute synchronizationRules[0].objectMappings[0].attributeMappings[2].targetAttributeName: 'displayName' is the target of two attribute mappings; keep one");
    insta::assert_snapshot!(mapping_told("id", "[id]"), @"ReadOnlyAttribute synchronizationRules[0].objectMappings[0].attributeMappings[2].targetAttributeName: 'id' is given by the target and cannot be mapped");
    insta::assert_snapshot!(mapping_told("level", "[levle]"), @r"
        UnknownAttribute synchronizationRules[0].objectMappings[0].attributeMappings[2].source: error[unknown-attribute]: the source has no attribute `levle`
         --> expression:1:1
          |
        1 | [levle]
          | ^^^^^^^
          |
          = help: did you mean `[level]`?
        ");
    insta::assert_snapshot!(mapping_told("level", "Joine([level])"), @r"
        UnknownFunction synchronizationRules[0].objectMappings[0].attributeMappings[2].source: error[unknown-function]: no function is called `Joine`
         --> expression:1:1
          |
        1 | Joine([level])
          | ^^^^^
          |
          = help: did you mean `Join`?
        ");
    insta::assert_snapshot!(mapping_told("level", "Join("), @r"
        InvalidExpression synchronizationRules[0].objectMappings[0].attributeMappings[2].source: error[syntax]: the end of the expression comes too early
         --> expression:1:6
          |
        1 | Join(
          |      ^ expected a function, an attribute or a constant
        ");
    insta::assert_snapshot!(mapping_told("members", "[displayName]"), @"TypeMismatch synchronizationRules[0].objectMappings[0].attributeMappings[2].source: 'members' is a reference: map it directly from a reference attribute such as [manager]");
    insta::assert_snapshot!(mapping_told("level", "[manager]"), @"TypeMismatch synchronizationRules[0].objectMappings[0].attributeMappings[2].source: the reference attribute 'manager' can only be mapped directly to a reference");
    insta::assert_snapshot!(told(|schema| schema.rules[0].mappings[0].attributes[1].matching_priority = 2), @"TypeMismatch synchronizationRules[0].objectMappings[0].attributeMappings[1].matchingPriority: 'manager' is a reference, and objects cannot be matched by references; set its matchingPriority to 0 and match by a text such as a user name");
    insta::assert_snapshot!(told(|schema| schema.rules[0].mappings[0].attributes[0].matching_priority = 0), @"MissingMatchingAttribute synchronizationRules[0].objectMappings[0].attributeMappings: the object mapping 'User' has no matching attribute: give at least one attribute mapping a matchingPriority of 1");
}

#[test]
fn values_that_can_never_fit_are_refused() {
    insta::assert_snapshot!(mapping_told("enabled", "\"yes\""), @"TypeMismatch synchronizationRules[0].objectMappings[0].attributeMappings[2].source: the constant 'yes' is not true or false, which 'enabled' holds");
    insta::assert_snapshot!(mapping_told("level", "\"high\""), @"TypeMismatch synchronizationRules[0].objectMappings[0].attributeMappings[2].source: the constant 'high' is not a whole number, which 'level' holds");
    insta::assert_snapshot!(mapping_told("enabled", "[hired]"), @"TypeMismatch synchronizationRules[0].objectMappings[0].attributeMappings[2].source: the attribute 'hired' gives a DateTime, which can never be the Boolean that 'enabled' holds; map another attribute or convert it");
    insta::assert_snapshot!(mapping_told("level", "Not([enabled])"), @"TypeMismatch synchronizationRules[0].objectMappings[0].attributeMappings[2].source: the function 'Not' gives a Boolean, which can never be the Integer that 'level' holds; map another attribute or convert it");
    insta::assert_snapshot!(mapping_told("level", "[level] = 3"), @"TypeMismatch synchronizationRules[0].objectMappings[0].attributeMappings[2].source: the comparison gives a Boolean, which can never be the Integer that 'level' holds; map another attribute or convert it");
    insta::assert_snapshot!(mapping_told("hired", "[photo]"), @"TypeMismatch synchronizationRules[0].objectMappings[0].attributeMappings[2].source: the attribute 'photo' gives a Binary, which can never be the DateTime that 'hired' holds; map another attribute or convert it");
    let default = |target: &str, default: &str| {
        let mapped = AttributeMapping {
            target: target.into(),
            default: Some(default.into()),
            ..AttributeMapping::default()
        };
        told(|schema| schema.rules[0].mappings[0].attributes.push(mapped))
    };
    insta::assert_snapshot!(default("level", "x"), @"TypeMismatch synchronizationRules[0].objectMappings[0].attributeMappings[2].defaultValue: the default 'x' is not a whole number, which 'level' holds");
    assert_eq!(default("level", "3"), "fine");
}

#[test]
fn what_may_turn_out_to_fit_is_not_refused() {
    let rows = [
        ("enabled", "[displayName]"),
        ("enabled", "\"TRUE\""),
        ("enabled", "Not([enabled])"),
        ("enabled", "True"),
        ("level", "[displayName]"),
        ("level", "7"),
        ("level", "IIF([enabled], \"1\", \"2\")"),
        ("hired", "[displayName]"),
        ("hired", "Now()"),
        ("photo", "[photo]"),
    ];
    for (target, expression) in rows {
        assert_eq!(mapping_told(target, expression), "fine", "{target} <- {expression}");
    }
}

#[test]
fn every_problem_of_a_definition_says_what_to_do() {
    insta::assert_snapshot!(told(|schema| schema.rules.clear()), @"MissingSynchronizationRules synchronizationRules: the schema has no synchronization rules; give at least one");
    insta::assert_snapshot!(told(|schema| schema.rules[0].target_directory = "u".into()), @"UnknownDirectory synchronizationRules[0].targetDirectoryName: the schema has no directory 'u', which the rule '' names as its target; add it to directories, or name one that is there");
    insta::assert_snapshot!(told(|schema| schema.rules[0].mappings[0].source_object = "Usr".into()), @"UnknownObject synchronizationRules[0].objectMappings[0].sourceObjectName: the source directory 's' has no object type 'Usr'; name one that is listed in the schema's directories; did you mean 'User'?");
    insta::assert_snapshot!(told(|schema| {
        schema.directories[1].name = "s".into();
        schema.rules[0].target_directory = "s".into();
    }), @r"
        CircularReference synchronizationRules[0].targetDirectoryName: the rule '' reads and writes the same directory 's': what it writes would be what it reads next; name two directories
        DuplicateDirectory directories[1].name: two directories are called 's'; rules refer to directories by name, so give one another name
        ");
    insta::assert_snapshot!(told(|schema| {
        let mut second = schema.rules[0].clone();
        schema.rules[0].id = "r".into();
        (second.id, second.name) = ("R".into(), "other".into());
        second.mappings[0].enabled = false;
        schema.rules.push(second);
    }), @"DuplicateRule synchronizationRules[1].id: two rules have the id 'R'; give one of them another id");
    insta::assert_snapshot!(told(|schema| {
        let second = ObjectMapping { enabled: false, ..schema.rules[0].mappings[0].clone() };
        schema.rules[0].mappings.push(second);
    }), @"DuplicateObjectMapping synchronizationRules[0].objectMappings[1].name: two object mappings of the rule are called 'User'; rename one of them");
    insta::assert_snapshot!(told(|schema| {
        let second = ObjectMapping { name: "other".into(), ..schema.rules[0].mappings[0].clone() };
        schema.rules[0].mappings.push(second);
    }), @"DuplicateObjectMapping synchronizationRules[0].objectMappings[1]: 'User' is the source of two enabled object mappings that take every object; give one of them categoryFilterGroups that say which objects it takes, disable one, or use two jobs");
    insta::assert_snapshot!(told(|schema| {
        let mut second = ObjectMapping { name: "other".into(), ..schema.rules[0].mappings[0].clone() };
        second.target_object = "Group".into();
        second.scope = Some(by_category("displayName"));
        schema.rules[0].mappings.push(second);
    }), @"DuplicateObjectMapping synchronizationRules[0].objectMappings[1]: 'User' is the source of two enabled object mappings that lead from 'User' of 's' to 'User' of 't' and from 'User' of 's' to 'Group' of 't'; such mappings must lead from one object type to one other; use two jobs");
    insta::assert_snapshot!(told(|schema| {
        let user = schema.directories[0].objects[0].clone();
        schema.directories[0].objects.push(user);
    }), @"DuplicateObject directories[0].objects[2].name: the directory 's' has two object types 'User'");
    insta::assert_snapshot!(told(|schema| {
        let again = schema.directories[0].objects[0].attributes[0].clone();
        schema.directories[0].objects[0].attributes.push(again);
    }), @"DuplicateAttribute directories[0].objects[0].attributes[8].name: the object type 'User' has two attributes 'displayName'; keep one");
    insta::assert_snapshot!(told(|schema| schema.directories[0].objects[0].attributes[0].anchor = true), @"SeveralAnchors directories[0].objects[0].attributes: the object type 'User' has several anchors (displayName, id); the anchor is the one immutable id: mark one");
}

#[test]
fn circles_are_refused_but_not_those_of_references() {
    insta::assert_snapshot!(told(|schema| {
        schema.directories[0].objects[0].base = Some("Group".into());
        schema.directories[0].objects[1].base = Some("User".into());
    }), @r"
        CircularReference directories[0].objects[0].metadata: the object type 'User' is derived from itself: User > Group > User; break the circle
        CircularReference directories[0].objects[1].metadata: the object type 'Group' is derived from itself: Group > User > Group; break the circle
        ");
    insta::assert_snapshot!(told(|schema| {
        let attributes = &mut schema.directories[1].objects[0].attributes;
        attributes[0].base = Some("level".into());
        attributes.last_mut().unwrap().base = Some("displayName".into());
        attributes[5].base = Some("displayName".into());
    }), @r"
        CircularReference directories[1].objects[0].attributes[0].metadata: the attribute 'displayName' is a part of itself: displayName > level > displayName; break the circle
        CircularReference directories[1].objects[0].attributes[5].metadata: the attribute 'level' is a part of itself: level > displayName > level; break the circle
        ");
    let references = told(|schema| {
        for object in &mut schema.directories[0].objects {
            object.attributes[1].refers_to = vec!["Group".into(), "User".into()];
        }
    });
    assert_eq!(references, "fine");
}

fn by_category(attribute: &str) -> ScopeFilter {
    let clause =
        FilterClause { attribute: attribute.into(), operator: "EQUALS".into(), values: vec!["x".into()] };
    let group = FilterGroup { name: "category".into(), clauses: vec![clause] };
    ScopeFilter { category_groups: vec![group], ..ScopeFilter::default() }
}

#[test]
fn mappings_told_apart_by_category_read_and_write_the_same() {
    let mut contractors = mapping(
        "User",
        vec![
            mapped("id2", "[id2]", 0),
            mapped("displayName", "Append([displayName], \" (ext)\")", 1),
            mapped("manager", "[manager]", 0),
        ],
    );
    contractors.name = "contractors".into();
    contractors.scope = Some(by_category("kind"));
    let mut definition =
        schema(vec![contractors, mapping("User", vec![mapped("displayName", "[displayName]", 1)])]);
    for directory in &mut definition.directories {
        let further = ["id2", "kind"].map(|name| attribute(name, AttributeType::String, false));
        directory.objects[0].attributes.extend(further);
    }
    let schema = compile(&definition).unwrap();
    let [first, second] = &schema.mappings[..] else { panic!("{schema:?}") };
    let sides = |mapping: &Mapping| format!("{:?} {:?}", mapping.source, mapping.target);
    assert_eq!(sides(first), sides(second));
    assert_eq!((first.follows, second.follows), (None, Some(0)));
    assert_eq!(schema.mapping_of("user"), Some(0));
    let slot = first.source.attributes.iter().position(|attribute| &*attribute.name == "kind").unwrap();
    let chosen = |kind: &str| {
        let mut values = vec![Value::Null; first.source.attributes.len()];
        values[slot] = Value::from(kind);
        schema.choose(0, &values).unwrap().attributes.len()
    };
    assert_eq!((chosen("x"), chosen("y")), (first.attributes.len(), second.attributes.len()));
}

#[test]
fn no_problem_hides_another() {
    // What is wrong with the source of a mapping is told beside what is wrong with its target.
    let told = told(|schema| {
        schema.rules[0].target_directory = "s".into();
        let mapping = &mut schema.rules[0].mappings[0];
        mapping.attributes = vec![
            mapped("levle", "Joine([nothing])", 0),
            mapped("level", "Not([nobody])", 0),
            mapped("id", "Join(", 0),
            mapped("members", "[nowhere]", 0),
        ];
        let clause =
            FilterClause { attribute: "nix".into(), operator: "LIKES".into(), ..FilterClause::default() };
        let group = FilterGroup { name: "g".into(), clauses: vec![clause] };
        mapping.scope = Some(ScopeFilter { groups: vec![group], ..ScopeFilter::default() });
    });
    let head = |line: &str| {
        let (code, target) = line.split(": ").next()?.split_once(" synchronizationRules[0].")?;
        Some(format!("{code} {}", target.replace("objectMappings[0].", "")))
    };
    let heads: Vec<String> = told.lines().filter_map(head).collect();
    insta::assert_snapshot!(heads.join("\n"), @r"
        CircularReference targetDirectoryName
        UnknownAttribute attributeMappings[0].targetAttributeName
        UnknownFunction attributeMappings[0].source
        UnknownAttribute attributeMappings[0].source
        TypeMismatch attributeMappings[1].source
        UnknownAttribute attributeMappings[1].source
        ReadOnlyAttribute attributeMappings[2].targetAttributeName
        InvalidExpression attributeMappings[2].source
        TypeMismatch attributeMappings[3].source
        UnknownAttribute attributeMappings[3].source
        UnknownOperator scope.groups[0].clauses[0].operatorName
        UnknownAttribute scope.groups[0].clauses[0].sourceOperandName
        MissingMatchingAttribute attributeMappings
        ");
}

#[test]
fn an_unknown_object_type_hides_nothing_that_can_be_told_without_it() {
    let codes = told(|schema| {
        let mapping = &mut schema.rules[0].mappings[0];
        mapping.target_object = "Usr".into();
        mapping.attributes = vec![mapped("a", "Joine([displayName])", 0), mapped("b", "[dispayName]", 0)];
    });
    let codes: Vec<&str> = codes
        .lines()
        .filter(|line| line.contains("synchronizationRules"))
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert_eq!(codes, ["UnknownObject", "UnknownFunction", "UnknownAttribute", "MissingMatchingAttribute"]);
}

#[test]
fn a_unique_value_is_for_new_objects_and_never_matched_by() {
    let select = "SelectUniqueValue([displayName], \"x\")";
    insta::assert_snapshot!(told(|schema| schema.rules[0].mappings[0].attributes[0] = mapped("displayName", select, 1)), @"InvalidExpression synchronizationRules[0].objectMappings[0].attributeMappings[0].source: 'displayName' is a matching attribute, and SelectUniqueValue chooses a value only when nothing matches: map it from something that stays, or match by another attribute");
    let mut definition = schema(vec![mapping("User", vec![mapped("displayName", "[displayName]", 1)])]);
    definition.directories[1].objects[0].attributes.push(attribute("nick", AttributeType::String, false));
    definition.rules[0].mappings[0].attributes.push(mapped("nick", select, 0));
    let schema = compile(&definition).unwrap();
    assert_eq!(schema.mappings[0].attributes[1].flow_type, FlowType::ObjectAddOnly);
}

#[test]
fn names_that_are_missing_are_told_as_missing() {
    insta::assert_snapshot!(told(|schema| {
        schema.rules[0].source_directory = String::new();
        schema.rules[0].mappings[0].attributes.push(mapped("", "[displayName]", 0));
    }), @r"
        MissingName synchronizationRules[0].sourceDirectoryName: the rule '' names no source directory: give sourceDirectoryName
        MissingName synchronizationRules[0].objectMappings[0].attributeMappings[2].targetAttributeName: the attribute mapping names no target attribute: give targetAttributeName
        ");
    insta::assert_snapshot!(told(|schema| schema.rules[0].mappings[0].target_object = String::new()), @"MissingName synchronizationRules[0].objectMappings[0].targetObjectName: the object mapping names no target object type: give targetObjectName");
}

#[test]
fn a_urn_in_common_makes_no_likeness() {
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:";
    let known = ["department", "costCenter", "manager"].map(|name| format!("{enterprise}{name}"));
    let near = |name: &str| suggestion(name, known.iter().map(String::as_str));
    assert_eq!(near(&format!("{enterprise}departmnt")), format!("; did you mean '{}'?", known[0]));
    assert_eq!(near(&format!("{enterprise}shoeSize")), "");
    let wrong_urn = "urn:ietf:params:scim:schemas:extension:enterprize:2.0:User:department";
    assert_eq!(near(wrong_urn), format!("; did you mean '{}'?", known[0]));
}
