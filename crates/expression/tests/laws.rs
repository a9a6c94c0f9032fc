//! What holds for every expression.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use proptest::prelude::*;
use provisor_expression::{
    Context, Expression, Function, Keyword, Located, Node, Operator, Span, Value, compile, functions, parse,
};

struct Plain;

impl Context for Plain {
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::UNIX_EPOCH
    }

    fn random_u64(&self) -> u64 {
        0x9e37_79b9_7f4a_7c15
    }

    fn exists_in_target(&self, value: &str) -> bool {
        value.len() > 3
    }
}

fn located(node: Node) -> Located {
    Located { node, span: Span::default() }
}

/// Texts that functions have opinions about, and any other.
fn texts() -> impl Strategy<Value = String> {
    let special = [
        "",
        "True",
        "0",
        "-1",
        "2",
        "9223372036854775807",
        "-9223372036854775808",
        "yyyy",
        "m",
        "d",
        "ww",
        "2021-03-09",
        "9999-12-31",
        "0001-01-01",
        "12/31/2025 12:00:00 AM",
        "yyyy-MM-dd",
        ".*",
        "(a|b)*$",
        "(?<n>\\d+)",
        "n",
        "$1${n}",
        "AllowWhiteSpaces",
        "&HF7",
        "tr-TR",
        "ß😀é",
        "\\\"",
        "SABlAA==",
        ",",
    ];
    prop_oneof![4 => proptest::sample::select(special.to_vec()).prop_map(str::to_owned), 1 => ".{0,12}"]
}

fn leaves() -> impl Strategy<Value = Node> {
    let number = prop_oneof!["-?[0-9]{1,20}", "[0-9]{1,3}\\.[0-9]{1,3}"];
    prop_oneof![
        3 => texts().prop_map(|text| Node::text(&text)),
        2 => proptest::sample::select(vec!["a", "b", "list", "none", "emails[type eq \"work\"].value"])
            .prop_map(|name| Node::Attribute(name.into())),
        2 => number.prop_map(|text| parse(&text).expect("a number").node().clone()),
        1 => proptest::sample::select(vec![Keyword::IgnoreObjectFlow, Keyword::IgnoreAttributeFlow])
            .prop_map(Node::Keyword),
        1 => proptest::sample::select(vec!["&HF7", "True", "false", "null", "%DomainFQDN%"])
            .prop_map(|text| parse(text).expect("a word").node().clone()),
    ]
}

/// A node that may stand beside `&`.
fn primaries() -> impl Strategy<Value = Node> {
    leaves().prop_recursive(4, 40, 6, |inner| {
        let argument =
            prop_oneof![6 => operands(inner).prop_map(|node| Some(located(node))), 1 => Just(None)];
        let function = proptest::sample::select(functions().to_vec());
        (function, proptest::collection::vec(argument, 0..8)).prop_map(call)
    })
}

