//! Out of quarantine, and back.

use std::time::Duration;

use opsctl_core::{
    Failure, Result,
    clock::Timestamp,
    names::ScratchName,
    ports::{Isolation, Location},
};

use super::{Restorer, fetch::boot};
use crate::cluster::{
    account::Account,
    child::Program,
    local::{LocalPostgres, free_port},
    parallel::aside,
    record::ClusterRecord,
    server::{Lifetime, Stop},
};

/// A copy that served may hold what exists nowhere else: it is kept at least this long after.
const KEPT_AFTER_SERVING: Duration = Duration::from_secs(30 * 24 * 3600);

impl Restorer {
    /// Makes a copy the one that serves; returns where the application connects. Idempotent.
    ///
    /// # Errors
    /// When it was never promoted, or doesn't come up again.
    pub async fn adopt(&self, name: &ScratchName) -> Result<Location> {
        let mut record = self.require(name)?;
        if record
            .copy
            .as_ref()
            .is_none_or(|copy| copy.promotion.is_none())
        {
            return Err(Failure::refused(format!(
                "the copy {name} was never opened: it can't serve"
            )));
        }
        if record.isolation == Isolation::Quarantined {
            self.halt(&record, name, Stop::Fast).await?;
            let account = self.local.account()?;
            aside(|| leave_quarantine(&self.local, &account, &mut record))?;
        }
        self.launch(name, &record, Lifetime::Detached).await?;
        self.local.renew_password(record.lineage_id).await?;
        Ok(self.local.application(&record))
    }

    /// Puts an adopted copy back to quarantine, stopped. Idempotent.
    ///
    /// # Errors
    /// When it doesn't stop.
    pub async fn disown(&self, name: &ScratchName, now: Timestamp) -> Result<()> {
        let mut record = self.require(name)?;
        if record.isolation == Isolation::Quarantined {
            return Ok(());
        }
        self.halt(&record, name, Stop::Fast).await?;
        enter_quarantine(&self.local, &self.local.account()?, &mut record, now)
    }
}

/// Makes a stopped copy one that may serve: everything on disk, a port, archiving into its own lineage.
fn leave_quarantine(
    local: &LocalPostgres,
    account: &Account,
    record: &mut ClusterRecord,
) -> Result<()> {
    let folder = local.layout.cluster(record.lineage_id);
    if record.port == 0 {
        record.port = free_port()?;
    }
    // It ran without syncing; whatever it wrote must reach the disk before anybody relies on it.
    Program::new(local.binaries.program("initdb"))
        .arg("--sync-only")
        .arg("--pgdata")
        .arg(folder.data())
        .succeed(account)?;
    record.isolation = Isolation::Serving;
    if let Some(copy) = &mut record.copy {
        copy.served = true;
    }
    record.write(account, &folder)
}

/// Puts a stopped copy back.
fn enter_quarantine(
    local: &LocalPostgres,
    account: &Account,
    record: &mut ClusterRecord,
    now: Timestamp,
) -> Result<()> {
    record.isolation = Isolation::Quarantined;
    if let Some(copy) = &mut record.copy {
        copy.boot = boot();
        copy.expires_at = copy.expires_at.max(now.plus(KEPT_AFTER_SERVING));
    }
    record.write(account, &local.layout.cluster(record.lineage_id))
}
