//! One initialised cluster a machine and PostgreSQL version, which every server is a copy of.
//!
//! `initdb` takes a second; copying its result takes a few hundredths of one. Built once, under a lock, and
//! put in place by a rename, so that a build that was killed is never taken for a finished one.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};

use super::{Account, PostgresBinaries};

/// Part of the template's name; to be raised whenever something below changes.
const RECIPE: u32 = 2;

/// Quick rather than durable: the data lives no longer than the test.
const SETTINGS: &str = "
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
fsync = off
full_page_writes = off
shared_buffers = 32MB
max_connections = 60
min_wal_size = 32MB
log_timezone = 'UTC'
timezone = 'UTC'
";

/// The administrator comes in freely; everybody else has a password, as in production.
const ACCESS: &str = "
host all         postgres 127.0.0.1/32 trust
host replication postgres 127.0.0.1/32 trust
host all         all      127.0.0.1/32 scram-sha-256
host replication all      127.0.0.1/32 scram-sha-256
";

/// The data folder to copy; builds it where this machine has none yet.
pub(super) fn find_or_build(account: &Account, binaries: &PostgresBinaries) -> Result<PathBuf> {
    let root = account.root_folder()?;
    let ready = root.join(format!("template-{}-{RECIPE}", binaries.version()));
    if ready.exists() {
        return Ok(ready);
    }
    let lock_path = root.join("template.lock");
    let lock = fs::File::create(&lock_path).context("open the template's lock")?;
    account.own(&lock_path)?;
    lock.lock().context("wait for the template's lock")?;
    if ready.exists() {
        return Ok(ready);
    }
    let building = ready.with_extension("building");
    if building.exists() {
        fs::remove_dir_all(&building)?;
    }
    build(account, binaries, &building)?;
    fs::rename(&building, &ready).context("put the template in place")?;
    Ok(ready)
}

fn build(account: &Account, binaries: &PostgresBinaries, data: &Path) -> Result<()> {
    // Upper and lower case beyond ASCII, sorted by code point; machines without that locale have C.
    if initdb(account, binaries, data, "C.UTF-8").is_err() {
        initdb(account, binaries, data, "C")?;
    }
    append(&data.join("postgresql.conf"), SETTINGS)?;
    fs::write(data.join("pg_hba.conf"), ACCESS)?;
    let mut single = account.command(&binaries.program("postgres"));
    single.args(["--single", "-D"]).arg(data).arg("postgres");
    run(single, "CREATE DATABASE app\n")
}

fn initdb(account: &Account, binaries: &PostgresBinaries, data: &Path, locale: &str) -> Result<()> {
    let mut initdb = account.command(&binaries.program("initdb"));
    initdb
        .arg("--pgdata")
        .arg(data)
        .arg(format!("--locale={locale}"))
        .args([
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--data-checksums",
            "--no-sync",
        ]);
    run(initdb, "")
}

fn append(file: &Path, text: &str) -> Result<()> {
    let mut file = fs::OpenOptions::new().append(true).open(file)?;
    Ok(file.write_all(text.as_bytes())?)
}

fn run(mut command: Command, input: &str) -> Result<()> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut stdin = child.stdin.take().context("no pipe to the program")?;
    stdin.write_all(input.as_bytes())?;
    drop(stdin);
    let output = child.wait_with_output()?;
    ensure!(
        output.status.success(),
        "{:?} failed: {}{}",
        command.get_program(),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}
