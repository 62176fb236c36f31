//! A standby that follows another server by streaming, as a read replica does.

use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::Postgres;

impl Postgres {
    /// A copy of `primary` that goes on following it.
    ///
    /// # Errors
    /// When the copy can't be made or doesn't start.
    pub fn standby_of(primary: &Self) -> Result<Self> {
        let settings = primary.settings();
        let mut standby = Self::prepare(&settings)?;
        let mut copy: Command = standby
            .account()
            .command(&primary.binaries().program("pg_basebackup"));
        copy.args(["--write-recovery-conf", "--checkpoint=fast", "--no-sync"])
            .arg("--pgdata")
            .arg(standby.data_dir())
            .args(["--host=127.0.0.1", "--username=postgres", "--port"])
            .arg(primary.port().to_string());
        let output = copy.output().context("run pg_basebackup")?;
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "pg_basebackup: {}", errors.trim());
        standby.set("hot_standby", "on");
        standby.begin_on_copy()?;
        Ok(standby)
    }

    /// Keeps a standby from applying what its primary writes.
    ///
    /// # Errors
    /// When the server refuses: it is no standby.
    pub fn pause_replay(&self) -> Result<()> {
        self.execute("postgres", "SELECT pg_wal_replay_pause()")
            .map(drop)
    }

    /// Lets it catch up.
    ///
    /// # Errors
    /// When the server refuses.
    pub fn resume_replay(&self) -> Result<()> {
        self.execute("postgres", "SELECT pg_wal_replay_resume()")
            .map(drop)
    }
}
