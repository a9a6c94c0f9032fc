use super::*;
use crate::testing::{Fixed, evaluate, evaluate_text};
use crate::{compile, parse};

fn failure(text: &str, attributes: &[(&str, String)]) -> ErrorKind {
    evaluate(text, attributes).map(|outcome| outcome.to_string()).unwrap_err().kind
}

#[test]
fn constants_and_attributes_are_shared_not_copied() {
    let attributes = [Value::from("value")];
    let program = compile(&parse("[a]").unwrap(), &mut |_| Some(0)).unwrap();
    let outcome = program.evaluate(&attributes, &Fixed::default()).unwrap();
    let (Some(Value::String(result)), Value::String(source)) = (outcome.value(), &attributes[0]) else {
        panic!("texts")
    };
    assert!(std::sync::Arc::ptr_eq(result, source));
    let program = compile(&parse("\"a\"").unwrap(), &mut |_| None).unwrap();
    let results = [(); 2].map(|()| program.evaluate(&[], &Fixed::default()).unwrap());
    let [Outcome::Value(Value::String(first)), Outcome::Value(Value::String(second))] = &results else {
        panic!("texts")
    };
    assert!(std::sync::Arc::ptr_eq(first, second));
}

#[test]
fn comparisons() {
    for (comparison, expected) in [
        ("\"1\" = 1", "True"),
        ("1.0 = 1", "True"),
        ("\"01\" = \"1\"", "False"),
        ("10 > 9", "True"),
        ("\"10\" > \"9\"", "False"),
        ("\"a\" = \"A\"", "False"),
        ("NULL = NULL", "True"),
        ("NULL = \"\"", "False"),
        ("NULL <> \"\"", "True"),
        ("NULL < 1", "False"),
        ("True = \"True\"", "True"),
        ("CDate(\"2021-03-09\") > CDate(\"2020-12-10\")", "True"),
        ("99999999999999999999 > 9999999999999999999", "True"),
        ("BitAnd(3, 2) = \"2\"", "True"),
        ("[a] & \"b\" = \"b\"", "True"),
    ] {
        assert_eq!(evaluate_text(comparison), expected, "{comparison}");
    }
}

#[test]
fn what_is_not_chosen_is_not_evaluated() {
    for text in [
        "IIF(1 = 1, \"ok\", Error(\"no\"))",
        "IIF(1 = 2, CDate(\"no\"), \"ok\")",
        "Switch(\"a\", Error(\"no\"), \"a\", \"ok\", Error(\"no\"), Error(\"no\"))",
        "Coalesce(NULL, \"ok\", Error(\"no\"))",
        "SelectUniqueValue(\"taken\", \"ok\", Error(\"no\"))",
        "Replace(\"ok\", , \"(?<g>x)\", \"g\", , Error(\"no\"), )",
    ] {
        assert_eq!(evaluate_text(text), "ok", "{text}");
    }
}

#[test]
fn the_flow_is_interrupted_from_any_depth() {
    assert_eq!(evaluate_text("Append(\"a\", IIF(1 = 1, IgnoreAttributeFlow, \"\"))"), "(dropped)");
    assert_eq!(evaluate_text("Join(\"\", \"a\", IgnoreObjectFlow)"), "(object skipped)");
    assert_eq!(evaluate_text("ToLower(IgnoreFlowIfNullOrEmpty(Trim(\" \")))"), "(dropped)");
}

