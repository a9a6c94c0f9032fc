//! The commands, as somebody at a terminal meets them.

#![expect(clippy::expect_used, reason = "a test that cannot go on says why")]

mod support;

use std::process::{Command, Output};

use support::{Process, TOKEN, graph, http};

fn provisor(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_provisor")).args(arguments).output().expect("the binary starts")
}

fn printed(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn the_demo_tells_its_story_and_continues_from_its_store() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().to_str().expect("a path");
    let first = provisor(&["demo", "--users", "120", "--data-dir", data]);
    assert!(first.status.success(), "{}", printed(&first));
    let story = printed(&first);
    for part in [
        "Load an organisation: 120 people",
        "180 objects read",
        "hired",
        "promoted",
        "curl",
        "account deleted",
    ] {
        assert!(story.contains(part), "'{part}' is missing in:\n{story}");
    }
    let second = provisor(&["demo", "--data-dir", data]);
    assert!(second.status.success(), "{}", printed(&second));
    assert!(printed(&second).contains("Continue from the store"), "{}", printed(&second));
}

#[test]
fn help_explains_every_command() {
    for (arguments, part) in [
        (vec!["--help"], "sample-app"),
        (vec!["serve", "--help"], "PROVISOR_TOKEN"),
        (vec!["demo", "--help"], "--keep-running"),
        (vec!["sample-app", "--help"], "--token"),
        (vec!["expr", "eval", "--help"], "--trace"),
        (vec!["expr", "test", "--help"], "expectLogged"),
    ] {
        let output = provisor(&arguments);
        assert!(
            output.status.success() && printed(&output).contains(part),
            "{arguments:?}: {}",
            printed(&output)
        );
    }
}

#[test]
fn an_open_server_stays_on_loopback() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().to_str().expect("a path");
    let output = provisor(&["serve", "--listen", "0.0.0.0:0", "--data-dir", data, "--insecure-no-auth"]);
    assert!(!output.status.success());
    assert!(printed(&output).contains("loopback"), "{}", printed(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_answers_probes_without_a_token_and_ends_on_sigterm() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Process::server(folder.path());
    let host = server.url.trim_end_matches("/v1.0").to_owned();
    for path in ["/healthz", "/readyz"] {
        let request =
            http::Request::get(format!("{host}{path}")).body(bytes::Bytes::new()).expect("a request");
        assert_eq!(http().send(request).await.expect("an answer").status, 200, "{path}");
    }
    let request =
        http::Request::get(format!("{host}/v1.0/users")).body(bytes::Bytes::new()).expect("a request");
    assert_eq!(http().send(request).await.expect("an answer").status, 401);
    graph(&server.url).get("/users").await.expect("with the token");
    assert!(TOKEN.len() >= 16);
    assert!(server.terminate(), "SIGTERM ends it well");
}
