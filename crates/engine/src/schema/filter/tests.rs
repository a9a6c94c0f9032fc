use std::sync::Arc;

use super::*;
use crate::schema::definition::{AttributeDefinition, ObjectDefinition};

/// A source object type with one attribute of each type.
fn person() -> ObjectDefinition {
    let attribute = |name: &str, attribute_type| AttributeDefinition {
        name: name.into(),
        attribute_type,
        ..AttributeDefinition::default()
    };
    ObjectDefinition {
        name: "User".into(),
        attributes: vec![
            attribute("department", AttributeType::String),
            attribute("level", AttributeType::Integer),
            attribute("accountEnabled", AttributeType::Boolean),
            attribute("hired", AttributeType::DateTime),
            attribute("photo", AttributeType::Binary),
            attribute("manager", AttributeType::Reference),
            AttributeDefinition { multivalued: true, ..attribute("otherMails", AttributeType::String) },
        ],
        ..ObjectDefinition::default()
    }
}

fn clause(attribute: &str, operator: &str, values: &[&str]) -> FilterClause {
    FilterClause {
        attribute: attribute.into(),
        operator: operator.into(),
        values: values.iter().map(|value| (*value).into()).collect(),
    }
}

fn group(name: &str, clauses: Vec<FilterClause>) -> FilterGroup {
    FilterGroup { name: name.into(), clauses }
}

fn compiled(groups: &[FilterGroup]) -> Result<Option<Filter>, Vec<ClauseProblem>> {
    let person = person();
    // The tests know the slots: attributes in the order in which the clauses name them.
    Filter::compile(groups, &mut SourceSlots::new(&person))
}

/// How one clause judges one value.
fn judged(attribute: &str, operator: &str, operands: &[&str], value: Value) -> ClauseResult {
    let filter = compiled(&[group("g", vec![clause(attribute, operator, operands)])]).unwrap().unwrap();
    filter.evaluate(&[value]).1.remove(0)
}

fn null(attribute: &str, operator: &str, operands: &[&str]) -> [bool; 3] {
    [Value::Null, Value::from(""), Value::List(Vec::new().into())]
        .map(|value| judged(attribute, operator, operands, value).holds)
}

/// Checks rows of operands, value and answer, and that nothing makes the operator false.
fn table(attribute: &str, operator: &str, rows: &[(&[&str], &str, bool)]) {
    for (operands, value, wanted) in rows {
        let result = judged(attribute, operator, operands, Value::from(*value));
        assert_eq!(result.holds, *wanted, "{value:?} {operator} {operands:?}");
    }
    assert_eq!(null(attribute, operator, rows[0].0), [false; 3], "{operator} on nothing");
}

#[test]
fn equals_is_the_same_text() {
    let rows: &[(&[&str], &str, bool)] = &[
        (&["Engineering"], "Engineering", true),
        (&["Engineering"], "engineering", false),
        (&["Engineering"], " Engineering", false),
        (&["Sales", "Engineering"], "Engineering", true),
        (&["Sales", "Legal"], "Engineering", false),
    ];
    table("department", "EQUALS", rows);
    table("department", "EQ", rows);
    table("level", "EQUALS", &[(&["7"], "7", true), (&["7"], "07", false)]);
    table("accountEnabled", "EQUALS", &[(&["true"], "True", true), (&["True"], "False", false)]);
}

#[test]
fn not_equals_is_another_text() {
    let rows: &[(&[&str], &str, bool)] = &[
        (&["Engineering"], "Engineering", false),
        (&["Engineering"], "engineering", true),
        (&["Sales", "Engineering"], "Engineering", false),
        (&["Sales", "Legal"], "Engineering", true),
    ];
    table("department", "NOT EQUALS", rows);
    table("department", "not_equals", rows);
    table("accountEnabled", "NOT EQUALS", &[(&["true"], "True", false), (&["true"], "False", true)]);
}

