//! `cargo xtask bench`: measures, prints, and keeps the figures in `docs/benchmarks.md`.
//!
//! Owns which benchmarks there are. Not part of the tests: a figure is for people to judge.

mod machine;
mod measure;
mod report;
mod startup;

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::{checkout::Checkout, terminal::say};

/// Measure, and keep the figures in docs/benchmarks.md
#[derive(Debug, Args)]
pub struct Bench {
    /// The benchmarks to run; all of them when none is named
    #[arg(value_enum)]
    names: Vec<Name>,
}

/// One benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Name {
    /// How long opsctl takes to say something
    Startup,
}

impl Bench {
    /// Runs the benchmarks one after another; each replaces its section of the report.
    pub fn run(self) -> Result<()> {
        let checkout = Checkout::find()?;
        let names = match self.names.as_slice() {
            [] => Name::value_variants(),
            named => named,
        };
        for name in names {
            let section = match name {
                Name::Startup => startup::measure(&checkout)?,
            };
            say(&section.to_string());
            report::keep(&checkout, &section)?;
        }
        Ok(())
    }
}
