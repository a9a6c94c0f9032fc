//! `provisor expr functions`.

use std::process::ExitCode;

use anyhow::bail;
use provisor::expressions::reference;
use provisor_expression::{Function, find_function, functions, nearest_function};
use serde_json::Value as Json;

use super::print;

/// Arguments of `provisor expr functions`.
#[derive(clap::Args)]
pub(super) struct FunctionsArgs {
    /// The function to describe, in any letter case; without it, all are listed.
    name: Option<String>,
    /// Print Graph's list of attributeMappingFunctionSchema.
    #[arg(long)]
    json: bool,
    /// Print the reference of all functions as Markdown: docs/functions.md.
    #[arg(long, conflicts_with_all = ["json", "name"])]
    markdown: bool,
}

/// Prints what the registry of functions says.
pub(super) fn run(args: &FunctionsArgs) -> anyhow::Result<ExitCode> {
    let chosen = match &args.name {
        Some(name) => Some(find(name)?),
        None => None,
    };
    let text = match chosen {
        _ if args.markdown => reference::markdown(),
        Some(function) if args.json => format!("{:#}\n", reference::schema(function)),
        Some(function) => reference::page(function),
        None if args.json => {
            let all: Json = functions().iter().map(|function| reference::schema(function)).collect();
            format!("{all:#}\n")
        }
        None => list(),
    };
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn find(name: &str) -> anyhow::Result<&'static Function> {
    if let Some(function) = find_function(name) {
        return Ok(function);
    }
    match nearest_function(name) {
        Some(near) => bail!("no function is called `{name}`; did you mean `{}`?", near.name),
        None => bail!("no function is called `{name}`; `provisor expr functions` lists all of them"),
    }
}

fn list() -> String {
    let width = functions().iter().map(|function| function.name.len()).max().unwrap_or_default();
    let line =
        |function: &&Function| format!("{:width$}  {}\n", function.name, reference::first_sentence(function));
    functions().iter().map(line).collect()
}
