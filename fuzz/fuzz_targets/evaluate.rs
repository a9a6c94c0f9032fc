//! Any tree of known functions over any values ends in a value or an error that says something, and a
//! traced evaluation ends in the same.

#![no_main]

use std::sync::Arc;

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use provisor_expression::{
    Expression, Function, Keyword, Located, Node, Operator, Span, Value, compile, functions, parse,
};

mod plain;

/// Texts that functions have opinions about.
const TEXTS: [&str; 28] = [
    "",
    "True",
    "0",
    "-1",
    "2",
    "9223372036854775807",
    "-9223372036854775808",
    "yyyy",
    "m",
    "ww",
    "2021-03-09T10:00:00Z",
    "9999-12-31",
    "0001-01-01",
    "12/31/2025 12:00:00 AM",
    "yyyy-MM-dd'T'HH:mm:ss.FFFzzz",
    "(a|a|aa)*$",
    "(?<n>\\d+)(?=.)",
    "n",
    "$1${n}$&$'$`$+$_$$",
    "AllowWhiteSpaces",
    "&HF7",
    "tr-TR",
    "ß😀éå",
    "cn=Doe\\, Joe,ou=Sales",
    "SABlAA==",
    ",",
    "vbTextCompare",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
];

const OPERATORS: [Operator; 6] = [
    Operator::Equal,
    Operator::NotEqual,
    Operator::Less,
    Operator::LessOrEqual,
    Operator::Greater,
    Operator::GreaterOrEqual,
];

fn located(node: Node) -> Located {
    Located { node, span: Span::default() }
}

fn text<'a>(input: &mut Unstructured<'a>) -> Result<&'a str> {
    if input.ratio(2, 3)? { Ok(*input.choose(&TEXTS)?) } else { input.arbitrary() }
}

/// A node that may stand beside `&`.
fn primary(input: &mut Unstructured<'_>, depth: u8) -> Result<Node> {
    let written = |text: &str| parse(text).map_or_else(|_| Node::text(text), |read| read.node().clone());
    Ok(match input.int_in_range(0..=11)? {
        0 | 1 => Node::text(text(input)?),
        2 | 3 => Node::Attribute((*input.choose(&["a", "b", "list", "none"])?).into()),
        4 => written(&input.arbitrary::<i64>()?.to_string()),
        5 => written(input.choose(&["True", "NULL", "12.50", "&HF7", "%Domain%", "IgnoreAttributeFlow"])?),
        6 => Node::Keyword(*input.choose(&[
            Keyword::IgnoreObjectFlow,
            Keyword::VbTextCompare,
            Keyword::Utf8,
        ])?),
        _ if depth == 0 => Node::text(text(input)?),
        _ => call(input, depth - 1)?,
    })
}

fn call(input: &mut Unstructured<'_>, depth: u8) -> Result<Node> {
    let function: &'static Function = *input.choose(functions())?;
    let required = function.parameters.iter().filter(|parameter| parameter.required).count();
    let repeats = function.parameters.last().is_some_and(|last| last.repeats);
    let most = if repeats { 7 } else { function.parameters.len() };
    let count = input.int_in_range(required.min(most)..=most)?;
    let mut arguments = Vec::new();
    for index in 0..count {
        let needed = function.parameters.get(index).is_some_and(|parameter| parameter.required);
        let given = needed || input.ratio(4, 5)?;
        arguments.push(if given { Some(located(operand(input, depth)?)) } else { None });
    }
    if function.paired && !arguments.len().is_multiple_of(2) {
        arguments.push(Some(located(Node::text("x"))));
    }
    // `F()` has no argument, not one that is left out.
    if matches!(arguments[..], [None]) {
        arguments.clear();
    }
    Ok(Node::Function { name: function.name.into(), arguments })
}

fn operand(input: &mut Unstructured<'_>, depth: u8) -> Result<Node> {
    Ok(match input.int_in_range(0..=9)? {
        0 => Node::Comparison {
            operator: *input.choose(&OPERATORS)?,
            left: Box::new(located(primary(input, depth)?)),
            right: Box::new(located(primary(input, depth)?)),
        },
        1 => Node::Concatenation(vec![located(primary(input, depth)?), located(primary(input, depth)?)]),
        _ => primary(input, depth)?,
    })
}

fn value(input: &mut Unstructured<'_>) -> Result<Value> {
    Ok(match input.int_in_range(0..=5)? {
        0 => Value::Null,
        1 => Value::from(input.arbitrary::<i64>()?),
        2 => Value::Binary(input.arbitrary::<&[u8]>()?.into()),
        3 => Value::Record([(Arc::from("value"), Value::from(text(input)?))].into()),
        4 => Value::from(text(input)?.repeat(input.int_in_range(1..=200)?)),
        _ => Value::from(text(input)?),
    })
}

fn run(input: &mut Unstructured<'_>) -> Result<()> {
    let values = [value(input)?, value(input)?, Value::from(vec![value(input)?, value(input)?])];
    let node = operand(input, 5)?;
    let Ok(expression) = Expression::from_node(&node) else { return Ok(()) };
    let mut resolve =
        |name: &str| Some(["a", "b", "list"].iter().position(|known| *known == name).unwrap_or(9));
    let Ok(program) = compile(&expression, &mut resolve) else { return Ok(()) };
    let result = program.evaluate(&values, &plain::Plain);
    match &result {
        Ok(outcome) => drop(outcome.to_string()),
        Err(error) => assert!(!error.message.is_empty()),
    }
    assert_eq!(program.trace(&values, &plain::Plain).0, result);
    Ok(())
}

fuzz_target!(|bytes: &[u8]| {
    // Input that ends too early makes no tree.
    let _ = run(&mut Unstructured::new(bytes));
});