/// A call that mostly has the arguments it needs.
fn call((function, mut arguments): (&'static Function, Vec<Option<Located>>)) -> Node {
    let parameters = function.parameters;
    if !parameters.last().is_some_and(|last| last.repeats) {
        arguments.truncate(parameters.len());
    }
    for (index, parameter) in parameters.iter().enumerate().filter(|(_, parameter)| parameter.required) {
        while arguments.len() <= index {
            arguments.push(None);
        }
        let interval = parameter.name == "interval";
        if interval || arguments[index].is_none() {
            arguments[index] = Some(located(Node::text(if interval { "d" } else { "2" })));
        }
    }
    if function.paired && !arguments.len().is_multiple_of(2) {
        arguments.push(Some(located(Node::text("x"))));
    }
    // `F()` has no argument, not one that is left out.
    if matches!(arguments[..], [None]) {
        arguments.clear();
    }
    Node::Function { name: function.name.into(), arguments }
}

fn operands(primary: impl Strategy<Value = Node> + Clone + 'static) -> impl Strategy<Value = Node> {
    let operators = vec![Operator::Equal, Operator::NotEqual, Operator::Less, Operator::GreaterOrEqual];
    let concatenation =
        proptest::collection::vec(primary.clone().prop_map(located), 2..4).prop_map(Node::Concatenation);
    let side = prop_oneof![5 => primary.clone(), 1 => concatenation.clone()];
    let comparison =
        (proptest::sample::select(operators), side.clone(), side).prop_map(|(operator, left, right)| {
            Node::Comparison { operator, left: Box::new(located(left)), right: Box::new(located(right)) }
        });
    prop_oneof![6 => primary, 1 => concatenation, 1 => comparison]
}

fn trees() -> impl Strategy<Value = Node> {
    operands(primaries().boxed())
}

/// Compiles and evaluates, whatever comes of it.
fn run(expression: &Expression, text: &str) {
    let role = Value::Record([(Arc::from("value"), Value::from("Admin"))].into());
    let values = [
        Value::from("2021-03-09"),
        Value::from(text),
        Value::from(vec![Value::from("x;y"), Value::from(7), role, Value::Binary([1, 2].into())]),
    ];
    let mut resolve =
        |name: &str| Some(["a", "b", "list"].iter().position(|known| *known == name).unwrap_or(9));
    let Ok(program) = compile(expression, &mut resolve) else { return };
    let result = program.evaluate(&values, &Plain);
    match &result {
        Ok(outcome) => drop(outcome.to_string()),
        Err(error) => assert!(!error.message.is_empty() && error.render("").contains(error.kind.as_str())),
    }
    assert_eq!(program.trace(&values, &Plain).0, result, "a traced evaluation ends in the same");
}

/// Patterns that a backtracking engine without bounds would never be done with.
fn hostile_patterns() -> impl Strategy<Value = String> {
    let pieces = [
        "a",
        "b",
        ".",
        "\\w",
        "[a-z]",
        "(a+)+",
        "(a*)*",
        "(a|a)*",
        "(a|aa)+",
        "(.*)*",
        "(?=a*b)",
        "(?!a+c)",
        "(?<=a)",
        "(?>a*)",
        "(a)\\1",
        "(?i)",
        "{1,40}",
        "{2,}",
        "*?",
        "+?",
        "^",
        "$",
        "|",
        "(?:a?){30}",
        "a{30}",
    ];
    proptest::collection::vec(proptest::sample::select(pieces.to_vec()), 1..8)
        .prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_printed_is_read_again(tree in trees()) {
        let text = tree.to_string();
        let expression = parse(&text).map_err(|error| TestCaseError::fail(error.render(&text)))?;
        prop_assert_eq!(expression.node(), &tree);
        prop_assert_eq!(expression.to_string(), text);
    }

    #[test]
    fn evaluation_never_panics(tree in trees(), text in texts()) {
        let expression = Expression::from_node(&tree).expect("a tree that can be written");
        run(&expression, &text);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[ \\[\\]()\",&%<>=a-cF0-9\\\\.\n“-]{0,40}|.{0,40}") {
        match parse(&text) {
            Ok(expression) => {
                prop_assert_eq!(&parse(&expression.to_string()).expect("canonical text"), &expression);
                run(&expression, "x");
            }
            Err(error) => prop_assert!(error.render(&text).contains(error.code.as_str())),
        }
    }
}

proptest! {
    // Fewer, because each does as much work as it may.
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn hostile_patterns_end(pattern in hostile_patterns(), length in 0_usize..9_000, end in "[abc\n]{0,2}") {
        let text = format!("{}{end}", "a".repeat(length));
        let pattern = provisor_expression::quote(&pattern);
        for expression in [
            format!("Replace([b], , {pattern}, , \"$0$1\", , )"),
            format!("Replace([b], , Append(\"\", {pattern}), , \"\", , )"),
        ] {
            run(&parse(&expression).expect("an expression"), &text);
        }
    }
}