#[test]
fn a_trace_tells_what_every_node_gave() {
    let text = "IIF([a] = \"x\", Append(\"1\", [a]), Error(\"no\"))";
    let program = compile(&parse(text).unwrap(), &mut |_| Some(0)).unwrap();
    let traced = |value: &str| {
        let (outcome, trace) = program.trace(&[Value::from(value)], &Fixed::default());
        assert_eq!(outcome, program.evaluate(&[Value::from(value)], &Fixed::default()));
        let line = |traced: Traced| {
            let given = traced.result.map_or_else(|error| error.to_string(), |outcome| outcome.to_string());
            format!("{} => {given}", &text[traced.span.range()])
        };
        trace.into_iter().map(line).collect::<Vec<String>>().join("\n")
    };
    insta::assert_snapshot!(traced("x"), @r#"
    [a] => x
    "x" => x
    [a] = "x" => True
    "1" => 1
    [a] => x
    Append("1", [a]) => 1x
    IIF([a] = "x", Append("1", [a]), Error("no")) => 1x
    "#);
    insta::assert_snapshot!(traced("y"), @r#"
    [a] => y
    "x" => x
    [a] = "x" => False
    "no" => no
    Error("no") => Error: no
    IIF([a] = "x", Append("1", [a]), Error("no")) => Error: no
    "#);
}

#[test]
fn several_values() {
    let values = [("v", "ä B"), ("v", "c")];
    for (text, expected) in [
        ("ToUpper([v])", "Ä B; C"),
        ("Append([v], \"!\")", "ä B!; c!"),
        ("Join(\"-\", \"x\", [v])", "x-ä B-c"),
        ("Len([v])", "3; 1"),
        ("Item([v], 2)", "c"),
        ("Coalesce([none], [v])", "ä B; c"),
        ("Split(\"one\", \",\") & \"!\"", "one!"),
    ] {
        assert_eq!(evaluate(text, &values).unwrap().to_string(), expected, "{text}");
    }
    for text in ["Append(\"x\", [v])", "[v] = \"c\"", "[v] & \"c\"", "Switch([v], \"\", \"c\", \"d\")"] {
        assert_eq!(evaluate(text, &values).unwrap_err().kind, ErrorKind::Argument, "{text}");
    }
}

#[test]
fn null_in_null_out() {
    for text in [
        "Append([x], \"a\")",
        "Mid([x], 1, 2)",
        "ToLower([x])",
        "CDate([x])",
        "BitAnd([x], 1)",
        "Item([x], 1)",
        "Split([x], \",\")",
    ] {
        assert_eq!(evaluate_text(text), "(null)", "{text}");
    }
    for text in ["Left([x], 1)", "Word([x], 1, \" \")", "Join(\"-\", [x])", "[x] & [x]"] {
        assert_eq!(evaluate_text(text), "", "{text}");
    }
}

#[test]
fn errors_name_the_function_and_no_values() {
    let error = evaluate("Append(CDate([secret]), \"\")", &[("secret", "hunter2")]).unwrap_err();
    insta::assert_snapshot!(error, @"CDate: the argument `expression` is no date in a known form such as 2020-03-16, 2020-03-16T07:00:00Z or 3/16/2020 7:00:00 AM");
    assert_eq!((error.span.start, error.span.end), (7, 22));
    for (text, kind) in [
        ("Item(\"a\", 2)", ErrorKind::Index),
        ("Left(\"a\", \"x\")", ErrorKind::Argument),
        ("DateAdd(\"d\", 9223372036854775807, \"2021-01-01\")", ErrorKind::DateRange),
        ("DateAdd(\"yyyy\", 9000, \"2021-01-01\")", ErrorKind::DateRange),
        ("DateFromNum(9223372036854775807)", ErrorKind::DateRange),
        ("NumFromDate(\"9999-12-31 23:59:59-08:00\")", ErrorKind::DateRange),
        ("SelectUniqueValue(\"Taken\", NULL)", ErrorKind::NoUniqueValue),
        ("Error(\"no\")", ErrorKind::Custom),
        ("Split(\"a\")", ErrorKind::Argument),
        ("%NoSuchToken%", ErrorKind::Configuration),
        ("RandomString(3, 1, 1, 1, 1)", ErrorKind::Argument),
        ("RandomString(1, 1, 0, 0, 0, \"0123456789\")", ErrorKind::Argument),
        ("RandomString(257, 0, 0, 0, 0)", ErrorKind::Argument),
        ("Replace(\"a\", , \"a\", \"g\", \"b\", , )", ErrorKind::Pattern),
        ("StringFromSid(\"text\")", ErrorKind::Argument),
        ("ConvertFromBase64(\"/w==\", UTF8)", ErrorKind::Argument),
    ] {
        assert_eq!(failure(text, &[]), kind, "{text}");
    }
}

#[test]
fn growth_is_limited() {
    let attributes = [("x", "a".repeat(1_000))];
    let square = "Replace([x], \"a\", , , [x])";
    assert!(evaluate(square, &attributes).is_ok());
    assert_eq!(failure(&format!("Replace({square}, \"a\", , , [x])"), &attributes), ErrorKind::Limit);
    let attributes = [("x", "a".repeat(1 << 20))];
    assert_eq!(failure("[x] & [x]", &attributes), ErrorKind::Limit);
    assert_eq!(failure("Append([x], \"b\")", &attributes), ErrorKind::Limit);
    assert_eq!(failure(&format!("Join(\"\"{})", ", Len([x])".repeat(100)), &attributes), ErrorKind::Limit);
    assert_eq!(failure("Split([x], \"a\")", &attributes), ErrorKind::Limit);
}

#[test]
fn random_strings_follow_their_minima() {
    for seed in 0..200 {
        let context = Fixed::default();
        context.seed.set(seed);
        let program =
            compile(&parse("RandomString(12, 2, 3, 1, 4, \"aA0~\")").unwrap(), &mut |_| None).unwrap();
        let text = program.evaluate(&[], &context).unwrap().to_string();
        let count = |class: fn(&char) -> bool| text.chars().filter(class).count();
        assert_eq!(text.len(), 12);
        assert!(count(char::is_ascii_digit) >= 2 && count(char::is_ascii_punctuation) >= 3, "{text}");
        assert!(count(char::is_ascii_uppercase) >= 1 && count(char::is_ascii_lowercase) >= 4, "{text}");
        assert!(!text.contains(['a', 'A', '0', '~']), "{text}");
    }
}

#[test]
fn roles_without_assignments_are_an_empty_list() {
    let none: &[(&str, &str)] = &[];
    let outcome = evaluate("AssertiveAppRoleAssignmentsComplex([roles])", none).unwrap();
    assert_eq!(outcome, Outcome::Roles { roles: [].into(), operation: crate::PatchOperation::Replace });
}
