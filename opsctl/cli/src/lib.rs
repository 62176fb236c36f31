//! The command line of opsctl: arguments in, output and an exit code out.
//!
//! Owns everything that a person or a pipeline sees. Holds no rule of any operation: core does.

pub mod args;
mod commands;
mod config;
mod confirm;
mod faults;
mod in_cluster;
mod notify;
mod output;
mod runner;
mod session;
mod signals;
mod world;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use opsctl_core::Failure;
use opsctl_core::secret::without_passwords;

use crate::args::Cli;
use crate::output::Output;

/// Runs the command that the process was started with.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return refused(&error),
    };
    let output = match Output::new(&cli.global) {
        Ok(output) => output,
        Err(failure) => return Output::plain().fail(&failure),
    };
    match run(cli, &output) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => output.fail(&failure),
    }
}

/// Help and versions go to stdout and are no error; the rest is a wrong usage.
fn refused(error: &clap::Error) -> ExitCode {
    let text = error.render();
    let text = without_passwords(&text.ansi().to_string());
    // Nobody reads any more when this fails.
    let _ = match error.use_stderr() {
        true => anstream::stderr().write_all(text.as_bytes()),
        false => anstream::stdout().write_all(text.as_bytes()),
    };
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

fn run(cli: Cli, output: &Output) -> Result<u8, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::failed("can't start the runtime").because(error))?;
    let answer = runtime.block_on(commands::run(cli, output));
    // A blocking read of the terminal must not keep a finished command from ending.
    runtime.shutdown_background();
    answer
}
