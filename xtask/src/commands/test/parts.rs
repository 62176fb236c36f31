//! The parts of the test run: what each one is for and the command behind it.

use std::{fmt, time::Duration};

use anyhow::Result;
use clap::ValueEnum;
use testkit::lab::Shape;

use super::{
    contract,
    endurance::{self, Seeds},
    infra, monitoring, policy,
    requirements::Ready,
    shapes,
};
use crate::{checkout::Checkout, commands::docs, machine::child, secrets, structure};

/// One part of the test run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// The code is formatted
    Format,
    /// Rooms, walls, names and sizes of files are as ARCHITECTURE.md and STYLE.md say
    Structure,
    /// No secret is in the tree or in the history
    Secrets,
    /// Dependencies: bans, licences, sources
    Policy,
    /// Clippy, warnings denied, on every target
    Lint,
    /// Tests inside the crates: no server, no network
    Unit,
    /// Tests that run programs and real servers
    Integration,
    /// The integration tests that run a real PostgreSQL (part of `integration`)
    Postgres,
    /// The running service beside its own description
    Contract,
    /// Terraform: format, validity, plans beside the specification, policy; needs no account
    Infra,
    /// Alerts: rules around every threshold, routes, runbooks, and that every metric is exported
    Monitoring,
    /// A real outage becomes a call: service, Prometheus, Alertmanager, whoever is on call; only when it is named
    Delivery,
    /// Moto, which is none of ours, takes whatever opsctl asks of AWS; only when it is named
    Shapes,
    /// The examples in the documentation
    Docs,
    /// Generated references say what the programs say
    Drift,
    /// Operations killed at random over many seeds, and the real service under load while it is released; only when it is named
    Endurance,
}

/// What tests may take, in all: twice of what they do on two cores. What hangs is to be named, not to be cut off by whoever runs us.
const LONGEST: Duration = Duration::from_mins(45);
/// Tests that take minutes stand below a module of this name.
const LONG: &str = "endurance::";
/// The real service, released while many ask it; it says how far it is.
/// One after the other: each measures what others feel.
const UNDER_LOAD: [&str; 9] = [
    "--locked",
    "--package",
    "opsctl",
    "--test",
    "serving",
    "--",
    "--nocapture",
    "--test-threads=1",
    LONG,
];

impl Part {
    /// What a run without named parts does: the quick and the likely to fail first.
    pub const EVERYTHING: [Self; 12] = [
        Self::Format,
        Self::Structure,
        Self::Secrets,
        Self::Policy,
        Self::Lint,
        Self::Infra,
        Self::Monitoring,
        Self::Unit,
        Self::Integration,
        Self::Contract,
        Self::Docs,
        Self::Drift,
    ];

    /// What the part is for, in one line.
    pub fn meaning(self) -> String {
        self.to_possible_value()
            .and_then(|value| value.get_help().map(ToString::to_string))
            .unwrap_or_default()
    }

    /// Runs the part to its end.
    pub fn run(self, checkout: &Checkout, ready: &Ready, seeds: &Seeds) -> Result<()> {
        let all = ["--workspace", "--locked"];
        let cargo = |arguments: &[&str]| {
            let mut command = child::cargo(arguments);
            command.current_dir(&checkout.root);
            command
        };
        match self {
            Self::Structure => structure::check(checkout),
            Self::Secrets => secrets::check(checkout),
            Self::Drift => docs::check(checkout),
            Self::Policy => policy::check(checkout, ready),
            Self::Contract => contract::check(checkout, ready.schemathesis()?),
            Self::Infra => infra::check(checkout, ready.infra()?),
            Self::Monitoring => monitoring::check(checkout, ready.monitoring()?),
            Self::Delivery => monitoring::deliver(checkout, ready.servers()?),
            Self::Shapes => shapes::check(checkout, ready.moto()?),
            Self::Endurance => {
                child::run(cargo(&["run", "--quiet"]).args(seeds.arguments()))?;
                child::run(
                    cargo(&["test"])
                        .args(UNDER_LOAD)
                        .envs(ready.postgres_folder())
                        .envs(ready.minio_folder()),
                )?;
                // Without a node there is nothing to release to.
                match ready.lab {
                    Some(Shape::Node) => child::run(&mut cargo(&endurance::ON_A_CLUSTER)),
                    _ => Ok(()),
                }
            }
            Self::Format => child::run(&mut cargo(&["fmt", "--all", "--check"])),
            Self::Lint => {
                let mut clippy = cargo(&["clippy", "--all-targets", "--keep-going"]);
                child::run(clippy.args(all).args(["--", "-D", "warnings"]))
            }
            Self::Unit | Self::Integration | Self::Postgres | Self::Docs => {
                let targets = self.targets(checkout)?;
                if self == Self::Integration {
                    // By itself: how long that takes says nothing about the tests.
                    let mut build = cargo(&["test", "--no-run"]);
                    child::run(build.args(all).args(&targets))?;
                }
                let mut test = cargo(&["test", "--no-fail-fast"]);
                test.args(all).args(targets);
                test.envs(ready.postgres_folder());
                test.envs(ready.minio_folder());
                test.args(["--", "--skip", LONG]);
                // Said when the machine was looked at; these tests can't mean anything here.
                if ready.lab == Some(Shape::ControlPlane) {
                    test.args(["--skip", "on_the_node::"]);
                }
                child::run_within(&mut test, LONGEST)
            }
        }
    }

    /// What `cargo test` is told to build and run.
    fn targets(self, checkout: &Checkout) -> Result<Vec<String>> {
        let fixed: &[&str] = match self {
            Self::Unit => &["--lib", "--bins"],
            Self::Integration => &["--test", "*"],
            Self::Docs => &["--doc"],
            _ => return postgres_targets(checkout),
        };
        Ok(fixed.iter().map(|word| (*word).to_owned()).collect())
    }

    /// Whether a PostgreSQL must be there before the part may start.
    pub fn needs_postgres(self) -> bool {
        matches!(
            self,
            Self::Integration | Self::Postgres | Self::Contract | Self::Delivery | Self::Endurance
        )
    }
}

/// The test programs that run a PostgreSQL: all of the crates named for it, and those with it in their name.
fn postgres_targets(checkout: &Checkout) -> Result<Vec<String>> {
    let mut arguments = Vec::new();
    for package in checkout.packages()? {
        let whole = ["opsctl-postgres", "testkit", "testkit-aws"].contains(&package.name.as_str());
        for target in package.targets {
            let is_test = target.kind.iter().any(|kind| kind == "test");
            if is_test && (whole || target.name.contains("postgres")) {
                arguments.extend(["--test".to_owned(), target.name]);
            }
        }
    }
    anyhow::ensure!(!arguments.is_empty(), "no test runs a PostgreSQL yet");
    Ok(arguments)
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.to_possible_value();
        f.pad(value.as_ref().map_or("", |value| value.get_name()))
    }
}
