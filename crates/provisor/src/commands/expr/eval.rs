//! `provisor expr eval`.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use provisor::expressions::attributes::Attributes;
use provisor::expressions::surroundings::Surroundings;
use provisor::expressions::{outcome, trace};
use provisor_expression::{
    Code, Diagnostic, EvaluationError, Expression, Node, Outcome, Program, Value, compile, parse,
};

use super::{ExpressionArgs, SurroundingsArgs, print, tell};

/// Arguments of `provisor expr eval`.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  provisor expr eval 'ToLower(Join(\".\", [givenName], [surname]))' --attributes person.json
  provisor expr eval 'Join(\", \", [roles])' --attributes roles=Admin roles=User
  provisor expr eval 'DateDiff(\"d\", Now(), [hireDate])' --attributes hireDate=2026-01-15 --now 2026-01-01T00:00:00Z

Prints the value, several values one a line; (null), (empty), (empty list), (dropped) and (object skipped)
where there is none.")]
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

impl EvalArgs {
    /// The expression and the attributes. `--attributes a=1 'EXPR'` takes the expression for one more attribute.
    fn split(&self) -> anyhow::Result<(String, &[String])> {
        if self.expression.is_given() {
            return Ok((self.expression.read()?, &self.attributes));
        }
        match self.attributes.split_last() {
            Some((last, rest)) if is_expression(last) => Ok((last.clone(), rest)),
            _ => bail!(
                "no expression is given: write it first, as in provisor expr eval 'Append([a], \"x\")' --attributes a=1; \
                 `-` reads it from standard input, --file from a file"
            ),
        }
    }
}

/// Whether an argument is an expression rather than a file or `[name]=value`.
fn is_expression(argument: &str) -> bool {
    let comparison = |expression: &Expression| matches!(expression.node(), Node::Comparison { .. });
    !Path::new(argument).exists() && parse(argument).is_ok_and(|expression| !comparison(&expression))
}

/// Evaluates, and prints the value.
pub(super) fn run(args: &EvalArgs) -> anyhow::Result<ExitCode> {
    let (text, given) = args.split()?;
    let mut attributes = read_attributes(given)?;
    let surroundings = args.surroundings.read()?;
    let expression = match parse(&text) {
        Ok(expression) => expression,
        Err(diagnostic) => return Ok(refuse(&text, &[diagnostic])),
    };
    attributes.resolve(expression.attributes());
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
            for given in arguments_of(&text, &error, &attributes, &surroundings) {
                tell(&format!("  with {given}"));
            }
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// What the arguments of a call that failed were, but for those that stand in the text. At a terminal only: errors
/// themselves hold no values, because they go to logs.
fn arguments_of(
    text: &str,
    error: &EvaluationError,
    attributes: &Attributes,
    surroundings: &Surroundings,
) -> Vec<String> {
    let Some(call) = text.get(error.span.range()).and_then(|call| parse(call).ok()) else {
        return Vec::new();
    };
    let Node::Function { arguments, .. } = call.node() else { return Vec::new() };
    let mut resolve = |name: &str| attributes.slot(name).or(Some(attributes.missing()));
    let mut shown = Vec::new();
    for argument in arguments.iter().flatten() {
        if matches!(argument.node, Node::Constant { .. } | Node::Keyword(_)) {
            continue;
        }
        let value = Expression::from_node(&argument.node)
            .ok()
            .and_then(|argument| compile(&argument, &mut resolve).ok())
            .and_then(|program| program.evaluate(attributes.values(), surroundings).ok());
        if let Some(value) = value {
            shown.push(format!("{} = {}", argument.node, outcome::to_code(&value)));
        }
    }
    shown
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
    let json = serde_json::from_str(text.trim_start_matches('\u{feff}')).with_context(failed)?;
    Attributes::from_json(&json).with_context(failed)
}

/// One line a value.
fn lines(outcome: &Outcome) -> String {
    let several = match outcome {
        Outcome::Value(Value::List(values)) | Outcome::Roles { roles: values, .. } if values.is_empty() => {
            return "(empty list)\n".to_owned();
        }
        Outcome::Value(Value::List(values)) if values.len() > 1 => values,
        Outcome::Roles { roles, .. } => roles,
        single => return line(single),
    };
    several.iter().map(|value| line(&Outcome::Value(value.clone()))).collect()
}

/// An empty text would be an empty line, which looks like nothing at all.
fn line(outcome: &Outcome) -> String {
    let text = outcome.to_string();
    if text.is_empty() { "(empty)\n".to_owned() } else { format!("{text}\n") }
}
