//! What a person reads for every kind of error: where it is, what is wrong, what would be right.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use provisor_expression::{Code, Context, ErrorKind, MAX_DEPTH, MAX_LENGTH, Value, compile, parse};

const ATTRIBUTES: [&str; 4] = ["givenName", "surname", "mail", "proxyAddresses"];

struct Plain;

impl Context for Plain {
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::UNIX_EPOCH
    }

    fn random_u64(&self) -> u64 {
        7
    }

    fn exists_in_target(&self, _: &str) -> bool {
        true
    }
}

/// The messages of these expressions, all of which must have an error of this code.
fn refused(code: Code, texts: &[&str]) -> String {
    let messages = texts.iter().map(|text| {
        let diagnostics = match parse(text) {
            Err(diagnostic) => vec![diagnostic],
            Ok(expression) => {
                let mut resolve = |name: &str| ATTRIBUTES.iter().position(|known| *known == name);
                compile(&expression, &mut resolve).map(|_| ()).expect_err("an error")
            }
        };
        let shown = diagnostics.into_iter().map(|diagnostic| {
            assert_eq!(diagnostic.code, code, "{text}");
            diagnostic.suggest_attribute(text, ATTRIBUTES).render(text)
        });
        shown.collect::<Vec<String>>().join("\n\n")
    });
    not_bare(messages.collect::<Vec<String>>().join("\n\n"))
}

/// The messages of these expressions, all of which must fail in this way.
fn failed(kind: ErrorKind, texts: &[&str]) -> String {
    let list = Value::from(vec![Value::from("smtp:a@x"), Value::from("smtp:b@x")]);
    let attributes = [Value::from("Ada"), Value::from("a".repeat(9_000)), Value::from("secret"), list];
    let messages = texts.iter().map(|text| {
        let expression = parse(text).expect("an expression");
        let mut resolve = |name: &str| ATTRIBUTES.iter().position(|known| *known == name);
        let program = compile(&expression, &mut resolve).expect("a program");
        let error = program.evaluate(&attributes, &Plain).expect_err("an error");
        assert_eq!(error.kind, kind, "{text}: {error}");
        assert!(!error.message.contains("secret"), "{error}");
        error.render(text)
    });
    not_bare(messages.collect::<Vec<String>>().join("\n\n"))
}

/// Every message says more than that something is wrong.
fn not_bare(messages: String) -> String {
    for line in messages.lines().filter(|line| line.starts_with("error[")) {
        let message = line.split_once("]: ").map_or("", |(_, message)| message);
        assert!(message.split(' ').count() >= 4, "{line}");
    }
    messages
}

#[test]
fn syntax() {
    insta::assert_snapshot!(refused(
        Code::Syntax,
        &[
            "Append([givenName], \"x\"",
            "Append([givenName)",
            "Join(\"-\",\n  [givenName] [surname])",
            "IIF([mail] = \"a\" OR [mail] = \"b\", 1, 2)",
            "[givenName] + [surname]",
            "ToLower",
            "IgnoreAtributeFlow",
            "Append(“a”, \"b\")",
            "\"never ends",
            "12abc",
            "%Domain",
            "&HXY",
            "[]",
            "([mail])",
            "1 = 2 = 3",
            "",
        ]
    ));
}

#[test]
fn limits_of_the_text() {
    let deep = format!("{}[mail]{}", "Trim(".repeat(MAX_DEPTH + 1), ")".repeat(MAX_DEPTH + 1));
    insta::assert_snapshot!(refused(Code::Limit, &[&deep]));
    let long = format!("\"{}\"", "a".repeat(MAX_LENGTH));
    assert!(refused(Code::Limit, &[&long]).contains("longer than 10000 characters"));
}

#[test]
fn unknown_function() {
    let texts = ["Joyn(\"-\", [givenName])", "ToLowerCase([mail])", "Frobnicate([mail])"];
    insta::assert_snapshot!(refused(Code::UnknownFunction, &texts));
}

#[test]
fn unknown_attribute() {
    let texts = ["Append([givenNam], \"x\")", "[proxyAdresses]", "[shoeSize]"];
    insta::assert_snapshot!(refused(Code::UnknownAttribute, &texts));
}

