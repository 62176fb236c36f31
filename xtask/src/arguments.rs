//! The command line. Owns the names of the commands; never does their work.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{
    commands::{bench, docs, lab, rehearse, test, up},
    terminal,
};

/// Everything a newcomer, a contributor or CI runs in this repository.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Up(up::Up),
    Test(test::Test),
    Bench(bench::Bench),
    Lab(lab::Lab),
    Rehearse(rehearse::Rehearse),
    Docs(docs::Docs),
}

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Up(up) => up.run(),
        Command::Test(test) => test.run(),
        Command::Bench(bench) => bench.run(),
        Command::Lab(lab) => lab.run(),
        Command::Rehearse(rehearse) => rehearse.run(),
        Command::Docs(docs) => docs.run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            terminal::say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use anyhow::{Context, Result};
    use clap::CommandFactory;

    use super::*;
    use crate::checkout::Checkout;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_command_in_the_documents_is_one_that_we_have() -> Result<()> {
        let mut seen = 0;
        for (file, words) in commands_in_documents()? {
            let words = words.split_whitespace().map(str::to_owned);
            match Arguments::try_parse_from(words.clone().skip(1)) {
                Err(error) if error.use_stderr() => {
                    let words: Vec<String> = words.collect();
                    anyhow::bail!("{}: `{}`: {error}", file.display(), words.join(" "));
                }
                _ => seen += 1,
            }
        }
        anyhow::ensure!(seen > 0, "no document names a command");
        Ok(())
    }

    /// Every `cargo xtask …` in a Markdown file, whether it stands in a line or on one of its own.
    fn commands_in_documents() -> Result<Vec<(PathBuf, String)>> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .context("no root")?;
        let root = root.to_owned();
        // In a line of its own or between backticks; prose may end where it likes.
        let command = regex::Regex::new(r"cargo xtask [a-z][a-z \-]*")?;
        let mut found = Vec::new();
        let checkout = Checkout { root };
        for file in checkout.files()? {
            if file.ends_with(".md") {
                let text = std::fs::read_to_string(checkout.root.join(&file))?;
                let words = command
                    .find_iter(&text)
                    .map(|words| words.as_str().to_owned());
                found.extend(words.map(|words| (PathBuf::from(&file), words)));
            }
        }
        Ok(found)
    }
}