#[test]
fn is_true_and_is_false_look_at_booleans() {
    table("accountEnabled", "IS TRUE", &[(&[], "True", true), (&[], "true", true), (&[], "False", false)]);
    table(
        "accountEnabled",
        "IS FALSE",
        &[(&[], "True", false), (&[], "False", true), (&["True"], "false", true)],
    );
    assert!(judged("accountEnabled", "IsTrue", &[], Value::from(true)).holds);
}

#[test]
fn is_null_alone_holds_for_nothing() {
    for (attribute, operator) in [("department", "IS NULL"), ("hired", "IS_NULL"), ("photo", "isnull")] {
        assert_eq!(null(attribute, operator, &[]), [true; 3], "{attribute}");
        assert!(!judged(attribute, operator, &[], Value::from("x")).holds, "{attribute}");
    }
}

#[test]
fn is_not_null_and_present_want_a_value() {
    table("department", "IS NOT NULL", &[(&[], "x", true), (&[], " ", true)]);
    table("department", "PRESENT", &[(&[], "x", true)]);
    assert!(judged("photo", "IS NOT NULL", &[], Value::Binary(Arc::from(*b"x"))).holds);
}

#[test]
fn regex_match_searches_anywhere() {
    let rows: &[(&[&str], &str, bool)] = &[
        (&["[1-9][0-9]"], "room 42b", true),
        (&["^(DK|SE)$"], "SE", true),
        (&["^(DK|SE)$"], "USE", false),
        (&["eng"], "Engineering", false),
        (&["(?i)^eng"], "Engineering", true),
        (&["x", "ing$"], "Engineering", true),
        // .NET's own: a group that only looks, and a pattern that names a Unicode class.
        (&[r"^(?!Eng)\p{Lu}"], "Sales", true),
        (&[r"^(?!Eng)\p{Lu}"], "Engineering", false),
    ];
    table("department", "REGEX MATCH", rows);
    table("department", "REGEX_MATCH", rows);
    table("level", "REGEX MATCH", &[(&["^1"], "12", true)]);
}

#[test]
fn not_regex_match_finds_nothing_anywhere() {
    let rows: &[(&[&str], &str, bool)] = &[
        (&["^Eng"], "Sales", true),
        (&["^Eng"], "Engineering", false),
        (&["x", "ing$"], "Engineering", false),
        (&["x", "y"], "Engineering", true),
    ];
    table("department", "NOT REGEX MATCH", rows);
}

#[test]
fn greater_than_compares_whole_numbers() {
    let rows: &[(&[&str], &str, bool)] =
        &[(&["9"], "10", true), (&["9"], "9", false), (&["9"], "-10", false), (&["9"], "ten", false)];
    table("level", "GREATER_THAN", rows);
    table("level", "Greater_Than", rows);
    table(
        "level",
        "GREATER_THAN_OR_EQUALS",
        &[(&["9"], "9", true), (&["9"], "8", false), (&["0"], "0", true)],
    );
    let result = judged("level", "GREATER THAN", &["9"], Value::from("ten"));
    assert_eq!(result.why, Some("the value is no whole number from 0 on"));
}

#[test]
fn includes_and_ends_with_look_into_the_value() {
    let rows: &[(&[&str], &str, bool)] = &[
        (&["neer"], "Engineering", true),
        (&["Neer"], "Engineering", false),
        (&["x", "ing"], "Engineering", true),
    ];
    table("department", "INCLUDES", rows);
    table("department", "Contains", rows);
    let rows: &[(&[&str], &str, bool)] = &[
        (&["ing"], "Engineering", true),
        (&["ING"], "Engineering", false),
        (&["Eng"], "Engineering", false),
    ];
    table("department", "ENDS_WITH", rows);
}

