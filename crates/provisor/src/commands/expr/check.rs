//! `provisor expr check`.

use std::process::ExitCode;

use provisor_expression::{Diagnostic, compile, parse, review};

use super::eval::refuse;
use super::{ExpressionArgs, print, tell};

/// Arguments of `provisor expr check`.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  provisor expr check 'Join(\".\", [givenName], [surname])'
  provisor expr check --file mapping.txt --attribute givenName --attribute surname

Exits with 1 when the expression is wrong, and shows every place.")]
pub(super) struct CheckArgs {
    #[command(flatten)]
    expression: ExpressionArgs,
    /// The name of an attribute that the source has; may be repeated. With any, all others are errors.
    #[arg(short, long, value_name = "NAME")]
    attribute: Vec<String>,
}

/// Checks, and prints what the expression is.
pub(super) fn run(args: &CheckArgs) -> anyhow::Result<ExitCode> {
    let text = args.expression.read()?;
    let expression = match parse(&text) {
        Ok(expression) => expression,
        Err(diagnostic) => return Ok(refuse(&text, &[diagnostic])),
    };
    let known = || args.attribute.iter().map(String::as_str);
    let mut resolve = |name: &str| {
        if args.attribute.is_empty() {
            return Some(0);
        }
        known().position(|known| known == name).or_else(|| known().position(|k| k.eq_ignore_ascii_case(name)))
    };
    let program = match compile(&expression, &mut resolve) {
        Ok(program) => program,
        Err(diagnostics) => {
            let suggest = |diagnostic: Diagnostic| diagnostic.suggest_attribute(&text, known());
            let diagnostics: Vec<Diagnostic> = diagnostics.into_iter().map(suggest).collect();
            return Ok(refuse(&text, &diagnostics));
        }
    };
    let review = review(&expression);
    if !review.impossible.is_empty() {
        return Ok(refuse(&text, &review.impossible));
    }
    for told in &review.pointless {
        tell(&format!("note: {told}"));
    }
    let attributes: Vec<&str> = expression.attributes().collect();
    let attributes = if attributes.is_empty() { "none".to_owned() } else { attributes.join(", ") };
    print(&format!("{expression}\nattributes: {attributes}\n"))?;
    let facts = program.facts();
    for (holds, note) in [
        (facts.redacts, "the result is shown as [Redact] in logs"),
        (
            facts.selects_unique_value,
            "asks the target which values are taken: for the creation of objects only",
        ),
        (facts.volatile, "may give another result each time for the same attributes"),
    ] {
        if holds {
            print(&format!("note: {note}\n"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
