//! An environment in a folder of its own: a migrated database with a few people in it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use async_trait::async_trait;
use opsctl_core::clock::SystemClock;
use opsctl_core::guard::Permit;
use opsctl_core::names::{BackupId, InstanceId, LineageId, ScratchName};
use opsctl_core::ports::{
    BackupRecord, Backups, Copies, Copy, Database, DatabaseIdentity, DatabaseRole, Databases,
    Descriptor, Effects, Engine, Location, Mode, Pointer, RecoveryTarget,
};
use opsctl_core::{Failure, clock::Timestamp};
use opsctl_simulation::Grant;
use opsctl_sqlite::backups::SqliteBackups;
use opsctl_sqlite::copies::SqliteCopies;
use opsctl_sqlite::databases::SqliteDatabases;
use opsctl_sqlite::{Places, connect};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions};

const MIGRATIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../migrations/sqlite");

/// The descriptor, as the test wrote it.
pub struct Fixed(pub Descriptor);

#[async_trait]
impl Pointer for Fixed {
    async fn read(&self) -> opsctl_core::Result<Option<Descriptor>> {
        Ok(Some(self.0.clone()))
    }

    async fn replace(&self, _: &Permit<'_>, _: u64, _: &Descriptor) -> opsctl_core::Result<()> {
        Err(Failure::refused("these tests never move the pointer"))
    }

    async fn administrator(&self, descriptor: &Descriptor) -> opsctl_core::Result<Location> {
        Ok(descriptor.location.clone())
    }
}

pub struct Site {
    pub folder: tempfile::TempDir,
    pub places: Places,
    pub identity: DatabaseIdentity,
    pub live: Location,
    /// What the application would be: connected all the time, in write-ahead mode.
    pub app: SqlitePool,
}

impl Site {
    pub async fn new() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let root = folder.path().join("env");
        Self::at(folder, &root).await
    }

    /// With the environment's files in a folder of the caller's choice.
    pub async fn at(folder: tempfile::TempDir, root: &Path) -> Result<Self> {
        let places = Places::new(root);
        let identity = DatabaseIdentity {
            instance_id: InstanceId(uuid::Uuid::new_v4()),
            lineage_id: LineageId(uuid::Uuid::new_v4()),
            role: DatabaseRole::Primary,
            effects: Effects::Flowing,
            sessions_valid_after: None,
        };
        let file = places.database(identity.lineage_id);
        std::fs::create_dir_all(file.parent().context("a database lies in a folder")?)?;
        let app = app(&file).await?;
        sqlx::migrate::Migrator::new(Path::new(MIGRATIONS))
            .await?
            .run(&app)
            .await?;
        let site = Self {
            folder,
            places,
            live: connect::location(&file),
            identity,
            app,
        };
        let grant = Grant::new("set-up").await;
        let database = site.database().await?;
        database
            .set_identity(&grant.permit(), &site.identity)
            .await?;
        site.add_people(3).await?;
        Ok(site)
    }

    pub fn pointer(&self) -> Arc<Fixed> {
        Arc::new(Fixed(Descriptor {
            version: Descriptor::VERSION,
            generation: 1,
            location: self.live.clone(),
            instance_id: self.identity.instance_id,
            lineage_id: self.identity.lineage_id,
            mode: Mode::Normal,
            other: serde_json::Map::new(),
        }))
    }

    pub fn backups(&self) -> SqliteBackups {
        SqliteBackups::new(self.places.clone(), self.pointer(), Arc::new(SystemClock))
    }

    pub fn copies(&self) -> SqliteCopies {
        SqliteCopies::new(self.places.clone())
    }

    pub async fn database(&self) -> Result<Arc<dyn Database>> {
        open(&self.live).await
    }

    pub async fn add_people(&self, count: u32) -> Result<()> {
        for _ in 0..count {
            let email = format!("{}@example.com", uuid::Uuid::new_v4());
            sqlx::query("INSERT INTO users (email, password_hash) VALUES (?1, 'x')")
                .bind(email)
                .execute(&self.app)
                .await?;
        }
        Ok(())
    }

    pub async fn beat(&self) -> Result<()> {
        sqlx::query(
            "INSERT INTO heartbeat (id, beat_at, writer) \
             VALUES (1, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 'test') \
             ON CONFLICT (id) DO UPDATE SET beat_at = excluded.beat_at",
        )
        .execute(&self.app)
        .await?;
        Ok(())
    }

    pub async fn back_up(&self, name: &str) -> Result<BackupRecord> {
        let grant = Grant::new(name).await;
        let id = BackupId::new(name)?;
        let backups = self.backups();
        Ok(backups
            .create(&grant.permit(), &id, &grant.progress())
            .await?)
    }

    pub fn backup_file(&self, name: &str, file: &str) -> Result<PathBuf> {
        Ok(self.places.backup(&BackupId::new(name)?).join(file))
    }

    /// Fetches and starts a copy.
    pub async fn restore(&self, backup: &str, name: &str) -> Result<Copy> {
        let grant = Grant::new(name).await;
        let (copies, scratch) = (self.copies(), ScratchName::new(name)?);
        fetch(&copies, &grant, backup, name).await?;
        Ok(copies
            .start(&grant.permit(), &scratch, &grant.progress())
            .await?)
    }
}

pub async fn fetch(
    copies: &SqliteCopies,
    grant: &Grant,
    backup: &str,
    name: &str,
) -> opsctl_core::Result<()> {
    let target = RecoveryTarget::Backup {
        id: BackupId::new(backup)?,
    };
    let expires = Timestamp::parse("2100-01-01T00:00:00Z")?;
    let (name, progress) = (ScratchName::new(name)?, grant.progress());
    copies
        .fetch(&grant.permit(), &name, &target, expires, &progress)
        .await
}

pub async fn open(location: &Location) -> Result<Arc<dyn Database>> {
    Ok(SqliteDatabases.open(location).await?)
}

/// Connects as the application does.
pub async fn app(file: &Path) -> Result<SqlitePool> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .foreign_keys(true)
        .busy_timeout(std::time::Duration::from_secs(30))
        .journal_mode(SqliteJournalMode::Wal);
    Ok(SqlitePoolOptions::new()
        .max_connections(4)
        .connect_with(options)
        .await?)
}

pub async fn count(location: &Location, table: &str) -> Result<i64> {
    let pool = connect::pool(location).await?;
    let statement = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
    let rows = sqlx::query_scalar(statement).fetch_one(&pool).await?;
    pool.close().await;
    Ok(rows)
}

/// The engine of a location, so that a wrong one is easy to write.
pub fn postgres() -> Location {
    Location {
        engine: Engine::Postgres,
        url: "postgres://app@127.0.0.1/app".into(),
        password_file: None,
        password_secret: None,
    }
}
