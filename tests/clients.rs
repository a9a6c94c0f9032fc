//! Real clients of Graph drive the server over TLS, unmodified. What they do is in `tests/clients/`.

#![expect(clippy::expect_used, reason = "a test that cannot go on says why")]

mod support;

use std::path::Path;

use support::installed::{Counterparts, client, venv};

/// How long the API is fuzzed.
const SECONDS: &str = "30";

async fn python_lives(credential: &str) {
    let counterparts = Counterparts::start().await;
    counterparts.lay("python");
    counterparts.run(&venv("python").join("bin/python"), &["life.py", credential]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sdk_for_python_lives_a_whole_life_by_client_secret() {
    python_lives("secret").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sdk_for_python_lives_a_whole_life_by_certificate() {
    python_lives("certificate").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_for_javascript_lives_a_whole_life() {
    let counterparts = Counterparts::start().await;
    counterparts.lay("javascript");
    counterparts.lay_packages();
    counterparts.run(Path::new("node"), &["life.mjs"]).await;
}

/// By secret and by certificate.
#[tokio::test(flavor = "multi_thread")]
async fn the_sdk_beneath_terraforms_provider_lives_a_whole_life() {
    let counterparts = Counterparts::start().await;
    counterparts.run(&client("go").join("life"), &[]).await;
}

/// Requests made from the description of the API, right ones and wrong ones: no 5xx, no answer that does not
/// come, nothing that works without a token.
#[tokio::test(flavor = "multi_thread")]
async fn no_request_that_can_be_made_from_the_description_breaks_the_server() {
    let counterparts = Counterparts::start().await;
    counterparts.lay("schemathesis");
    let venv = venv("schemathesis");
    let arguments = ["fuzz", venv.to_str().expect("a path"), SECONDS];
    let printed = counterparts.run(Path::new("bash"), &arguments).await;
    assert_eq!(printed.matches("No issues found").count(), 2, "{printed}");
}
