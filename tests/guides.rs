//! The guides: every snippet is run as it stands, in its order, against a fresh server.

#![expect(clippy::expect_used, reason = "a test that cannot go on says why")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use support::installed::{Counterparts, root, venv};

/// Languages whose clients cannot be installed where the tests run; their guides say so.
const NOT_RUN: [&str; 2] = ["powershell", "hcl"];
/// Languages that are run.
const RUN: [&str; 3] = ["bash", "python", "javascript"];
/// What stands for a terminal: installing, starting, and where the reader's servers are.
const TERMINAL: &str = "console";
/// Up to this heading of the guide to the shell, the others build on it.
const SET_UP_ENDS: &str = "## A token";

fn guide(name: &str) -> String {
    fs::read_to_string(root().join("docs/guides").join(name)).expect("a guide")
}

/// The fenced blocks: language and text.
fn blocks(text: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        match line.strip_prefix("```") {
            Some(language) if !inside => {
                inside = true;
                found.push((language.to_owned(), String::new()));
            }
            Some(_) => inside = false,
            None if inside => {
                let block = &mut found.last_mut().expect("a block is open").1;
                block.push_str(line);
                block.push('\n');
            }
            None => (),
        }
    }
    found
}

/// The blocks of one language, as one script.
fn script(text: &str, language: &str) -> String {
    let all = blocks(text).into_iter().filter(|(of, _)| of == language);
    all.map(|(_, block)| block).collect::<Vec<_>>().join("\n")
}

/// Somebody to provision.
const PERSON: &str = r#"admin -o /dev/null $G/users -d '{"accountEnabled":true,"displayName":"Ida Holm",
  "mailNickname":"ida","userPrincipalName":"ida@contoso.example","passwordProfile":{"password":"not-stored"}}'"#;

/// What the guide to the shell sets up, a person, then the command.
async fn after_set_up(counterparts: &Counterparts, command: &str) -> String {
    let shell = guide("curl.md");
    let (before, _) = shell.split_once(SET_UP_ENDS).expect("the heading");
    let script = format!("set -euo pipefail\n{}\n{PERSON}\n{command}\n", script(before, "bash"));
    counterparts.run(Path::new("bash"), &["-c", &script]).await
}

#[test]
fn every_snippet_is_run_or_listed_as_an_exception() {
    let mut languages = BTreeSet::new();
    for entry in fs::read_dir(root().join("docs/guides")).expect("guides").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        for (language, block) in blocks(&guide(&name)) {
            assert!(!block.is_empty(), "{name}: an empty block");
            languages.insert(language);
        }
    }
    let known: BTreeSet<String> =
        RUN.iter().chain(&NOT_RUN).chain([&TERMINAL]).map(|&language| language.to_owned()).collect();
    assert_eq!(languages, known);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_guide_to_the_shell_works() {
    let counterparts = Counterparts::start().await;
    let script = format!("set -euo pipefail\n{}", script(&guide("curl.md"), "bash"));
    let printed = counterparts.run(Path::new("bash"), &["-c", &script]).await;
    for part in ["\"countExported\": 1", "RedundantExport", "create\tIda Holm"] {
        assert!(printed.contains(part), "'{part}' is missing in:\n{printed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_guide_to_python_works() {
    let counterparts = Counterparts::start().await;
    fs::write(counterparts.folder().join("guide.py"), script(&guide("python.md"), "python")).expect("a file");
    let command = format!("{} guide.py", venv("python").join("bin/python").display());
    let printed = after_set_up(&counterparts, &command).await;
    for part in ["1 exported", "create Ida Holm", "404 Request_ResourceNotFound"] {
        assert!(printed.contains(part), "'{part}' is missing in:\n{printed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_guide_to_javascript_works() {
    let counterparts = Counterparts::start().await;
    counterparts.lay_packages();
    fs::write(counterparts.folder().join("guide.mjs"), script(&guide("javascript.md"), "javascript"))
        .expect("a file");
    let printed = after_set_up(&counterparts, "node guide.mjs").await;
    for part in ["1 exported", "create Ida Holm", "404 Request_ResourceNotFound"] {
        assert!(printed.contains(part), "'{part}' is missing in:\n{printed}");
    }
}
