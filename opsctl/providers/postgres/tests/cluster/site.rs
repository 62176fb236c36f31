//! One environment's PostgreSQL in a temporary folder.

use std::{
    os::unix::fs::PermissionsExt,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use opsctl_core::{
    clock::Timestamp,
    names::{BackupId, LineageId, OperationId, ScratchName},
    ports::{BackupRecord, Copy, RecoveryTarget},
};
use opsctl_postgres::cluster::{
    Binaries, ClusterRecord, Layout, Lifetime, LocalPostgres,
    archive::Inventory,
    backup, connect,
    restore::{FetchRequest, Restorer},
};
use sqlx::PgConnection;
use testkit::{files::TempDir, postgres::Reaper};

use crate::archiver;

/// A cluster with the database `app`; its servers are stopped when it is dropped.
pub struct Site {
    pub local: LocalPostgres,
    pub lineage: LineageId,
    /// Ends the servers, which outlive whoever started them. Before the folder: it looks for them there.
    _reaper: Reaper,
    pub folder: TempDir,
}

impl Site {
    /// A cluster that exists but does not run.
    pub fn prepare() -> Result<Self> {
        Self::prepare_in("postgres")
    }

    fn prepare_in(name: &str) -> Result<Self> {
        let folder = testkit::files::quick_tempdir()?;
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755))?;
        let reaper = Reaper::of(folder.path())?;
        let local = local_at(&folder.path().join(name))?;
        let lineage = LineageId(uuid::Uuid::new_v4());
        local.create(lineage, 0)?;
        Ok(Self {
            local,
            lineage,
            _reaper: reaper,
            folder,
        })
    }

    /// A cluster that runs.
    pub async fn start() -> Result<Self> {
        let site = Self::prepare()?;
        site.local.start(site.lineage).await?;
        Ok(site)
    }

    /// A cluster that runs, with the platform's schema and an identity.
    pub async fn set_up() -> Result<Self> {
        Self::set_up_in("postgres").await
    }

    /// The same in a folder of this name.
    pub async fn set_up_in(name: &str) -> Result<Self> {
        let site = Self::prepare_in(name)?;
        site.local.start(site.lineage).await?;
        let mut session = site.session().await?;
        run(
            &mut session,
            include_str!("../../../../../migrations/postgres/roles.sql"),
        )
        .await?;
        run(&mut session, "SET ROLE app_owner").await?;
        for migration in [
            include_str!("../../../../../migrations/postgres/0001_users.up.sql"),
            include_str!("../../../../../migrations/postgres/0002_posts.up.sql"),
            include_str!("../../../../../migrations/postgres/0003_comments.up.sql"),
            include_str!("../../../../../migrations/postgres/0004_operations.up.sql"),
        ] {
            run(&mut session, migration).await?;
        }
        let identity = format!(
            "RESET ROLE;
             INSERT INTO database_identity (instance_id, lineage_id, role)
             VALUES (gen_random_uuid(), '{}', 'primary');
             CREATE TABLE t (n int PRIMARY KEY, at timestamptz DEFAULT clock_timestamp())",
            site.lineage
        );
        run(&mut session, &identity).await?;
        Ok(site)
    }

    /// Adds a row to the table `t`.
    pub async fn write(&self, n: u32) -> Result<()> {
        run(
            &mut self.session().await?,
            &format!("INSERT INTO t VALUES ({n})"),
        )
        .await
    }

    /// The database's clock.
    pub async fn clock(&self) -> Result<Timestamp> {
        let text = self
            .ask("SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")
            .await?;
        Ok(Timestamp::parse(&text)?)
    }

    pub async fn back_up(&self, id: &str) -> Result<BackupRecord> {
        let id = BackupId::new(id)?;
        let known = backup::create(&self.local, self.lineage, &id, &|_, _| ()).await?;
        Ok(known.record)
    }

    pub fn restorer(&self) -> Restorer {
        Restorer::new(self.local.clone(), Lifetime::Leashed)
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
        // One byte back: at a border PostgreSQL 17 names the next segment, earlier ones the last.
        let name = self
            .ask("SELECT pg_walfile_name(pg_switch_wal() - 1)")
            .await?;
        let archive = self.local.layout.archive(self.lineage);
        until("the segment is archived", async || {
            let inventory = Inventory::read(&archive)?;
            Ok(inventory.segments.iter().any(|s| s.to_string() >= name))
        })
        .await?;
        Ok(name)
    }
}

/// The PostgreSQL of a folder.
pub fn local_at(root: &Path) -> Result<LocalPostgres> {
    let found = testkit::postgres::find()?;
    Ok(LocalPostgres {
        layout: Layout::new(root),
        binaries: Binaries::in_folder(found.folder())?,
        archiving: archiver::archiving()?,
        login: opsctl_postgres::cluster::APP_LOGIN.into(),
        password_file: None,
    })
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

/// A copy to restore.
pub fn wanted(name: &str, target: RecoveryTarget) -> Result<FetchRequest> {
    Ok(FetchRequest {
        name: ScratchName::new(name)?,
        owner: OperationId::new(name)?,
        target,
        expires_at: Timestamp::parse("2030-01-01T00:00:00Z")?,
    })
}

pub fn to_backup(id: &str) -> Result<RecoveryTarget> {
    Ok(RecoveryTarget::Backup {
        id: BackupId::new(id)?,
    })
}

pub fn to_time(base: &str, to: Timestamp) -> Result<RecoveryTarget> {
    Ok(RecoveryTarget::Time {
        base: BackupId::new(base)?,
        to,
    })
}

/// Restores and opens a copy.
pub async fn restore(restorer: &Restorer, name: &str, target: RecoveryTarget) -> Result<Copy> {
    let request = wanted(name, target)?;
    restorer.fetch(request.clone(), &|_, _| ()).await?;
    Ok(restorer.start(&request.name).await?)
}

/// The administrator's session with a copy.
pub async fn session_with(restorer: &Restorer, copy: &Copy) -> Result<PgConnection> {
    let local = restorer.local();
    let folder = local.layout.cluster(copy.lineage_id);
    Ok(connect(&folder, &local.record(copy.lineage_id)?, "app").await?)
}

/// The numbers in the copy's table `t`, as `1,2`.
pub async fn numbers(restorer: &Restorer, copy: &Copy) -> Result<String> {
    let mut session = session_with(restorer, copy).await?;
    ask(
        &mut session,
        "SELECT string_agg(n::text, ',' ORDER BY n) FROM t",
    )
    .await
}

/// Polls until something holds.
pub async fn until(what: &str, mut holds: impl AsyncFnMut() -> Result<bool>) -> Result<()> {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !holds().await? {
        anyhow::ensure!(Instant::now() < deadline, "still waiting: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}
