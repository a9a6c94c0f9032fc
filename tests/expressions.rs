//! The mapping language as people meet it: every vector, the reference in `docs/`, and `provisor expr`.

#![expect(clippy::expect_used, reason = "a test that cannot go on says why")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use provisor::expressions::reference;
use provisor::expressions::surroundings::Surroundings;
use provisor::expressions::vectors::{Report, Vector};
use provisor_engine::clock::SystemClock;
use provisor_engine::ids::SeededIds;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What a command prints, and `exit 1` when it fails.
fn expr(arguments: &[&str]) -> String {
    expr_with_input(arguments, "")
}

fn expr_with_input(arguments: &[&str], input: &str) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_provisor"))
        .arg("expr")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    child.stdin.take().expect("its input").write_all(input.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    let printed =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if output.status.success() { printed } else { format!("{printed}exit {:?}", output.status.code()) }
}

#[test]
fn every_vector_holds() {
    // The published ones, and ours on what the documentation says beside them.
    for (name, count) in [("expressions.jsonl", 287), ("more.jsonl", 127), ("rules.jsonl", 599)] {
        every_vector_of(name, count);
    }
}

fn every_vector_of(name: &str, count: usize) {
    let path = root().join("crates/expression/tests/vectors").join(name);
    let content = std::fs::read(&path).expect("the vectors");
    let ids = SeededIds::from_seed(1, Arc::new(SystemClock::new()));
    let surroundings = Surroundings::new("2025-07-30T12:00:00Z".parse().expect("an instant"), Arc::new(ids));
    let mut report = Report::default();
    report.run(name, &content, &surroundings);
    assert!(report.failures.is_empty(), "{}", report.failures.join("\n"));
    assert_eq!(report.passed, count);
    for line in String::from_utf8(content).expect("a text").lines() {
        let vector = Vector::read(line).expect("a vector");
        let Ok(expression) = provisor_expression::parse(&vector.expression) else { continue };
        let printed = expression.to_string();
        assert_eq!(provisor_expression::parse(&printed).as_ref(), Ok(&expression), "{printed}");
    }
}

#[test]
fn the_reference_of_the_functions_is_current() {
    let written = std::fs::read_to_string(root().join("docs/functions.md")).expect("docs/functions.md");
    let made = reference::markdown();
    assert!(written == made, "run: cargo run --release -- expr functions --markdown > docs/functions.md");
    assert_eq!(expr(&["functions", "--markdown"]), made);
}

