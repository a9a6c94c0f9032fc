//! What the house rules say and a machine can count: the arrows between crates, the length of files and
//! functions, words that mean something else here, and files that documents name.

#![expect(clippy::expect_used, reason = "a test that cannot go on says why")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The longest file, in lines. A ratchet: lower it when you can.
const FILE_LINES: usize = 800;
/// The longest function, in lines. A ratchet too.
const FUNCTION_LINES: usize = 70;

/// Which crates of ours a crate may use: only those that stand below it (DESIGN section 3).
const ARROWS: [(&str, &[&str]); 10] = [
    ("expression", &[]),
    ("scim", &[]),
    ("graph", &[]),
    ("sample-app", &["scim"]),
    ("engine", &["expression"]),
    ("store", &["engine"]),
    ("connectors", &["engine", "expression", "scim", "store"]),
    ("server", &["connectors", "engine", "expression", "graph", "scim", "store"]),
    ("provisor", &["engine", "expression", "sample-app", "scim", "server"]),
    ("bench", &["engine", "expression", "sample-app", "scim", "server"]),
];

/// Libraries that the pure crates must not know.
const KEPT_OUT: [(&str, &[&str]); 3] = [
    ("expression", &["tokio", "hyper", "axum", "rusqlite", "serde_json"]),
    ("engine", &["hyper", "axum", "rusqlite", "http"]),
    ("graph", &["tokio", "hyper", "axum", "rusqlite"]),
];

/// Words that the vocabulary (DESIGN section 1) has another word for.
const WORDS: [(&str, &str); 5] = [
    ("sync_fabric", "engine"),
    ("connector data store", "links"),
    ("blacklist", "filter"),
    ("whitelist", "scope"),
    ("dry run", "plan"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the workspace is there")
}

fn files(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if path.is_dir() {
            if !["target", ".git", "data", "demo-data"].contains(&name.as_str()) {
                files(&path, ending, found);
            }
        } else if name.ends_with(ending) {
            found.push(path);
        }
    }
}

fn sources() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    files(&root(), ".rs", &mut found);
    found.sort();
    assert!(found.len() > 100, "the sources are found");
    found
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).expect("a text");
            (path, text)
        })
        .collect()
}

#[test]
fn arrows_between_crates_point_down() {
    let mut wrong = Vec::new();
    for (name, allowed) in ARROWS {
        let folder = if name == "bench" { root().join("bench") } else { root().join("crates").join(name) };
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).expect("a manifest");
        let dependencies = manifest.split("[dev-dependencies]").next().unwrap_or_default();
        for line in dependencies.lines() {
            let dependency = line.split(['.', ' ', '=']).next().unwrap_or_default();
            if let Some(used) = dependency.strip_prefix("provisor-")
                && !allowed.contains(&used)
            {
                wrong.push(format!("{name} uses {used}"));
            }
            let kept_out = KEPT_OUT.iter().find(|(of, _)| *of == name).map_or(&[][..], |(_, out)| out);
            if kept_out.contains(&dependency) {
                wrong.push(format!("{name} uses {dependency}"));
            }
        }
    }
    assert!(wrong.is_empty(), "arrows that point up (see DESIGN section 3): {wrong:#?}");
}

#[test]
fn every_crate_has_its_place() {
    let mut crates: Vec<String> = fs::read_dir(root().join("crates"))
        .expect("crates")
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    crates.sort();
    let known: Vec<&str> = ARROWS.iter().map(|(name, _)| *name).collect();
    let unknown: Vec<&String> = crates.iter().filter(|name| !known.contains(&name.as_str())).collect();
    assert!(unknown.is_empty(), "say where these stand in ARROWS: {unknown:?}");
}

#[test]
fn files_are_short() {
    let long: Vec<String> = sources()
        .iter()
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > FILE_LINES)
        .map(|(path, lines)| format!("{}: {lines}", path.display()))
        .collect();
    assert!(long.is_empty(), "files above {FILE_LINES} lines: {long:#?}");
}

#[test]
fn functions_are_short() {
    let mut long = Vec::new();
    for (path, text) in sources() {
        for (name, lines) in functions(&text) {
            if lines > FUNCTION_LINES {
                long.push(format!("{}: {name}: {lines}", path.display()));
            }
        }
    }
    assert!(long.is_empty(), "functions above {FUNCTION_LINES} lines: {long:#?}");
}

/// Functions and their lengths. Formatted code closes a function with a brace at the indentation it began at.
fn functions(text: &str) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    let mut open: Vec<(String, usize, usize)> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let indentation = line.len() - line.trim_start().len();
        let code = line.trim_start();
        if code.starts_with('}')
            && open.last().is_some_and(|(_, began, _)| *began == indentation)
            && let Some((name, _, first)) = open.pop()
        {
            found.push((name, number - first + 1));
        }
        let words = code.trim_start_matches("pub(crate) ").trim_start_matches("pub(super) ");
        let words =
            words.trim_start_matches("pub ").trim_start_matches("const ").trim_start_matches("async ");
        if let Some(rest) = words.strip_prefix("fn ")
            && !code.ends_with('}')
            && !code.ends_with(';')
        {
            let name = rest.split(['(', '<']).next().unwrap_or_default().to_owned();
            open.push((name, indentation, number));
        }
    }
    found
}

#[test]
fn functions_are_measured() {
    let text =
        "fn a() {\n    1\n}\n\nimpl B {\n    async fn b(\n        x: u8,\n    ) {\n        x\n    }\n}\n";
    assert_eq!(functions(text), [("a".to_owned(), 3), ("b".to_owned(), 5)]);
}

#[test]
fn the_vocabulary_is_kept() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        if path.ends_with("tests/tidy.rs") {
            continue;
        }
        let lower = text.to_lowercase();
        for (word, better) in WORDS {
            if lower.contains(word) {
                wrong.push(format!("{}: '{word}' is '{better}' here", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn documents_name_files_that_exist() {
    let mut documents = Vec::new();
    files(&root(), ".md", &mut documents);
    let mut missing = Vec::new();
    for document in documents {
        let text = fs::read_to_string(&document).expect("a text");
        let folder = document.parent().expect("a folder").to_path_buf();
        for name in named_files(&text) {
            if !root().join(&name).exists() && !folder.join(&name).exists() {
                missing.push(format!("{}: {name}", document.display()));
            }
        }
    }
    assert!(missing.is_empty(), "documents name files that do not exist: {missing:#?}");
}

/// Paths in backticks that look like files or folders of ours.
fn named_files(text: &str) -> Vec<String> {
    let prefixes = ["crates/", "bench/", "docs/", "tests/", "scripts/", "examples/", "fuzz/", ".ci/"];
    text.split('`')
        .skip(1)
        .step_by(2)
        .filter(|name| prefixes.iter().any(|prefix| name.starts_with(prefix)))
        .filter(|name| !name.contains([' ', '*', '{', '<', '…', '(']))
        .map(|name| name.trim_end_matches('/').to_owned())
        .collect()
}

#[test]
fn no_source_names_what_only_this_workplace_has() {
    // Split, so that this file does not contain them itself.
    let banned = [concat!("crates", ".io/api"), concat!("index.crates", ".io"), concat!("/work", "/main")];
    let mut wrong: BTreeMap<String, &str> = BTreeMap::new();
    for (path, text) in sources() {
        for word in banned {
            if text.contains(word) {
                wrong.insert(path.display().to_string(), word);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
