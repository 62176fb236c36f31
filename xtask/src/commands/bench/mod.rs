//! `cargo xtask bench`: measures, prints, and keeps the figures in `docs/benchmarks.md`.
//!
//! Owns which benchmarks there are. Not part of the tests: a figure is for people to judge.

mod alone;
mod api;
mod aws;
mod content;
mod deploy;
mod engine;
mod machine;
mod measure;
mod report;
mod restore;
mod site;
mod startup;
mod watched;

use anyhow::Result;
use clap::{Args, ValueEnum};

use self::site::Site;
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
    /// What the operation engine costs a step
    Engine,
    /// A restore, beside PostgreSQL's own programs
    Restore,
    /// Reading and proving every row
    Content,
    /// What a request costs, beside a twin in Python
    Api,
    /// Deploys on a real Kubernetes, beside kubectl and helm
    Deploy,
    /// Operations on AWS, beside the SDK's own waiter and pg_restore
    Aws,
}

impl Bench {
    /// Runs the benchmarks one after another; each replaces its section of the report.
    pub fn run(self) -> Result<()> {
        let checkout = Checkout::find()?;
        let names = match self.names.as_slice() {
            [] => Name::value_variants(),
            named => named,
        };
        let mut site = None;
        for name in names {
            let section = match name {
                Name::Startup => startup::measure(&checkout)?,
                Name::Engine => engine::measure(&checkout)?,
                Name::Restore => restore::measure(&checkout, platform(&checkout, &mut site)?)?,
                Name::Api => api::measure(&checkout, platform(&checkout, &mut site)?)?,
                Name::Deploy => deploy::measure(&checkout)?,
                Name::Aws => aws::measure(&checkout)?,
                Name::Content => content::measure(&checkout, platform(&checkout, &mut site)?)?,
            };
            say(&section.to_string());
            report::keep(&checkout, &section)?;
        }
        Ok(())
    }
}

/// One platform serves all that need one.
fn platform<'a>(checkout: &Checkout, site: &'a mut Option<Site>) -> Result<&'a Site> {
    let set_up = match site.take() {
        Some(site) => site,
        None => Site::set_up(checkout)?,
    };
    Ok(site.insert(set_up))
}
