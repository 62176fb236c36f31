//! Creating an empty cluster.
//!
//! It is built beside its place and moved there when it is whole, so that a run that was killed leaves
//! nothing that looks like a cluster.

use std::{fs, io::Write, path::Path, process::Stdio};

use opsctl_core::{Failure, Result};

use super::{
    account::Account,
    binaries::Binaries,
    child::Program,
    configuration,
    durable::{self, At},
    layout::{ADMINISTRATOR, DATABASE, Layout},
    record::ClusterRecord,
};

/// The prefix of clusters that are being built.
pub(crate) const UNFINISHED: &str = ".new-";

/// Creates the cluster that `record` describes, with an empty database. One that exists is fine.
pub(crate) fn create(
    account: &Account,
    binaries: &Binaries,
    layout: &Layout,
    record: &ClusterRecord,
) -> Result<()> {
    let folder = layout.cluster(record.lineage_id);
    if ClusterRecord::read(&folder)?.is_some() {
        return Ok(());
    }
    account.create_folder(&layout.clusters())?;
    let building = layout
        .clusters()
        .join(format!("{UNFINISHED}{}", record.lineage_id));
    durable::remove_folder(&building)?;
    account.create_folder(&building)?;
    let data = building.join("data");
    initdb(account, binaries, &data)?;
    configuration::include(&data)?;
    // Without the file the server would refuse to start even in single-user mode.
    let own = data.join("opsctl.conf");
    fs::write(&own, "").at("write", &own)?;
    account.own(&own)?;
    create_database(account, binaries, &data)?;
    record.write(
        account,
        &super::layout::ClusterFolder::new(building.clone()),
    )?;
    fs::rename(&building, folder.path()).at("put in place", folder.path())?;
    durable::sync_folder(&layout.clusters())
}

fn initdb(account: &Account, binaries: &Binaries, data: &Path) -> Result<()> {
    let program = |locale: &str| {
        Program::new(binaries.program("initdb"))
            .arg("--pgdata")
            .arg(data)
            .arg(format!("--username={ADMINISTRATOR}"))
            .args(["--encoding=UTF8", "--data-checksums", "--auth=reject"])
            .arg(format!("--locale={locale}"))
    };
    // Sorted by code point everywhere, but with upper and lower case beyond ASCII.
    let preferred = program("C.UTF-8");
    let ended = preferred.run(account)?;
    if ended.status.success() {
        return Ok(());
    }
    if !ended.stderr.contains("locale") {
        return Err(preferred.failure(&ended));
    }
    durable::remove_folder(data)?;
    program("C").succeed(account).map(drop)
}

/// Creates the database before any server runs: nobody can connect to a cluster that is half set up.
fn create_database(account: &Account, binaries: &Binaries, data: &Path) -> Result<()> {
    let program = binaries.program("postgres");
    let mut child = account
        .command(&program)
        .args(["--single", "-D"])
        .arg(data)
        .arg("postgres")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .at("run", &program)?;
    if let Some(mut stdin) = child.stdin.take() {
        writeln!(stdin, "CREATE DATABASE {DATABASE}").at("talk to", &program)?;
    }
    let output = child.wait_with_output().at("wait for", &program)?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() && !said.contains("ERROR:") {
        return Ok(());
    }
    Err(Failure::failed("the database can't be created").cause(said.trim().to_owned()))
}
