//! Out of quarantine, and back.

use std::time::Duration;

use opsctl_core::{
    Result,
    clock::Timestamp,
    ports::{Engine, Isolation, Location},
};

use super::fetch::boot;
use crate::cluster::{
    access,
    account::Account,
    child::Program,
    connection::{Asking, connect},
    layout::{APP_LOGIN, DATABASE},
    local::{LocalPostgres, free_port},
    record::ClusterRecord,
};

/// A copy that served may hold what exists nowhere else: it is kept at least this long after.
const KEPT_AFTER_SERVING: Duration = Duration::from_secs(30 * 24 * 3600);

/// Makes a stopped copy one that may serve: everything on disk, a port, archiving into its own lineage.
pub(super) fn leave_quarantine(
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
pub(super) fn enter_quarantine(
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

/// Gives the application's login the password that the application has: the backup may hold an older one.
pub(super) async fn renew_password(local: &LocalPostgres, record: &ClusterRecord) -> Result<()> {
    let Some(file) = &local.password_file else {
        return Ok(());
    };
    let folder = local.layout.cluster(record.lineage_id);
    let mut session = connect(&folder, record, DATABASE).await?;
    let known: bool = sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)")
        .bind(APP_LOGIN)
        .fetch_one(&mut session)
        .await
        .asking("look for the application's login")?;
    if known {
        let password = access::password_in(file)?;
        access::set_password(&mut session, APP_LOGIN, &password).await?;
    }
    Ok(())
}

/// Where the application connects.
pub(crate) fn application(local: &LocalPostgres, record: &ClusterRecord) -> Location {
    Location {
        engine: Engine::Postgres,
        url: format!(
            "postgres://{APP_LOGIN}@127.0.0.1:{}/{DATABASE}",
            record.port
        ),
        password_file: local.password_file.clone(),
    }
}