#[test]
fn ampersand_looks_into_the_operand() {
    let rows: &[(&[&str], &str, bool)] = &[
        (&["Sales;Engineering"], "Sales", true),
        (&["Sales;Engineering"], "sales", false),
        (&["Sales;Engineering"], "Legal", false),
        (&["Legal", "Sales"], "Sales", true),
    ];
    table("department", "&", rows);
    let opposite: Vec<_> = rows.iter().map(|(operands, value, holds)| (*operands, *value, !holds)).collect();
    table("department", "!&", &opposite);
    table("department", "!&L", &opposite);
}

#[test]
fn of_several_values_all_must_hold() {
    let list = |values: &[&str]| Value::List(values.iter().map(|value| Value::from(*value)).collect());
    let holds = |operator: &str, operand: &str, values: &[&str]| {
        judged("department", operator, &[operand], list(values)).holds
    };
    assert!(holds("EQUALS", "a", &["a", "a"]));
    assert!(!holds("EQUALS", "a", &["a", "b"]));
    assert!(!holds("NOT EQUALS", "a", &["a", "b"]));
    assert!(holds("NOT EQUALS", "a", &["b", "c"]));
    assert!(holds("REGEX MATCH", "^a", &["ab", "ac"]));
}

#[test]
fn every_operator_has_a_table_here() {
    let own = include_str!("tests.rs");
    for operator in operator::operators() {
        assert!(own.contains(&format!("\"{}\"", operator.name)), "{} is not tested", operator.name);
    }
}

#[test]
fn any_group_suffices_and_all_its_clauses_must_hold() {
    let groups = [
        group("a", vec![clause("department", "EQUALS", &["Sales"]), clause("level", "GREATER_THAN", &["3"])]),
        group("b", vec![clause("accountEnabled", "IS FALSE", &[])]),
    ];
    let filter = compiled(&groups).unwrap().unwrap();
    let passes = |department: &str, level: &str, enabled: &str| {
        filter.evaluate(&[department, level, enabled].map(Value::from)).0
    };
    assert!(passes("Sales", "4", "True"));
    assert!(!passes("Sales", "3", "True"));
    assert!(!passes("Legal", "4", "True"));
    assert!(passes("Legal", "0", "False"));
    assert!(compiled(&[]).unwrap().is_none());
    assert!(
        compiled(&[group("all", Vec::new()), group("a", vec![clause("level", "EQUALS", &["1"])])])
            .unwrap()
            .is_none()
    );
}

#[test]
fn a_pattern_that_cannot_end_is_told_and_does_not_hold() {
    let hostile = Value::from("a".repeat(5_000));
    let result = judged("department", "NOT REGEX MATCH", &["(a|a|aa)*(?=b)c"], hostile);
    assert_eq!((result.holds, result.why), (false, Some("the pattern takes too long on this text")));
    assert_eq!(result.title, "g.department NOT REGEX MATCH '(a|a|aa)*(?=b)c'");
}

