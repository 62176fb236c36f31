//! `cargo xtask docs`: writes what the programs say of themselves into `docs/`, or checks that it still says
//! the same.
//!
//! Owns the list of generators and the comparison; the words come from the programs.

mod compare;
mod generators;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::{checkout::Checkout, commands::test, terminal::say};

/// What everything generated lies below, from the root of the clone.
const DOCS: &str = "docs";

/// Write the generated references in docs
#[derive(Debug, Args)]
pub struct Docs {
    /// Change nothing; fail when a file differs from what would be written
    #[arg(long)]
    check: bool,
}

impl Docs {
    /// Generates, then replaces or compares.
    pub fn run(self) -> Result<()> {
        let checkout = Checkout::find()?;
        if self.check {
            return check(&checkout);
        }
        let fresh = generate(&checkout, &generators::PROGRAMS_ALONE)?;
        let kept = checkout.root.join(DOCS);
        for file in compare::generated(&kept)? {
            fs::remove_file(kept.join(file))?;
        }
        for file in compare::generated(&fresh)? {
            let target = kept.join(&file);
            fs::create_dir_all(target.parent().context("a file has a folder")?)?;
            fs::copy(fresh.join(&file), target)?;
        }
        test::write_configuration(&checkout)?;
        say("the references are written");
        Ok(())
    }
}

/// Fails when a reference is not what the programs say today.
pub fn check(checkout: &Checkout) -> Result<()> {
    let fresh = generate(checkout, &generators::WITH_TESTS)?;
    let differences = compare::differences(&checkout.root.join(DOCS), &fresh)?;
    for difference in &differences {
        say(&format!("{DOCS}/{difference}"));
    }
    ensure!(
        differences.is_empty(),
        "{} generated files are out of date: run `cargo xtask docs` and commit them",
        differences.len()
    );
    Ok(())
}

/// Everything, into a folder beside the build.
fn generate(checkout: &Checkout, build: &[&str]) -> Result<PathBuf> {
    let folder = checkout.built_folder()?.join("reference");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(folder.join(compare::FOLDER))?;
    generators::run(checkout, build, Path::new(&folder))?;
    Ok(folder)
}
