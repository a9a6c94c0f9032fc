//! `provisor expr test`.

use std::path::PathBuf;
use std::process::ExitCode;

use provisor::expressions::vectors::Report;

use super::{SurroundingsArgs, print, tell};

/// Arguments of `provisor expr test`.
#[derive(clap::Args)]
#[command(after_help = "\
A file holds one JSON object a line:
  {\"id\": \"greeting\", \"expression\": \"Append(\\\"Hi \\\", [name])\", \"attributes\": {\"name\": \"Ada\"}, \"expected\": \"Hi Ada\"}

`expected` is a text, a list of texts, null, {\"dropped\": true}, {\"objectSkipped\": true}, {\"error\": \"…\"},
{\"matches\": REGEX, \"alsoMatches\": [REGEX, …]}, or {\"roles\": [ROLE, …], \"patchOp\": \"add\"|\"replace\"}.
The text of `error` is its kind: parse, unknown-function, arity or nested for what is no expression; argument,
date-format, date-range, index, regex, no-unique-value or custom for what fails when evaluated; any for all of these.
`context` may give now, existingValues, defaultDomain, tokens and expectLogged; `source` and `note` are for people.

Prints one line for each vector that does not hold, then `N passed, N failed`. Exits with 1 when any failed; a line
that is malformed has failed, and so has a file without vectors.")]
pub(super) struct TestArgs {
    /// The files of vectors.
    #[arg(required = true, value_name = "FILE.jsonl")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    surroundings: SurroundingsArgs,
}

/// Runs the vectors, and prints what does not hold.
pub(super) fn run(args: &TestArgs) -> anyhow::Result<ExitCode> {
    let surroundings = args.surroundings.read()?;
    let mut report = Report::default();
    for path in &args.files {
        let name = path.display().to_string();
        match std::fs::read(path) {
            Ok(content) => report.run(&name, &content, &surroundings),
            Err(error) => report.failures.push(format!("{name}: the file cannot be read: {error}")),
        }
    }
    for note in &report.notes {
        tell(&format!("note: {note}"));
    }
    for failure in &report.failures {
        print(&format!("{failure}\n"))?;
    }
    print(&format!("{} passed, {} failed\n", report.passed, report.failures.len()))?;
    Ok(if report.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
