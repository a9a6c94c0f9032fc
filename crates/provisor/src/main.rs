//! The `provisor` command.

mod commands;
mod demo;
mod logging;
mod settings;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Keeps the users and groups of applications in step with a directory.
///
/// Provisor serves Microsoft Graph's synchronization API and runs the jobs behind it: it reads a directory,
/// decides who is in scope, matches, maps attributes, and writes to a SCIM 2.0 application.
#[derive(Parser)]
#[command(name = "provisor", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Show the main job from end to end: an organisation, an application, a job, and what changes do.
    Demo(demo::DemoArgs),
    /// Serve the API and run the jobs.
    Serve(commands::serve::ServeArgs),
    /// Serve a small SCIM 2.0 application, for who has no target yet.
    SampleApp(commands::sample_app::SampleAppArgs),
    /// Evaluate, check and test expressions of the mapping language.
    Expr(commands::expr::ExprArgs),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Command::Expr(args) = &cli.command {
        return commands::expr::run(args).unwrap_or_else(|error| report(&error));
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return report(&anyhow::Error::from(error)),
    };
    let result = runtime.block_on(async {
        match cli.command {
            Command::Demo(args) => demo::run(args).await,
            Command::Serve(args) => commands::serve::run(args).await,
            Command::SampleApp(args) => commands::sample_app::run(args).await,
            Command::Expr(args) => commands::expr::run(&args).map(drop),
        }
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => report(&error),
    }
}

#[expect(clippy::print_stderr, reason = "the last word of a command that failed")]
fn report(error: &anyhow::Error) -> ExitCode {
    eprintln!("error: {error:#}");
    ExitCode::FAILURE
}