#[test]
fn an_expression_is_evaluated() {
    let folder = tempfile::tempdir().expect("a folder");
    let person = folder.path().join("person.json");
    std::fs::write(&person, r#"{"givenName":"Ada","surname":"Lovelace","mails":["a@x","b@x"],"none":null}"#)
        .expect("a file");
    let person = person.to_str().expect("a path");
    let name = r#"Join(" ", [GIVENNAME], [surname], [none])"#;
    assert_eq!(expr(&["eval", name, "--attributes", person]), "Ada Lovelace\n");
    assert_eq!(expr(&["eval", "[mails]", "--attributes", person, "-a", "mails=c@x"]), "a@x\nb@x\nc@x\n");
    assert_eq!(expr(&["eval", "[mails]", "--attributes", person, "mails=c@x"]), "a@x\nb@x\nc@x\n");
    assert_eq!(expr_with_input(&["eval", "-", "-a", "a=x=1"], "[a] &\n\"!\"\n"), "x=1!\n");
    let file = folder.path().join("mapping.txt");
    std::fs::write(&file, "IgnoreFlowIfNullOrEmpty(\n  Trim([a])\n)\n").expect("a file");
    assert_eq!(expr(&["eval", "--file", file.to_str().expect("a path"), "-a", "a= "]), "(dropped)\n");
    let surroundings = ["--now", "2025-01-05T00:07:09Z", "--default-domain", "x.org", "--token", "D=corp"];
    let text = r#"Join(";", Now(), DefaultDomain(), %D%)"#;
    assert_eq!(expr(&[&["eval", text], &surroundings[..]].concat()), "1/5/2025 12:07:09 AM;x.org;corp\n");
    assert_eq!(expr(&["eval", "SelectUniqueValue(\"a\", \"b\")", "--existing", "A"]), "b\n");
    assert_eq!(expr(&["eval", "Split(\"a,b\", \",\")", "--json"]), "[\"a\",\"b\"]\n");
    assert_eq!(expr(&["eval", "Guid()", "--seed", "1"]), expr(&["eval", "Guid()", "--seed", "1"]));
}

#[test]
fn a_trace_shows_the_value_of_every_node() {
    let text = r#"IIF([a] = "x", Append("1", [A]), Error("no"))"#;
    insta::assert_snapshot!(expr(&["eval", text, "-a", "a=x", "--trace"]), @r#"
    IIF(…) → "1x"
      condition: … = … → True
        [a] → "x"
        "x"
      valueIfTrue: Append(…) → "1x"
        source: "1"
        suffix: [A] → "x"
      valueIfFalse: Error(…) → not evaluated
        message: "no"

    1x
    "#);
    let text = r#"Join(" ", ToUpper([v]), Item([v], 3), [vv])"#;
    insta::assert_snapshot!(expr(&["eval", text, "-a", "v=a", "-a", "v=b", "--trace"]), @r#"
        Join(…) → failed
          separator: " "
          source: ToUpper(…) → ["A", "B"]
            source: [v] → ["a", "b"]
          source: Item(…) → error: Item: the index is none of 1 to 2, the values that there are
            attribute: [v] → ["a", "b"]
            index: 3
          source: [vv] → not evaluated

        note: the attribute [vv] is not given and counts as null
        error[index]: Item: the index is none of 1 to 2, the values that there are
         --> expression:1:25
          |
        1 | Join(" ", ToUpper([v]), Item([v], 3), [vv])
          |                         ^^^^^^^^^^^^
          with [v] = ["a", "b"]
        exit Some(1)
        "#);
}

#[test]
fn a_misspelt_attribute_is_noticed() {
    let printed = expr(&["eval", "Append([givenNam], \"x\")", "-a", "givenName=Ada"]);
    assert_eq!(
        printed,
        "(null)\nnote: the attribute [givenNam] is not given and counts as null; did you mean `[givenName]`?\n"
    );
    assert!(expr(&["eval", "[a]", "-a", "person"]).contains("is it meant to be NAME=VALUE?"));
    assert!(expr(&["eval", "[a]", "-a", "=x"]).contains("names no attribute"));
    assert!(expr(&["eval", "%D%", "--token", "D"]).contains("write it as NAME=VALUE"));
}

#[test]
fn people_may_write_it_as_it_comes() {
    let folder = tempfile::tempdir().expect("a folder");
    let person = folder.path().join("person.json");
    let content = "\u{feff}{\"name\":{\"givenName\":\"Ada\"},\"emails\":[{\"type\":\"home\",\"value\":\"h@x\"},\
                   {\"type\":\"work\",\"value\":\"w@x\"}]}";
    std::fs::write(&person, content).expect("a file");
    let person = person.to_str().expect("a path");
    let path = r#"Join(" ", [name.givenName], [emails[type eq "work"].value])"#;
    assert_eq!(expr(&["eval", path, "-a", person]), "Ada w@x\n");
    // The expression after the attributes.
    assert_eq!(expr(&["eval", "--attributes", "a=1", "b=2", "[a] & [b]"]), "12\n");
    assert!(expr(&["eval", "--attributes", "a=1", "b=2"]).contains("no expression is given"));
    assert!(expr(&["eval"]).contains("no expression is given"));
    assert!(expr(&["check"]).contains("no expression is given"));
    // Nothing is never an empty line.
    assert_eq!(expr(&["eval", "\"\""]), "(empty)\n");
    assert_eq!(expr(&["eval", "[l]", "-a", "l=a", "l="]), "a\n(empty)\n");
    assert_eq!(expr(&["eval", "Now()", "--now", "2026-01-01"]), "1/1/2026 12:00:00 AM\n");
    assert!(expr(&["eval", "Now()", "--now", "today"]).contains("write it as 2026-01-31T09:30:00Z"));
}

#[test]
fn a_failed_evaluation_shows_what_it_was_given() {
    let text = r#"FormatDateTime([d], , "yyyy-MM-dd", "yyyy")"#;
    insta::assert_snapshot!(expr(&["eval", text, "-a", "d=09.03.2021"]), @r#"
        error[date-format]: FormatDateTime: the argument `source` is no date of the input format
         --> expression:1:1
          |
        1 | FormatDateTime([d], , "yyyy-MM-dd", "yyyy")
          | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          with [d] = "09.03.2021"
        exit Some(1)
        "#);
    insta::assert_snapshot!(expr(&["check", "Left([a], \"x\")"]), @r#"
        error[argument]: the argument `NumChars` of `Left` is x, which is no whole number
         --> expression:1:11
          |
        1 | Left([a], "x")
          |           ^^^
        exit Some(1)
        "#);
    insta::assert_snapshot!(expr(&["check", "Replace([t], \"a\", \"b\")"]), @r#"
        Replace([t], "a", "b")
        attributes: t
        note: this `Replace` gives its source unchanged: what is given of its optional arguments is none of its modes; the replacement is the fifth argument: Replace(source, "old", , , "new"), or with a pattern Replace(source, , "pattern", , "new")
        "#);
}

#[test]
fn an_expression_is_checked() {
    insta::assert_snapshot!(expr(&["check", "redact(guid() & [b])&[a]"]), @r"
    Redact(Guid() & [b]) & [a]
    attributes: b, a
    note: the result is shown as [Redact] in logs
    note: may give another result each time for the same attributes
    ");
    assert_eq!(expr(&["check", "[Mail]", "--attribute", "mail"]), "[Mail]\nattributes: Mail\n");
    insta::assert_snapshot!(expr(&["check", "Joyn(\"-\",\n [givenNam])", "--attribute", "givenName"]), @r#"
    error[unknown-function]: no function is called `Joyn`
     --> expression:1:1
      |
    1 | Joyn("-",
      | ^^^^
      |
      = help: did you mean `Join`?

    error[unknown-attribute]: the source has no attribute `givenNam`
     --> expression:2:2
      |
    2 |  [givenNam])
      |  ^^^^^^^^^^
      |
      = help: did you mean `[givenName]`?
    exit Some(1)
    "#);
    insta::assert_snapshot!(expr(&["check", "Join(\"-\" [a])"]), @r#"
    error[syntax]: `[a]` cannot stand here
     --> expression:1:10
      |
    1 | Join("-" [a])
      |          ^^^ expected `,` or `)`
    exit Some(1)
    "#);
}

#[test]
fn functions_are_listed_and_described() {
    let list = expr(&["functions"]);
    assert_eq!(list.lines().count(), provisor_expression::functions().len());
    assert!(expr(&["functions", "tolower"]).starts_with("ToLower(source, culture?)\n"));
    assert_eq!(
        expr(&["functions", "Swich"]),
        "error: no function is called `Swich`; did you mean `Switch`?\nexit Some(1)"
    );
    let all: serde_json::Value = serde_json::from_str(&expr(&["functions", "--json"])).expect("JSON");
    assert_eq!(all.as_array().map(Vec::len), Some(provisor_expression::functions().len()));
    assert_eq!(all[0]["id"], "Append");
}

#[test]
fn files_of_vectors_are_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).expect("a file");
        path.to_str().expect("a path").to_owned()
    };
    let good =
        write("good.jsonl", "{\"id\":\"a\",\"expression\":\"Left(\\\"abc\\\", 2)\",\"expected\":\"ab\"}\n");
    let bad = write("bad.jsonl", "\n{\"id\":\"b\",\"expression\":\"[x]\",\"expected\":\"ab\"}\n{\n");
    assert_eq!(expr(&["test", &good, &good]), "2 passed, 0 failed\n");
    let printed = expr(&["test", &good, &bad, "no-such-file.jsonl"]);
    let printed = printed.replace(&bad, "bad.jsonl");
    insta::assert_snapshot!(printed, @r#"
    bad.jsonl:2: b: expected "ab", got null
    bad.jsonl:3: malformed: the line is no JSON: EOF while parsing an object at line 1 column 1
    no-such-file.jsonl: the file cannot be read: No such file or directory (os error 2)
    1 passed, 3 failed
    exit Some(1)
    "#);
    let empty = write("empty.jsonl", "\n");
    let printed = expr(&["test", &empty]).replace(&empty, "empty.jsonl");
    assert_eq!(printed, "no vectors in empty.jsonl\n0 passed, 1 failed\nexit Some(1)");
}