#[test]
fn arity() {
    insta::assert_snapshot!(refused(
        Code::Arity,
        &[
            "IIF([mail], \"x\")",
            "Guid(\"x\")",
            "Mid([mail], , 2)",
            "Switch([mail])",
            "Switch([mail], \"default\", \"key\")",
            "SelectUniqueValue([mail])",
        ]
    ));
}

#[test]
fn nesting() {
    insta::assert_snapshot!(refused(Code::Nesting, &["ToLower(SelectUniqueValue([mail], \"b\"))"]));
}

#[test]
fn constant_arguments() {
    insta::assert_snapshot!(refused(
        Code::Argument,
        &[
            "DateAdd(\"M\", 1, Now())",
            "Replace([mail], , \"(\", , \"\")",
            "Replace([mail], , \"(?<a-b>x)\", , \"\")",
            "Replace([mail], , \"(?<=a+)b\", , \"\")",
            "Replace([mail], , \"*a\", , \"\")",
            "Replace([mail], , \"\\p{Foo}\", , \"\")",
            "Replace([mail], , \"(\\w{1000}){1000}\", , \"\")",
            "FormatDateTime([mail], , \"q\", \"yyyy\")",
            "FormatDateTime([mail], \"AllowTabs\", \"yyyy\", \"yy\")",
            "InStr([mail], \"a\", 1, \"textual\")",
            "Append(vbTextCompare, \"a\")",
            "Split([mail], \"\")",
        ]
    ));
}

#[test]
fn argument() {
    insta::assert_snapshot!(failed(
        ErrorKind::Argument,
        &[
            "Left([givenName], [mail])",
            "Append(\"x\", [proxyAddresses])",
            "[proxyAddresses] = \"a\"",
            "[givenName] & [proxyAddresses]",
            "RandomString(3, 1, 1, 1, 1)",
            "InStr([givenName], \"d\", 0)",
            "StringFromSid([mail])",
            "ConvertFromBase64([mail])",
            "Split([givenName])",
        ]
    ));
}

#[test]
fn date_format() {
    let texts = ["CDate([mail])", "FormatDateTime([mail], , \"yyyy-MM-dd\", \"yyyy\")"];
    insta::assert_snapshot!(failed(ErrorKind::DateFormat, &texts));
}

#[test]
fn date_range() {
    let texts = [
        "DateAdd(\"yyyy\", 9000, \"2021-01-01\")",
        "NumFromDate(\"9999-12-31 23:59:59-08:00\")",
        "DateFromNum(9223372036854775807)",
    ];
    insta::assert_snapshot!(failed(ErrorKind::DateRange, &texts));
}

#[test]
fn index() {
    let texts = ["Item([proxyAddresses], 3)", "DNComponent(\"cn=Joe\", 2)"];
    insta::assert_snapshot!(failed(ErrorKind::Index, &texts));
}

#[test]
fn regular_expressions() {
    let texts = [
        "Replace([givenName], , \"a\", \"group\", \"\", , )",
        "Replace([givenName], , Append(\"(\", [mail]), , \"\", , )",
    ];
    insta::assert_snapshot!(failed(ErrorKind::Pattern, &texts));
}

#[test]
fn no_unique_value() {
    insta::assert_snapshot!(failed(ErrorKind::NoUniqueValue, &["SelectUniqueValue([givenName], [mail])"]));
}

#[test]
fn custom() {
    let texts = ["IIF(IsPresent([mail]), Error(\"the account has no name\"), \"\")"];
    insta::assert_snapshot!(failed(ErrorKind::Custom, &texts));
}

#[test]
fn configuration() {
    insta::assert_snapshot!(failed(ErrorKind::Configuration, &["DefaultDomain()", "%DomainFQDN%"]));
}

#[test]
fn limits_of_an_evaluation() {
    let texts = [
        "Replace(Replace([surname], \"a\", , , [surname]), \"a\", , , [surname])",
        "Replace([surname], , \"(?=b)a\", , \"\", , )",
    ];
    insta::assert_snapshot!(failed(ErrorKind::Limit, &texts));
}
