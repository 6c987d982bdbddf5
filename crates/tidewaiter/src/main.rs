//! The `tidewaiter` program.

mod archives;
mod cli;
mod commands;
mod failure;
mod interrupt;
mod output;
mod progress;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Command};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = std::panic::catch_unwind(|| match &cli.command {
        Command::Parse(args) => commands::parse::run(args, &cli.global),
    });
    match result {
        Ok(Ok(())) if interrupt::pressed() => ExitCode::from(interrupt::CODE),
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(failure)) => {
            eprintln!("error: {}", archives::safe(&failure.to_string()));
            failure.code()
        }
        // The panic's own message is on standard error already.
        Err(_) => ExitCode::from(4),
    }
}
