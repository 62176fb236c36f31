//! One environment's PostgreSQL in a temporary folder.

use std::{
    future::Future,
    os::unix::fs::PermissionsExt,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use opsctl_core::names::LineageId;
use opsctl_postgres::cluster::{
    Binaries, ClusterRecord, Layout, LocalPostgres, Stop, archive::Inventory, connect,
};
use sqlx::PgConnection;
use testkit::files::TempDir;

use crate::archiver;

/// A cluster with the database `app`; its servers are stopped when it is dropped.
pub struct Site {
    pub local: LocalPostgres,
    pub lineage: LineageId,
    pub folder: TempDir,
}

impl Site {
    /// A cluster that exists but does not run.
    pub fn prepare() -> Result<Self> {
        let folder = testkit::files::tempdir()?;
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755))?;
        let found = testkit::postgres::find()?;
        let local = LocalPostgres {
            layout: Layout::new(folder.path().join("postgres")),
            binaries: Binaries::in_folder(found.folder())?,
            archiving: archiver::archiving()?,
        };
        let lineage = LineageId(uuid::Uuid::new_v4());
        local.create(lineage, 0)?;
        Ok(Self {
            local,
            lineage,
            folder,
        })
    }

    /// A cluster that runs.
    pub async fn start() -> Result<Self> {
        let site = Self::prepare()?;
        site.local.start(site.lineage).await?;
        Ok(site)
    }

    pub fn record(&self) -> Result<ClusterRecord> {
        Ok(self.local.record(self.lineage)?)
    }

    /// The administrator's session with the database.
    pub async fn session(&self) -> Result<PgConnection> {
        let folder = self.local.layout.cluster(self.lineage);
        Ok(connect(&folder, &self.record()?, "app").await?)
    }

    /// Runs statements; returns the first column of the first row as text.
    pub async fn ask(&self, sql: &str) -> Result<String> {
        ask(&mut self.session().await?, sql).await
    }

    /// Ends the segment that is being written, and waits until it is archived.
    pub async fn switch_segment(&self) -> Result<String> {
        let name = self.ask("SELECT pg_walfile_name(pg_switch_wal())").await?;
        let archive = self.local.layout.archive(self.lineage);
        until("the segment is archived", async || {
            let inventory = Inventory::read(&archive)?;
            Ok(inventory.segments.iter().any(|s| s.to_string() >= name))
        })
        .await?;
        Ok(name)
    }
}

pub async fn ask(session: &mut PgConnection, sql: &str) -> Result<String> {
    // As a subquery, so that whatever it answers comes as text.
    let query = format!("SELECT (SELECT t FROM ({sql}) AS q (t))::text");
    let value: Option<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(query))
        .fetch_one(&mut *session)
        .await
        .with_context(|| sql.to_owned())?;
    Ok(value.unwrap_or_default())
}

/// Runs statements that answer nothing.
pub async fn run(session: &mut PgConnection, sql: &str) -> Result<()> {
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned()))
        .execute(&mut *session)
        .await
        .with_context(|| sql.to_owned())?;
    Ok(())
}

/// Polls until something holds.
pub async fn until<F: Future<Output = Result<bool>>>(
    what: &str,
    mut holds: impl FnMut() -> F,
) -> Result<()> {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !holds().await? {
        anyhow::ensure!(Instant::now() < deadline, "still waiting: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}

impl Drop for Site {
    fn drop(&mut self) {
        let Ok(clusters) = std::fs::read_dir(self.local.layout.clusters()) else {
            return;
        };
        for cluster in clusters.flatten() {
            let data = cluster.path().join("data");
            if let Some(pid) = opsctl_postgres::cluster::state(&data).pid() {
                opsctl_postgres::cluster::signal(pid, Stop::Immediate).ok();
                while opsctl_postgres::cluster::state(&data).pid().is_some() {
                    std::thread::sleep(Duration::from_millis(5));
                }
            }
        }
    }
}
