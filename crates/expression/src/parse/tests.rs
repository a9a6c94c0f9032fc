use super::*;
use crate::tree::Operator;

/// The canonical text, or the error as one line.
fn read(text: &str) -> String {
    match parse(text) {
        Ok(expression) => expression.to_string(),
        Err(error) => format!("{}..{} {error}", error.span.start, error.span.end),
    }
}

#[test]
fn canonical_text() {
    for (text, canonical) in [
        (
            "  Replace([preferredLanguage], \"-\", , , \"_\", ,  ) ",
            "Replace([preferredLanguage], \"-\", , , \"_\", , )",
        ),
        ("switch ( [ a ],\n,\"x\" , 1)", "Switch([a], , \"x\", 1)"),
        (r#""\d \\ \" \n""#, r#""\\d \\ \" \\n""#),
        ("12.50", "12.50"),
        ("&hf7", "&hf7"),
        ("iif([a]<>-1,TRUE,null)", "IIF([a] <> -1, True, NULL)"),
        ("\"t-\"&[alias]& &HF", "\"t-\" & [alias] & &HF"),
        ("%DomainFQDN%", "%DomainFQDN%"),
        ("[emails[type eq \"a]b\"].value]", "[emails[type eq \"a]b\"].value]"),
        (
            "[urn:ietf:params:scim:schemas:core:2.0:User:name]",
            "[urn:ietf:params:scim:schemas:core:2.0:User:name]",
        ),
        ("InStr(\"a\", \"b\", , VBTEXTCOMPARE)", "InStr(\"a\", \"b\", , vbTextCompare)"),
        ("\"two\nlines\"", "\"two\nlines\""),
        ("Unknown()", "Unknown()"),
    ] {
        assert_eq!(read(text), canonical);
    }
}

#[test]
fn errors_say_where_and_what() {
    let texts = [
        "",
        "Append(\"a\"",
        "Append(\"a, \"b\")",
        "Append([a],\"b\") extra",
        "Append([a)",
        "IIF([a]=\"1\" AND [b]=\"2\",1,2)",
        "IIF([a]=1=2,1,2)",
        "([a])",
        "[a] + [b]",
        "'a'",
        "[ ]",
        "12abc",
        "1.",
        "&HXYZ",
        "&H8000000000000000",
        "%Domain",
        "ToLower",
        "IgnoreAtributeFlow",
        "somewhere",
        "Join(\"-\" [a])",
        "a\u{0}",
    ];
    let read: Vec<String> = texts.into_iter().map(|text| format!("{text:?}: {}", read(text))).collect();
    insta::assert_snapshot!(read.join("\n"), @r#"
    "": 0..0 the end of the expression comes too early; expected a function, an attribute or a constant
    "Append(\"a\"": 6..7 the arguments of `Append` never end; expected a closing `)`
    "Append(\"a, \"b\")": 12..13 `b` cannot stand here; expected `,` or `)`
    "Append([a],\"b\") extra": 16..21 `extra` cannot stand here; expected the end of the expression
    "Append([a)": 7..9 the attribute reference never ends; expected `]` after the name of the attribute
    "IIF([a]=\"1\" AND [b]=\"2\",1,2)": 12..15 `AND` cannot stand here; expected `,` or `)`; there is no operator `AND`; nest `IIF` to combine conditions
    "IIF([a]=1=2,1,2)": 9..10 comparisons cannot be chained; nest `IIF` to combine conditions
    "([a])": 0..1 `(` comes too early; expected a function, an attribute or a constant; parentheses only enclose arguments
    "[a] + [b]": 4..5 `+` means nothing here; there is no arithmetic; use `Append` or `Join` for texts
    "'a'": 0..1 `'` means nothing here; strings are written in quotation marks: `"…"`
    "[ ]": 0..3 the attribute has no name
    "12abc": 0..3 this is not a number; expected digits such as `12` or `12.50`, or a text in quotation marks
    "1.": 0..2 this is not a number; expected digits such as `12` or `12.50`, or a text in quotation marks
    "&HXYZ": 0..5 `&` has nothing on its left; expected a value before it, or a hexadecimal number of at most 63 bits such as `&HF7`
    "&H8000000000000000": 0..18 `&` has nothing on its left; expected a value before it, or a hexadecimal number of at most 63 bits such as `&HF7`
    "%Domain": 0..7 `%` begins a configuration token; expected `%Name%`
    "ToLower": 0..7 `ToLower` is no keyword; a function needs its parentheses: `ToLower(…)`
    "IgnoreAtributeFlow": 0..18 `IgnoreAtributeFlow` is no keyword; did you mean `IgnoreAttributeFlow`?
    "somewhere": 0..9 `somewhere` is no keyword; write `"somewhere"` for a text and `[somewhere]` for an attribute
    "Join(\"-\" [a])": 9..12 `[a]` cannot stand here; expected `,` or `)`
    "a\0": 1..2 the character U+0000 means nothing here
    "#);
}

#[test]
fn keeps_the_shape() {
    let expression = parse("IIF([a] = 1, , [a] & [b])").unwrap();
    assert_eq!(expression.attributes().collect::<Vec<_>>(), ["a", "b"]);
    let Node::Function { arguments, .. } = expression.node() else { panic!("a function") };
    let condition = arguments[0].as_ref().unwrap();
    assert_eq!((condition.span.start, condition.span.end), (4, 11));
    assert!(matches!(condition.node, Node::Comparison { operator: Operator::Equal, .. }));
    assert_eq!(arguments[1], None);
    assert_eq!(parse("[mail]").unwrap().as_attribute(), Some("mail"));
    assert_eq!(parse("\"\"").unwrap().as_constant(), Some(""));
    assert_eq!(parse("12.50").unwrap().as_constant(), Some("12.50"));
    assert_eq!(parse("NULL").unwrap().as_constant(), None);
    assert_eq!(parse("Now()").unwrap().as_attribute(), None);
}

#[test]
fn depth_and_length_are_limited() {
    let nested = |depth: usize| format!("{}[a]{}", "Trim(".repeat(depth), ")".repeat(depth));
    assert!(parse(&nested(MAX_DEPTH)).is_ok());
    assert_eq!(parse(&nested(MAX_DEPTH + 1)).unwrap_err().code, Code::Limit);
    assert_eq!(parse(&"Trim(".repeat(1_900)).unwrap_err().code, Code::Limit);
    let long = |length: usize| format!("\"{}\"", "ä".repeat(length - 2));
    assert!(parse(&long(MAX_LENGTH)).is_ok());
    assert_eq!(parse(&long(MAX_LENGTH + 1)).unwrap_err().code, Code::Limit);
    assert!(parse(&format!("{}\"a\"", "\"a\"&".repeat(2_400))).is_ok());
}

#[test]
fn trees_that_no_text_stands_for_are_refused() {
    let attribute = |name: &str| Node::Attribute(name.into());
    assert!(Expression::from_node(&attribute("mail")).is_ok());
    assert!(Expression::from_node(&attribute("a] & [b")).is_err());
    assert!(Expression::from_node(&attribute(" a")).is_err());
    let call = |name: &str| Node::Function { name: name.into(), arguments: Vec::new() };
    assert_eq!(Expression::from_node(&call("now")).unwrap().to_string(), "Now()");
    assert!(Expression::from_node(&call("Now() & Now")).is_err());
}
