use super::*;
use crate::parse::parse;

fn errors(text: &str) -> String {
    let expression = parse(text).unwrap_or_else(|error| panic!("{}", error.render(text)));
    let mut resolve = |name: &str| ["givenName", "surname"].iter().position(|known| *known == name);
    let errors = compile(&expression, &mut resolve).map(|_| ()).unwrap_err();
    let known = ["givenName", "surname"];
    let lines = errors.into_iter().map(|error| {
        let error = error.suggest_attribute(text, known);
        format!("{}..{} {}: {error}", error.span.start, error.span.end, error.code)
    });
    lines.collect::<Vec<String>>().join("\n")
}

#[test]
fn everything_wrong_is_reported_at_once() {
    insta::assert_snapshot!(errors("Joyn(\"-\", [givenNam], ToLower(), [shoeSize])"), @r"
    0..4 unknown-function: no function is called `Joyn`; did you mean `Join`?
    10..20 unknown-attribute: the source has no attribute `givenNam`; did you mean `[givenName]`?
    22..29 arity: `ToLower` lacks its argument `source`; expected `ToLower(source, culture?)`
    33..43 unknown-attribute: the source has no attribute `shoeSize`
    ");
}

#[test]
fn arity() {
    let texts = [
        "IIF([surname], \"x\")",
        "Guid(\"x\")",
        "Mid([surname], , 2)",
        "Switch([surname], \"d\", \"a\")",
        "Join(\"-\")",
        "SelectUniqueValue(\"a\")",
        "FormatDateTime([surname], \"yyyy\")",
        "Replace(, \"a\", , , \"b\")",
    ];
    let errors: Vec<String> = texts.into_iter().map(errors).collect();
    insta::assert_snapshot!(errors.join("\n"), @r"
    0..3 arity: `IIF` lacks its argument `valueIfFalse`; expected `IIF(condition, valueIfTrue, valueIfFalse)`
    0..4 arity: `Guid` has too many arguments: 1; expected `Guid()`
    0..3 arity: `Mid` lacks its argument `start`; expected `Mid(source, start, length)`
    0..6 arity: the last key of `Switch` has no value; expected `Switch(source, defaultValue?, key and value? …)`
    0..4 arity: `Join` lacks its argument `source`; expected `Join(separator, source …)`
    0..17 arity: `SelectUniqueValue` lacks its argument `uniqueValueRule2`; expected `SelectUniqueValue(uniqueValueRule1, uniqueValueRule2 …)`
    0..14 arity: `FormatDateTime` lacks its argument `inputFormat`; expected `FormatDateTime(source, dateTimeStyles?, inputFormat, outputFormat)`
    26..32 argument: the styles are names such as AllowWhiteSpaces or AssumeUniversal, separated by commas
    0..7 arity: `Replace` lacks its argument `source`; expected `Replace(source, oldValue?, regexPattern?, regexGroupName?, replacementValue?, replacementAttributeName?, template?)`
    ");
}

#[test]
fn misplaced_and_impossible_arguments() {
    let texts = [
        "Append(SelectUniqueValue(\"a\", \"b\"), \"c\")",
        "\"x\" & SelectUniqueValue(\"a\", \"b\")",
        "Append(vbTextCompare, \"a\")",
        "InStr(\"a\", \"b\", , UTF8)",
        "InStr(\"a\", \"b\", , \"other\")",
        "Replace([surname], , \"(\", , \"\")",
        "DateAdd(\"M\", 1, Now())",
        "FormatDateTime([surname], \"AllowTabs\", \"yyyy\", \"x\")",
        "Split([surname], \"\")",
    ];
    let errors: Vec<String> = texts.into_iter().map(errors).collect();
    insta::assert_snapshot!(errors.join("\n"), @r"
    7..24 nesting: `SelectUniqueValue` must not stand inside anything else; move the functions around it into the arguments of `SelectUniqueValue`
    6..23 nesting: `SelectUniqueValue` must not stand inside anything else; move the functions around it into the arguments of `SelectUniqueValue`
    7..20 argument: `vbTextCompare` is no value; it belongs into `InStr(value1, value2, start?, compareType?)`
    18..22 argument: `UTF8` is no value; it belongs into `ConvertFromBase64(source, encoding?)`
    18..25 argument: the comparison is vbBinaryCompare or vbTextCompare
    21..24 argument: the regular expression has a `(` without its `)`
    8..11 argument: the interval is one of yyyy, m, ww, d, h, n and s, in lower case
    26..37 argument: the styles are names such as AllowWhiteSpaces or AssumeUniversal, separated by commas
    47..50 argument: the text is no date format: a single letter names a standard format, and there is none of this name
    17..19 argument: the delimiter is empty
    ");
}

#[test]
fn patterns_are_counted() {
    let joined = |pattern: &str, count: usize| {
        let replace = format!(r#", Replace([surname], , "{pattern}", , "b")"#);
        format!("Join(\"\"{})", replace.repeat(count))
    };
    let compiles = |text: &str| compile(&parse(text).unwrap(), &mut |_| Some(0)).is_ok();
    assert!(compiles(&joined("[a-zé]+$", 64)));
    assert!(compiles(&joined(r"[\w.-]{1,64}", 16)));
    for (pattern, count, told) in [("a", 70, "more than 64 "), (r"[\w.-]{1,64}", 20, "more than 16 large")] {
        let errors = errors(&joined(pattern, count));
        assert_eq!(errors.matches(told).count(), 1, "{errors}");
    }
}

#[test]
fn facts_are_known_without_evaluating() {
    let program = |text: &str| compile(&parse(text).unwrap(), &mut |_| Some(3)).unwrap();
    assert!(program("IIF([a], Redact([a]), \"x\")").redacts());
    assert!(!program("[a]").redacts());
    assert!(program("SelectUniqueValue([a], [b])").facts().selects_unique_value);
    assert!(program("Append([a], Guid())").facts().volatile);
    assert_eq!(program("[a] & [b]").slots(), [3]);
}

#[test]
fn programs_are_shared_between_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Program>();
}
