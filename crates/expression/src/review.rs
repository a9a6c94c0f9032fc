//! What a reader would object to in an expression that compiles: constant arguments with which it can never give a
//! value, and calls that do nothing.
//!
//! Compiling does not refuse these: branches that are not taken are not evaluated, so the expression still has a
//! meaning. Whoever saves it should be told all the same.

use jiff::Timestamp;

use crate::compile::compile;
use crate::context::Context;
use crate::date_format::parse_free;
use crate::diagnostic::{Code, Diagnostic, Span};
use crate::error::ErrorKind;
use crate::functions::{Function, Kind, Parameter, find};
use crate::tree::{Expression, Located, Node};
use crate::value::{Value, integer};

/// What there is to object to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Review {
    /// Constant arguments that fail for every object.
    pub impossible: Vec<Diagnostic>,
    /// Calls that give back what they got.
    pub pointless: Vec<Diagnostic>,
}

/// Looks through an expression.
#[must_use]
pub fn review(expression: &Expression) -> Review {
    let mut review = Review::default();
    look(expression.root(), &mut review);
    review
}

fn look(located: &Located, review: &mut Review) {
    match &located.node {
        Node::Function { name, arguments } => {
            if let Some(function) = find(name) {
                let problems = impossible(function, arguments, located);
                review.impossible.extend(problems);
                review.pointless.extend(pointless(function, arguments, located.span));
            }
            for argument in arguments.iter().flatten() {
                look(argument, review);
            }
        }
        Node::Comparison { left, right, .. } => {
            look(left, review);
            look(right, review);
        }
        Node::Concatenation(operands) => {
            for operand in operands {
                look(operand, review);
            }
        }
        Node::Attribute(_) | Node::Constant { .. } | Node::Keyword(_) | Node::Token(_) => {}
    }
}

/// The arguments of a call that can never be right.
fn impossible(function: &Function, arguments: &[Option<Located>], call: &Located) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for (index, argument) in arguments.iter().enumerate() {
        let (Some(argument), Some(parameter)) = (argument, function.parameter(index, arguments.len())) else {
            continue;
        };
        if let Some(wanted) = constant(argument).and_then(|value| unfit(function, parameter, value)) {
            let message = format!("the argument `{}` of `{}` {wanted}", parameter.name, function.name);
            problems.push(Diagnostic::new(Code::Argument, argument.span, message));
        }
    }
    if function.name == "Split" && arguments.get(1).is_none_or(Option::is_none) {
        let message =
            "the argument `delimiter` of `Split` has no value; name the character that separates the parts";
        problems.push(Diagnostic::new(Code::Argument, call.span, message));
    }
    if problems.is_empty() && arguments.iter().flatten().all(|argument| constant(argument).is_some()) {
        problems.extend(failing(function, arguments, call));
    }
    problems
}

fn constant(argument: &Located) -> Option<&Value> {
    match &argument.node {
        Node::Constant { value, .. } => Some(value),
        _ => None,
    }
}

/// Why a constant can never be what the parameter takes. Null and the empty text are no value at all.
fn unfit(function: &Function, parameter: &Parameter, value: &Value) -> Option<String> {
    let text = value.text().filter(|text| !text.is_empty())?;
    match parameter.kind {
        Kind::Integer => {
            let number = match value {
                Value::Number(number) => number.as_i64().or_else(|| integer(&text)),
                _ => integer(&text),
            };
            match number {
                None => Some(format!("is {text}, which is no whole number")),
                Some(number) if number < 1 && function.name == "Item" => {
                    Some(format!("is {number}; positions are counted from 1"))
                }
                Some(_) => None,
            }
        }
        Kind::DateTime => parse_free(&text).err().map(|problem| format!("is {text}: it {problem}")),
        _ => None,
    }
}

/// The failure of a call whose arguments are all constant.
fn failing(function: &Function, arguments: &[Option<Located>], call: &Located) -> Option<Diagnostic> {
    // What depends on more than its arguments, and what is meant to fail.
    if function.volatile || function.outermost || function.name == "Error" || arguments.is_empty() {
        return None;
    }
    let program = compile(&Expression::new(call.clone()), &mut |_| None).ok()?;
    let error = program.evaluate(&[], &Nowhere).err()?;
    let certain = matches!(
        error.kind,
        ErrorKind::Argument | ErrorKind::DateFormat | ErrorKind::DateRange | ErrorKind::Index
    );
    certain.then(|| Diagnostic::new(Code::Argument, error.span, format!("this always fails: {error}")))
}

/// Surroundings without anything in them.
struct Nowhere;

impl Context for Nowhere {
    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn random_u64(&self) -> u64 {
        0
    }

    fn exists_in_target(&self, _value: &str) -> bool {
        false
    }
}

