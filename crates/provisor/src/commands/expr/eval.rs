//! `provisor expr eval`.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use provisor::expressions::attributes::Attributes;
use provisor::expressions::{outcome, trace};
use provisor_expression::{Code, Diagnostic, Expression, Outcome, Program, Value, compile, parse};

use super::{ExpressionArgs, SurroundingsArgs, print, tell};

/// Arguments of `provisor expr eval`.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  provisor expr eval 'ToLower(Join(\".\", [givenName], [surname]))' --attributes person.json
  provisor expr eval 'Join(\", \", [roles])' --attributes roles=Admin roles=User
  provisor expr eval 'DateDiff(\"d\", Now(), [hireDate])' --attributes hireDate=2026-01-15 --now 2026-01-01T00:00:00Z

Prints the value, several values one a line; (null), (dropped) and (object skipped) where there is none.")]
pub(super) struct EvalArgs {
    #[command(flatten)]
    expression: ExpressionArgs,
    /// The attributes: JSON files that hold an object of names and values each, or NAME=VALUE. Values of one
    /// name make a list. An attribute that is not given is null.
    #[arg(short, long, value_name = "FILE|NAME=VALUE", num_args = 1..)]
    attributes: Vec<String>,
    /// Show the value of every node, as an indented tree, before the result.
    #[arg(long)]
    trace: bool,
    /// Print the result as JSON, in the form that `expected` has in vectors.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    surroundings: SurroundingsArgs,
}

/// Evaluates, and prints the value.
pub(super) fn run(args: &EvalArgs) -> anyhow::Result<ExitCode> {
    let text = args.expression.read()?;
    let attributes = read_attributes(&args.attributes)?;
    let surroundings = args.surroundings.read()?;
    let expression = match parse(&text) {
        Ok(expression) => expression,
        Err(diagnostic) => return Ok(refuse(&text, &[diagnostic])),
    };
    let program = match bind(&expression, &text, &attributes) {
        Ok(program) => program,
        Err(diagnostics) => return Ok(refuse(&text, &diagnostics)),
    };
    let result = if args.trace {
        let (result, trace) = program.trace(attributes.values(), &surroundings);
        print(&format!("{}\n", trace::tree(&expression, &trace)))?;
        result
    } else {
        program.evaluate(attributes.values(), &surroundings)
    };
    match result {
        Ok(outcome) if args.json => print(&format!("{}\n", outcome::to_json(&outcome)))?,
        Ok(outcome) => print(&lines(&outcome))?,
        Err(error) => {
            tell(&error.render(&text));
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Shows what is wrong with an expression.
pub(super) fn refuse(text: &str, diagnostics: &[Diagnostic]) -> ExitCode {
    let shown: Vec<String> = diagnostics.iter().map(|diagnostic| diagnostic.render(text)).collect();
    tell(&shown.join("\n\n"));
    ExitCode::FAILURE
}

/// Compiles. An attribute that is not given counts as null, and a note says so: it may be misspelt.
fn bind(expression: &Expression, text: &str, attributes: &Attributes) -> Result<Program, Vec<Diagnostic>> {
    let diagnostics = match compile(expression, &mut |name| attributes.slot(name)) {
        Ok(program) => return Ok(program),
        Err(diagnostics) => diagnostics,
    };
    let (missing, wrong): (Vec<Diagnostic>, Vec<Diagnostic>) =
        diagnostics.into_iter().partition(|diagnostic| diagnostic.code == Code::UnknownAttribute);
    if !wrong.is_empty() {
        return Err(wrong);
    }
    for name in expression.attributes().filter(|name| attributes.slot(name).is_none()) {
        let near = missing
            .iter()
            .find(|diagnostic| {
                text.get(diagnostic.span.range()).is_some_and(|written| written.contains(name))
            })
            .and_then(|diagnostic| diagnostic.clone().suggest_attribute(text, attributes.names()).suggestion)
            .map(|near| format!("; {near}"))
            .unwrap_or_default();
        tell(&format!("note: the attribute [{name}] is not given and counts as null{near}"));
    }
    compile(expression, &mut |name| attributes.slot(name).or(Some(attributes.missing())))
}

fn read_attributes(arguments: &[String]) -> anyhow::Result<Attributes> {
    let mut attributes = Attributes::default();
    for argument in arguments {
        match argument.split_once('=') {
            Some((name, value)) => {
                let name = name.trim().trim_start_matches('[');
                // `[mail]=…` is the attribute `mail`; the brackets inside a path stay.
                let name = if argument.starts_with('[') { name.trim_end_matches(']') } else { name };
                if name.is_empty() {
                    bail!("--attributes {argument} names no attribute; write it as NAME=VALUE");
                }
                attributes.add(name, Value::from(value));
            }
            None => {
                let read = read_file(Path::new(argument))?;
                for (name, value) in read.names().zip(read.values()) {
                    attributes.set(name, value.clone());
                }
            }
        }
    }
    Ok(attributes)
}

fn read_file(path: &Path) -> anyhow::Result<Attributes> {
    let failed = || format!("cannot read attributes from {}", path.display());
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("{}; is it meant to be NAME=VALUE?", failed()))?;
    let json = serde_json::from_str(&text).with_context(failed)?;
    Attributes::from_json(&json).with_context(failed)
}

/// One line a value.
fn lines(outcome: &Outcome) -> String {
    let several = match outcome {
        Outcome::Value(Value::List(values)) if values.len() > 1 => values,
        Outcome::Roles { roles, .. } if !roles.is_empty() => roles,
        single => return format!("{single}\n"),
    };
    several.iter().map(|value| format!("{}\n", Outcome::Value(value.clone()))).collect()
}
