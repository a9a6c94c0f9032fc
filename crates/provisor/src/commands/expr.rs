//! `provisor expr`: the mapping language at a terminal and in CI.

mod check;
mod eval;
mod functions;
mod test;

use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Subcommand;
use provisor::expressions::surroundings::{Surroundings, instant};
use provisor_engine::clock::{Clock as _, SystemClock};
use provisor_engine::ids::SeededIds;

/// Arguments of `provisor expr`.
#[derive(clap::Args)]
pub(crate) struct ExprArgs {
    #[command(subcommand)]
    command: ExprCommand,
}

#[derive(Subcommand)]
enum ExprCommand {
    /// Evaluate an expression over attributes.
    Eval(eval::EvalArgs),
    /// Check an expression without evaluating it; print its canonical text and the attributes it uses.
    Check(check::CheckArgs),
    /// List the functions, or describe one.
    Functions(functions::FunctionsArgs),
    /// Run files of vectors: expressions with attributes and expected results.
    Test(test::TestArgs),
}

/// Runs the command. The exit code is 1 when an expression is wrong or a vector does not hold.
pub(crate) fn run(args: &ExprArgs) -> anyhow::Result<ExitCode> {
    match &args.command {
        ExprCommand::Eval(args) => eval::run(args),
        ExprCommand::Check(args) => check::run(args),
        ExprCommand::Functions(args) => functions::run(args),
        ExprCommand::Test(args) => test::run(args),
    }
}

/// Where the text of an expression comes from.
#[derive(clap::Args)]
#[group(id = "expression", multiple = false)]
struct ExpressionArgs {
    /// The expression, such as 'Join(" ", [givenName], [surname])'; `-` reads it from standard input.
    #[arg(value_name = "EXPR")]
    text: Option<String>,
    /// Read the expression from this file.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

impl ExpressionArgs {
    fn is_given(&self) -> bool {
        self.text.is_some() || self.file.is_some()
    }

    /// The text, without the line break that ends a file.
    fn read(&self) -> anyhow::Result<String> {
        let text = match (&self.text, &self.file) {
            (_, Some(path)) => std::fs::read_to_string(path)
                .with_context(|| format!("cannot read the expression from {}", path.display()))?,
            (Some(text), None) if text != "-" => return Ok(text.clone()),
            (None, None) => {
                anyhow::bail!("no expression is given: write it, or `-` to read it from standard input")
            }
            _ => {
                let mut text = String::new();
                std::io::stdin()
                    .read_to_string(&mut text)
                    .context("cannot read the expression from standard input")?;
                text
            }
        };
        Ok(text.trim_end().to_owned())
    }
}

/// What an evaluation takes from around it.
#[derive(clap::Args)]
struct SurroundingsArgs {
    /// What Now() gives, such as 2025-01-05T00:07:09Z, or 2025-01-05 for midnight in UTC; without it, the current time.
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    now: Option<jiff::Timestamp>,
    /// What DefaultDomain() gives.
    #[arg(long, value_name = "DOMAIN")]
    default_domain: Option<String>,
    /// A value that an object of the target already has (SelectUniqueValue); may be repeated.
    #[arg(long, value_name = "VALUE")]
    existing: Vec<String>,
    /// A configuration value: what %NAME% stands for; may be repeated.
    #[arg(long, value_name = "NAME=VALUE")]
    token: Vec<String>,
    /// Makes Guid and RandomString give the same for the same number.
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
}

impl SurroundingsArgs {
    fn read(&self) -> anyhow::Result<Surroundings> {
        let clock = Arc::new(SystemClock::new());
        let now = self.now.unwrap_or_else(|| clock.now());
        let ids = match self.seed {
            Some(seed) => SeededIds::from_seed(seed, clock),
            None => SeededIds::from_machine(clock).context("the machine gives no randomness")?,
        };
        let mut surroundings = Surroundings::new(now, Arc::new(ids));
        surroundings.default_domain.clone_from(&self.default_domain);
        surroundings.existing.clone_from(&self.existing);
        for token in &self.token {
            let (name, value) = token
                .split_once('=')
                .with_context(|| format!("--token {token} has no `=`; write it as NAME=VALUE"))?;
            surroundings.tokens.insert(name.trim_matches('%').to_owned(), value.to_owned());
        }
        Ok(surroundings)
    }
}

/// Writes to standard output. A reader that went away, such as `head`, has what it wanted.
fn print(text: &str) -> anyhow::Result<()> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        result => result.context("cannot write to standard output"),
    }
}

/// Writes a message for people to standard error.
#[expect(clippy::print_stderr, reason = "errors and notes are for people; standard output is the result")]
fn tell(message: &str) {
    eprintln!("{message}");
}