/// `Replace` without what any of its modes needs gives back its source.
fn pointless(function: &Function, arguments: &[Option<Located>], span: Span) -> Option<Diagnostic> {
    let given = |index: usize| arguments.get(index).is_some_and(Option::is_some);
    if function.name != "Replace" || arguments.is_empty() {
        return None;
    }
    // By position: oldValue 1, regexPattern 2, regexGroupName 3, replacementValue 4, its attribute 5, template 6.
    let works = (given(2) && (given(4) || given(3) && given(5))) || (given(1) && (given(4) || given(6)));
    if works {
        return None;
    }
    let message = "this `Replace` gives its source unchanged: what is given of its optional arguments is none of its \
                   modes";
    let help = "the replacement is the fifth argument: Replace(source, \"old\", , , \"new\"), or with a pattern \
                Replace(source, , \"pattern\", , \"new\")";
    Some(Diagnostic::new(Code::Argument, span, message).suggest(Some(help.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::parse;

    fn told(texts: &[&str], of: fn(Review) -> Vec<Diagnostic>) -> String {
        let lines = texts.iter().map(|text| {
            let found = of(review(&parse(text).unwrap()));
            let found = found.iter().map(|told| format!("{}..{} {told}", told.span.start, told.span.end));
            format!("{text}: {}", found.collect::<Vec<_>>().join("; "))
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn constant_arguments_that_never_fit_are_named() {
        let texts = [
            "Left(\"abc\", \"x\")",
            "Left([a], \"x\")",
            "CDate(\"hello\")",
            "DateAdd(\"m\", \"one\", \"2024-01-01\")",
            "DateAdd(\"m\", 1, \"tomorrow\")",
            "Item([v], 0)",
            "Item(\"a\", 2)",
            "Split(\"abc\")",
            "Split([a], )",
            "IIF(IsPresent([a]), [a], NumFromDate(\"never\"))",
        ];
        insta::assert_snapshot!(told(&texts, |review| review.impossible), @r#"
        Left("abc", "x"): 12..15 the argument `NumChars` of `Left` is x, which is no whole number
        Left([a], "x"): 10..13 the argument `NumChars` of `Left` is x, which is no whole number
        CDate("hello"): 0..14 this always fails: CDate: the argument `expression` is no date in a known form such as 2020-03-16, 2020-03-16T07:00:00Z or 3/16/2020 7:00:00 AM
        DateAdd("m", "one", "2024-01-01"): 13..18 the argument `value` of `DateAdd` is one, which is no whole number
        DateAdd("m", 1, "tomorrow"): 16..26 the argument `dateTime` of `DateAdd` is tomorrow: it is no date in a known form such as 2020-03-16, 2020-03-16T07:00:00Z or 3/16/2020 7:00:00 AM
        Item([v], 0): 10..11 the argument `index` of `Item` is 0; positions are counted from 1
        Item("a", 2): 0..12 this always fails: Item: the index is none of 1 to 1, the values that there are
        Split("abc"): 0..12 the argument `delimiter` of `Split` has no value; name the character that separates the parts
        Split([a], ): 0..12 the argument `delimiter` of `Split` has no value; name the character that separates the parts
        IIF(IsPresent([a]), [a], NumFromDate("never")): 25..45 this always fails: NumFromDate: the argument `value` is no date in a known form such as 2020-03-16, 2020-03-16T07:00:00Z or 3/16/2020 7:00:00 AM
        "#);
    }

    #[test]
    fn what_may_be_right_is_let_be() {
        for text in [
            "Left([a], \"3\")",
            "Left([a], -1)",
            "Left([a], \"\")",
            "Item([v], [n])",
            "DateAdd(\"d\", 1, Now())",
            "BitAnd(&HF, \"2\")",
            "Error(\"no\")",
            "DefaultDomain()",
            "Switch([a], CDate([b]), \"k\", \"v\")",
            "SelectUniqueValue(\"a\", \"b\")",
        ] {
            assert_eq!(review(&parse(text).unwrap()), Review::default(), "{text}");
        }
    }

    #[test]
    fn examples_of_the_functions_pass() {
        for example in crate::functions::functions().iter().flat_map(|function| function.examples) {
            let found = review(&parse(example.expression).unwrap());
            assert_eq!(found, Review::default(), "{}", example.expression);
        }
    }

    #[test]
    fn replacing_nothing_is_told() {
        let texts = [
            "Replace([t], \"a\", \"b\")",
            "Replace([t])",
            "Replace([t], , , , \"b\")",
            "Replace([t], \"a\", , , \"b\")",
            "Replace([t], , \"a\", , \"b\", , )",
            "Replace([t], \"a\", , , , , \"x\")",
            "Replace([t], , \"a\", \"g\", , [b], )",
        ];
        insta::assert_snapshot!(told(&texts, |review| review.pointless), @r#"
        Replace([t], "a", "b"): 0..22 this `Replace` gives its source unchanged: what is given of its optional arguments is none of its modes; the replacement is the fifth argument: Replace(source, "old", , , "new"), or with a pattern Replace(source, , "pattern", , "new")
        Replace([t]): 0..12 this `Replace` gives its source unchanged: what is given of its optional arguments is none of its modes; the replacement is the fifth argument: Replace(source, "old", , , "new"), or with a pattern Replace(source, , "pattern", , "new")
        Replace([t], , , , "b"): 0..23 this `Replace` gives its source unchanged: what is given of its optional arguments is none of its modes; the replacement is the fifth argument: Replace(source, "old", , , "new"), or with a pattern Replace(source, , "pattern", , "new")
        Replace([t], "a", , , "b"): 
        Replace([t], , "a", , "b", , ): 
        Replace([t], "a", , , , , "x"): 
        Replace([t], , "a", "g", , [b], ):
        "#);
    }
}
