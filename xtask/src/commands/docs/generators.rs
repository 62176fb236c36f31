//! Who writes what. A new generated reference is a line here.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result};

use super::compare::{ENVIRONMENT, FOLDER, SPECIFICATION};
use crate::{checkout::Checkout, machine::child};

/// One program that describes itself.
struct Generator {
    /// The crate, and the program it builds.
    program: &'static str,
    /// What it is called with.
    arguments: &'static [&'static str],
    /// Where its words go.
    into: Destination,
}

enum Destination {
    /// The program writes files into the folder that is given as its last argument.
    Folder,
    /// The program writes one file to stdout.
    File(&'static str),
}

const GENERATORS: &[Generator] = &[
    Generator {
        program: "opsctl",
        arguments: &["docs", "--into"],
        into: Destination::Folder,
    },
    Generator {
        program: "app",
        arguments: &["--reference"],
        into: Destination::File(ENVIRONMENT),
    },
    Generator {
        program: "opsctl",
        arguments: &["docs", "--specification"],
        into: Destination::File(SPECIFICATION),
    },
];

/// What `cargo xtask up` builds: the quickest way to the programs.
pub const PROGRAMS_ALONE: [&str; 4] = ["--package", "app", "--package", "opsctl"];
/// What the tests before have built already: other features of dependencies would build them once more.
pub const WITH_TESTS: [&str; 2] = ["--workspace", "--all-targets"];

/// Builds the programs and lets each of them write.
pub fn run(checkout: &Checkout, build: &[&str], folder: &Path) -> Result<()> {
    child::run(checkout.cargo(["build", "--locked"]).args(build))?;
    let built = checkout.built_folder()?;
    for generator in GENERATORS {
        let mut command = Command::new(built.join(generator.program));
        command
            .current_dir(&checkout.root)
            .args(generator.arguments);
        match generator.into {
            Destination::Folder => drop(child::output(command.arg(folder.join(FOLDER)))?),
            Destination::File(name) => {
                fs::write(folder.join(name), child::output(&mut command)?).context(name)?;
            }
        }
    }
    Ok(())
}
