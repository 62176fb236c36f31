//! What the parts need on this machine. Met before the first part runs, so that a long run never ends with
//! "not installed".

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use testkit::{lab::Shape, postgres::PostgresBinaries};

use super::{contract, infra, monitoring, parts::Part, policy, shapes};
use crate::{
    checkout::Checkout,
    machine::{child, lab, minio, packages, postgres, prometheus},
    terminal::say,
};

/// What was found or installed.
#[derive(Debug, Default)]
pub struct Ready {
    /// The PostgreSQL that the tests start.
    pub postgres: Option<PostgresBinaries>,
    /// The S3 that the tests start.
    pub minio: Option<PathBuf>,
    /// What kind of cluster the tests can start.
    pub lab: Option<Shape>,
    /// The program behind `cargo deny`.
    pub deny: Option<PathBuf>,
    /// The program that tries the contract.
    pub schemathesis: Option<PathBuf>,
    /// What looks at the infrastructure.
    pub infra: Option<infra::Tools>,
    /// What looks at monitoring.
    pub monitoring: Option<monitoring::Tools>,
    /// What watches and hands over.
    pub servers: Option<prometheus::Servers>,
    /// Another stand-in for AWS.
    pub moto: Option<PathBuf>,
}

impl Ready {
    /// The variable by which tests find PostgreSQL's programs.
    pub fn postgres_folder(&self) -> Option<(&'static str, &Path)> {
        self.postgres.as_ref().map(|it| ("PG_BIN", it.folder()))
    }

    /// The variable by which tests find the program of S3.
    pub fn minio_folder(&self) -> Option<(&'static str, &Path)> {
        let folder = self.minio.as_deref().and_then(Path::parent);
        folder.map(|folder| ("MINIO_BIN", folder))
    }

    /// The program that tries the contract.
    pub fn schemathesis(&self) -> Result<&Path> {
        self.schemathesis
            .as_deref()
            .context("schemathesis was not asked for")
    }

    /// What looks at the infrastructure.
    pub fn infra(&self) -> Result<&infra::Tools> {
        self.infra.as_ref().context("terraform was not asked for")
    }

    /// What looks at monitoring.
    pub fn monitoring(&self) -> Result<&monitoring::Tools> {
        let tools = self.monitoring.as_ref();
        tools.context("promtool was not asked for")
    }

    /// Another stand-in for AWS.
    pub fn moto(&self) -> Result<&Path> {
        self.moto.as_deref().context("moto was not asked for")
    }

    /// What watches and hands over.
    pub fn servers(&self) -> Result<&prometheus::Servers> {
        let servers = self.servers.as_ref();
        servers.context("prometheus was not asked for")
    }
}

/// Finds or installs everything that the parts need.
pub fn meet(parts: &[Part], checkout: &Checkout) -> Result<Ready> {
    let mut ready = Ready::default();
    if parts.contains(&Part::Format) {
        component(checkout, "rustfmt", "fmt")?;
    }
    if parts.contains(&Part::Lint) {
        component(checkout, "clippy", "clippy")?;
    }
    if parts.iter().any(|part| part.needs_postgres()) {
        let found = postgres::require()?;
        say(&format!(
            "PostgreSQL {} in {}",
            found.version(),
            found.folder().display()
        ));
        ready.postgres = Some(found);
    }
    if parts.contains(&Part::Integration) {
        packages::require("nginx", "nginx-light")?;
        packages::require("faketime", "faketime")?;
    }
    if parts.contains(&Part::Integration) || parts.contains(&Part::Endurance) {
        packages::require("redis-server", "redis-server")?;
        ready.minio = Some(minio::require()?);
        ready.lab = Some(lab::require()?);
    }
    if parts.contains(&Part::Endurance) {
        let shape = lab::require()?;
        ensure!(
            shape == Shape::Node,
            "endurance needs a node: the service is released there"
        );
        ready.lab = Some(shape);
    }
    if parts.contains(&Part::Contract) {
        ready.schemathesis = Some(contract::require(checkout)?);
    }
    if parts.contains(&Part::Infra) {
        ready.infra = Some(infra::require(checkout)?);
    }
    if parts.contains(&Part::Monitoring) {
        ready.monitoring = Some(monitoring::require(checkout)?);
    }
    if parts.contains(&Part::Delivery) {
        ready.servers = Some(monitoring::require_servers()?);
    }
    if parts.contains(&Part::Shapes) {
        ready.moto = Some(shapes::require(checkout)?);
    }
    if parts.contains(&Part::Policy) {
        ready.deny = Some(policy::require()?);
    }
    Ok(ready)
}

/// A component of the Rust toolchain; rustup installs the one that is missing.
fn component(checkout: &Checkout, name: &str, command: &str) -> Result<()> {
    if child::succeeds(&mut checkout.cargo([command, "--version"])) {
        return Ok(());
    }
    say(&format!("{name} is missing: installing it with rustup"));
    let mut add = Command::new("rustup");
    add.current_dir(&checkout.root)
        .args(["component", "add", name]);
    child::run(&mut add)
        .with_context(|| format!("{name} is missing: run `rustup component add {name}`"))
}