/// What a person reads about a clause that cannot work.
fn problem(attribute: &str, operator: &str, operands: &[&str]) -> String {
    let problems = compiled(&[group("g", vec![clause(attribute, operator, operands)])]).unwrap_err();
    let lines =
        problems.iter().map(|problem| format!("{} {}: {}", problem.code, problem.place, problem.message));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_problem_of_a_filter_says_what_to_do() {
    insta::assert_snapshot!(problem("departmnt", "EQUALS", &["x"]), @"UnknownAttribute [0].clauses[0].sourceOperandName: the scoping filter uses the attribute 'departmnt', which the source object type 'User' does not have; did you mean 'department'?");
    insta::assert_snapshot!(problem("department", "EQUAL", &["x"]), @"UnknownOperator [0].clauses[0].operatorName: there is no operator 'EQUAL'; the operators are EQUALS, NOT EQUALS, IS TRUE, IS FALSE, IS NULL, IS NOT NULL, REGEX MATCH, NOT REGEX MATCH, GREATER_THAN, GREATER_THAN_OR_EQUALS, INCLUDES, ENDS_WITH, &, !&, PRESENT; did you mean 'EQUALS'?");
    insta::assert_snapshot!(problem("department", "IsMemberOf", &["x"]), @"UnknownOperator [0].clauses[0].operatorName: the operator 'IsMemberOf' is listed by Entra but not supported, there or here");
    insta::assert_snapshot!(problem("manager", "EQUALS", &["x"]), @"UnsupportedFilterAttribute [0].clauses[0].sourceOperandName: the scoping filter uses 'manager', which is a reference: no operator works on references; filter on a text attribute of the object itself");
    insta::assert_snapshot!(problem("otherMails", "INCLUDES", &["x"]), @"UnsupportedFilterAttribute [0].clauses[0].sourceOperandName: the scoping filter uses 'otherMails', which holds several values: no operator works on those; filter on an attribute with one value");
    insta::assert_snapshot!(problem("accountEnabled", "GREATER_THAN", &["1"]), @"OperatorNotSupported [0].clauses[0].operatorName: the operator 'GREATER_THAN' does not work on 'accountEnabled', which is a Boolean; on it work: EQUALS, NOT EQUALS, IS TRUE, IS FALSE, IS NULL, IS NOT NULL, PRESENT");
    insta::assert_snapshot!(problem("hired", "EQUALS", &["2026-01-01"]), @"OperatorNotSupported [0].clauses[0].operatorName: the operator 'EQUALS' does not work on 'hired', which is a DateTime; on it work: IS NULL, IS NOT NULL, PRESENT");
    insta::assert_snapshot!(problem("department", "EQUALS", &[]), @"MissingOperand [0].clauses[0].targetOperand: the clause 'department EQUALS' of the scoping filter needs a value to compare with, in targetOperand.values");
    insta::assert_snapshot!(problem("department", "REGEX MATCH", &["("]), @"InvalidPattern [0].clauses[0].targetOperand: the pattern '(' of the scoping filter on 'department' cannot be run: the regular expression has a `(` without its `)`");
    insta::assert_snapshot!(problem("level", "GREATER_THAN", &["-1"]), @"InvalidOperand [0].clauses[0].targetOperand: the operator 'GREATER_THAN' on 'level' compares with one whole number from 0 on, not with '-1'");
    insta::assert_snapshot!(problem("level", "GREATER_THAN", &["1", "2"]), @"InvalidOperand [0].clauses[0].targetOperand: the operator 'GREATER_THAN' on 'level' compares with one whole number from 0 on, not with '1', '2'");
    insta::assert_snapshot!(problem("accountEnabled", "EQUALS", &["True", "yes"]), @"InvalidOperand [0].clauses[0].targetOperand: the operator 'EQUALS' on 'accountEnabled', which is a Boolean, compares with True or False, not with 'yes'");
    insta::assert_snapshot!(problem("level", "NOT EQUALS", &["one"]), @"InvalidOperand [0].clauses[0].targetOperand: the operator 'NOT EQUALS' on 'level', which is an Integer, compares with a whole number, not with 'one'");
    insta::assert_snapshot!(problem("", "", &[]), @r"
        UnknownOperator [0].clauses[0].operatorName: the clause of the scoping filter names no operator: give operatorName, one of EQUALS, NOT EQUALS, IS TRUE, IS FALSE, IS NULL, IS NOT NULL, REGEX MATCH, NOT REGEX MATCH, GREATER_THAN, GREATER_THAN_OR_EQUALS, INCLUDES, ENDS_WITH, &, !&, PRESENT
        MissingName [0].clauses[0].sourceOperandName: the clause of the scoping filter names no attribute: give sourceOperandName
        ");
    let many: Vec<String> = (0..65).map(|number| number.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    insta::assert_snapshot!(problem("department", "REGEX MATCH", &many), @"InvalidPattern [0].clauses[0].targetOperand: the filter has more than 64 regular expressions");
}
