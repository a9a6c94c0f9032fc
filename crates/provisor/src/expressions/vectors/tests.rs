use std::sync::Arc;

use provisor_engine::clock::SystemClock;
use provisor_engine::ids::SeededIds;

use super::*;

fn surroundings() -> Surroundings {
    let ids = SeededIds::from_seed(1, Arc::new(SystemClock::new()));
    Surroundings::new("2025-01-05T00:07:09Z".parse().unwrap(), Arc::new(ids))
}

fn report(content: &str) -> String {
    let mut report = Report::default();
    report.run("f.jsonl", content.as_bytes(), &surroundings());
    format!("{}\n{} passed", report.failures.join("\n"), report.passed)
}

#[test]
fn failures_say_what_was_expected_and_what_came() {
    let lines = r#"
{"id":"text","expression":"[a]","attributes":{"a":"x"},"expected":"y"}
{"id":"list","expression":"Split(\"a,b\", \",\")","expected":["a","c"]}
{"id":"null","expression":"[a]","attributes":{"a":""},"expected":null}
{"id":"nothing","expression":"[a]","attributes":{"A":null},"expected":"x"}
{"id":"dropped","expression":"IgnoreFlowIfNullOrEmpty([a])","expected":{"objectSkipped":true}}
{"id":"error","expression":"\"a\"","expected":{"error":"parse"}}
{"id":"fails","expression":"Item(\"a\", 2)","expected":"a"}
{"id":"parse","expression":"Append(\n","expected":"a"}
{"id":"compile","expression":"Joyn([a], Lefd([b], 1))","expected":"a"}
{"id":"matches","expression":"\"abc\"","expected":{"matches":"^.{3}$","alsoMatches":["z$"]}}
{"id":"roles","expression":"AppRoleAssignmentsComplex([a])","attributes":{"a":["R"]},"expected":{"roles":[],"patchOp":"add"}}
{"id":"logged","expression":"\"s\"","expected":"s","context":{"expectLogged":"[Redact]"}}
{"expression":"Append(\"a\",\n \"b\")","expected":"a"}
"#;
    insta::assert_snapshot!(report(lines), @r#"
    f.jsonl:2: text: expected "y", got "x"
    f.jsonl:3: list: expected ["a","c"], got ["a","b"]
    f.jsonl:4: null: expected null, got ""
    f.jsonl:5: nothing: expected "x", got null
    f.jsonl:6: dropped: expected {"objectSkipped":true}, got {"dropped":true}
    f.jsonl:7: error: expected an error, got "a"
    f.jsonl:8: fails: expected "a", got an error: Item: the index is none of 1 to 1, the values that there are
    f.jsonl:9: parse: expected "a", got an error: the end of the expression comes too early; expected a function, an attribute or a constant
    f.jsonl:10: compile: expected "a", got an error: no function is called `Joyn`; did you mean `Join`?; no function is called `Lefd`; did you mean `Left`?
    f.jsonl:11: matches: expected a match of /^.{3}$/ and /z$/, got "abc"
    f.jsonl:12: roles: expected {"patchOp":"add","roles":[]}, got {"patchOp":"add","roles":[{"display":"R","primary":false,"type":"WindowsAzureActiveDirectoryRole","value":"R"}]}
    f.jsonl:13: logged: expected the log to show "[Redact]", got "s"
    f.jsonl:14: Append("a",  "b"): expected "a", got "ab"
    0 passed
    "#);
}

#[test]
fn what_holds_passes() {
    let lines = [
        r#"{"expression":"Now()","expected":"1/5/2025 12:07:09 AM","note":"from around"}"#,
        r#"{"expression":"Now()","expected":"2/3/2021 12:00:00 AM","context":{"now":"2021-02-03T00:00:00Z"}}"#,
        r#"{"expression":"SelectUniqueValue(\"A\",\"b\")","expected":"b","context":{"existingValues":["a"]}}"#,
        r#"{"expression":"%D% & DefaultDomain()","expected":"xy","context":{"tokens":{"D":"x"},"defaultDomain":"y"}}"#,
        r#"{"expression":"Redact(\"s\")","expected":"s","context":{"expectLogged":"[Redact]"}}"#,
        r#"{"expression":"Len(\"abc\")","expected":3}"#,
        r#"{"expression":"Split(\"a\", \",\")","expected":["a"]}"#,
        r#"{"expression":"[mail]","attributes":{"Mail":"x"},"expected":"x"}"#,
        r#"{"expression":"Frobnicate(","expected":{"error":"parse"}}"#,
        "",
        "  ",
    ];
    assert_eq!(report(&lines.join("\r\n")), "\n9 passed");
    assert_eq!(report("\u{feff}{\"expression\":\"1\",\"expected\":\"1\"}"), "\n1 passed");
}

#[test]
fn malformed_lines_are_failures() {
    let lines = [
        "{",
        "[]",
        r#"{"expression":"1"}"#,
        r#"{"expected":"1"}"#,
        r#"{"expression":"1","expected":{"eror":"x"}}"#,
        r#"{"expression":"1","expected":{"matches":"("}}"#,
        r#"{"expression":"1","expected":[["1"]]}"#,
        r#"{"expression":"1","expected":{"roles":[]}}"#,
        r#"{"expression":"1","attributes":{"a":[["x"]]},"expected":"1"}"#,
        r#"{"expression":"1","expected":"1","context":{"now":"yesterday"}}"#,
    ];
    insta::assert_snapshot!(report(&lines.join("\n")), @r#"
        f.jsonl:1: malformed: the line is no JSON: EOF while parsing an object at line 1 column 1
        f.jsonl:2: malformed: the line is no JSON object
        f.jsonl:3: malformed: the vector has no key 'expected'
        f.jsonl:4: malformed: the line is no vector: missing field `expression`
        f.jsonl:5: malformed: 'expected' has the unknown key 'eror'; its keys are error, dropped, objectSkipped, matches, alsoMatches, roles, patchOp; did you mean 'error'?
        f.jsonl:6: malformed: the pattern "(" is no regular expression
        f.jsonl:7: malformed: 'expected' holds ["1"] where a text is expected
        f.jsonl:8: malformed: 'patchOp' is neither "add" nor "replace"
        f.jsonl:9: malformed: the attribute 'a' cannot be read: a list holds a list; an attribute has one list of values at most
        f.jsonl:10: malformed: the line is no vector: 'yesterday' is no instant; write it as 2026-01-31T09:30:00Z, or as 2026-01-31 for midnight in UTC
        0 passed
        "#);
    let mut not_text = Report::default();
    not_text.run("f", b"\xff\n", &surroundings());
    assert_eq!(
        not_text.failures,
        ["f:1: malformed: the line is no UTF-8: invalid utf-8 sequence of 1 bytes from index 0"]
    );
}

#[test]
fn an_error_of_the_evaluation_is_not_met_by_an_expression_that_is_none() {
    let lines = [
        r#"{"id":"text","expression":"Joyn([a]","expected":{"error":"TEXT"}}"#,
        r#"{"id":"index","expression":"Itm([a], 2)","attributes":{"a":"x"},"expected":{"error":"index"}}"#,
        r#"{"id":"fails","expression":"Item([a], 2)","attributes":{"a":"x"},"expected":{"error":"index"}}"#,
        r#"{"id":"early","expression":"DateAdd(\"x\", 1, Now())","expected":{"error":"date-format"}}"#,
        r#"{"id":"arity","expression":"Guid(1)","expected":{"error":"arity"}}"#,
    ];
    insta::assert_snapshot!(report(&lines.join("\n")), @r"
        f.jsonl:1: text: expected an error of the kind 'TEXT' when evaluated, but the expression does not compile: the arguments of `Joyn` never end; expected a closing `)`
        f.jsonl:2: index: expected an error of the kind 'index' when evaluated, but the expression does not compile: no function is called `Itm`; did you mean `Item`?
        3 passed
        ");
}

#[test]
fn keys_that_nobody_reads_and_files_without_vectors_are_failures() {
    let lines = [
        r#"{"expression":"1","expcted":"2","expected":"1"}"#,
        r#"{"expression":"1","expected":"1","context":{"existing":["a"]}}"#,
        r#"{"expression":"1","expected":{"error":"any","dropt":true}}"#,
    ];
    insta::assert_snapshot!(report(&lines.join("\n")), @r"
        f.jsonl:1: malformed: the vector has the unknown key 'expcted'; its keys are id, expression, attributes, expected, source, note, context; did you mean 'expected'?
        f.jsonl:2: malformed: 'context' has the unknown key 'existing'; its keys are now, existingValues, defaultDomain, tokens, profile, expectLogged; did you mean 'existingValues'?
        f.jsonl:3: malformed: 'expected' has the unknown key 'dropt'; its keys are error, dropped, objectSkipped, matches, alsoMatches, roles, patchOp
        0 passed
        ");
    assert_eq!(report(" \n\n"), "no vectors in f.jsonl\n0 passed");
}

#[test]
fn a_misspelt_attribute_is_noted() {
    let lines = [
        r#"{"expression":"[givenName]","attributes":{"givenNmae":"Ada"},"expected":null}"#,
        r#"{"expression":"[givenName] & [a]","attributes":{"GIVENNAME":"Ada"},"expected":"Ada"}"#,
        r#"{"expression":"[mail1] & [mail2]","attributes":{"mail1":"x"},"expected":"x"}"#,
    ];
    let mut report = Report::default();
    report.run("f", lines.join("\n").as_bytes(), &surroundings());
    assert_eq!((report.passed, report.failures.len()), (3, 0));
    insta::assert_snapshot!(report.notes.join("\n"), @"f:1: [givenName] is not among the attributes and counts as null; 'givenNmae' is, but is not used");
}

#[test]
fn the_instant_is_utc_unless_it_says_otherwise() {
    let vector = |now: &str, expected: &str| {
        format!(r#"{{"expression":"Now()","expected":"{expected}","context":{{"now":"{now}"}}}}"#)
    };
    let lines = [
        vector("2025-01-05", "1/5/2025 12:00:00 AM"),
        vector("2025-01-05T00:07:09", "1/5/2025 12:07:09 AM"),
        vector("2025-01-05T00:07:09Z", "1/5/2025 12:07:09 AM"),
        vector("2025-01-05T00:07:09+01:00", "1/4/2025 11:07:09 PM"),
    ];
    assert_eq!(report(&lines.join("\n")), "\n4 passed");
}
