//! The `tidewaiter` program.

mod archives;
mod cli;
mod commands;
mod daemon;
mod diagnostics;
mod edges;
mod failure;
mod interrupt;
mod keyring;
mod load;
mod operate;
mod output;
mod progress;
mod sources;
mod tree;

use std::process::ExitCode;

use clap::Parser;

use crate::{
    cli::{Cli, Command},
    failure::Failure,
};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = std::panic::catch_unwind(|| match &cli.command {
        Command::DryRun(args) => commands::dry_run::run(args, &cli.global),
        Command::Parse(args) => commands::parse::run(args, &cli.global),
        Command::Check(args) => commands::check::run(args, &cli.global),
        Command::Explain(args) => commands::explain::run(args, &cli.global),
        Command::List(args) => commands::list::run(args, &cli.global),
        Command::Outbox(command) => commands::outbox::run(command, &cli.global),
        Command::Stop(args) => commands::stop::stop(args, &cli.global),
        Command::Resume => commands::stop::resume(&cli.global),
        Command::OptOut(args) => commands::stop::opt(args, true, &cli.global),
        Command::OptIn(args) => commands::stop::opt(args, false, &cli.global),
        Command::Store(command) => commands::store::run(command, &cli.global),
        Command::Doctor => commands::doctor::run(&cli.global),
        Command::Policy(command) => commands::policy::run(command, &cli.global),
        Command::Config(command) => commands::config::run(command, &cli.global),
        Command::Run(args) => daemon::run(args.since, &cli.global),
        Command::Completions(args) => commands::completions::run(args),
    });
    match result {
        Ok(result) => {
            let code = result.as_ref().map_or_else(Failure::code, |()| ExitCode::SUCCESS);
            if let Err(failure) = result
                && !matches!(failure, Failure::Findings)
            {
                output::complain(&format!("error: {}", archives::safe(&failure.to_string())));
            }
            if interrupt::pressed() { ExitCode::from(interrupt::CODE) } else { code }
        }
        // The panic's own message is on standard error already.
        Err(_) if commands::check::never_in_the_way(&cli.command) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(4),
    }
}
