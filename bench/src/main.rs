//! Benchmarks: one subcommand a figure, a table for people, `--json` for machines. Every figure is a ratio to
//! a baseline that is measured in the same run.

mod api;
mod bare;
mod bare_handler;
mod child;
mod expressions;
mod initial_cycle;

use clap::{Parser, Subcommand};

/// Measures Provisor. Every figure stands beside a baseline of the same run.
#[derive(Parser)]
#[command(name = "provisor-bench", version)]
struct Cli {
    #[command(subcommand)]
    figure: Figure,
}

#[derive(Subcommand)]
enum Figure {
    /// An initial cycle into the sample application, beside a bare loop over the same HTTP client.
    InitialCycle(initial_cycle::InitialCycleArgs),
    /// The default SCIM template's mappings over a person, beside a hand-written closure.
    Expressions(expressions::ExpressionsArgs),
    /// The API with 64 requests at once, beside a bare handler of the same framework.
    Api(api::ApiArgs),
    /// A handler that always sends the same bytes, as a process of its own.
    #[command(hide = true)]
    BareHandler(bare_handler::BareArgs),
    /// The sample application as a process of its own.
    #[command(hide = true)]
    Target,
    /// The server as a process of its own.
    #[command(hide = true)]
    Server(child::ServerArgs),
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Cli::parse().figure {
        Figure::InitialCycle(args) => initial_cycle::run(args).await,
        Figure::Expressions(args) => expressions::run(&args),
        Figure::Api(args) => api::run(args).await,
        Figure::BareHandler(args) => bare_handler::run(args).await,
        Figure::Target => child::target().await,
        Figure::Server(args) => child::server(args).await,
    }
}
