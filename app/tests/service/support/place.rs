//! A database of one test, migrated and named as opsctl would do it, on either engine.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::{Context, Result};
use sqlx::migrate::Migrator;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, PgPool, Postgres, Row,
    Transaction,
};
use uuid::Uuid;

use super::server::{PASSWORD, server};
use super::stack::Beside;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// How the administrator gets in.
enum Administrator {
    /// Connects for each call: SQLite lets no file of a process go while another connection of it is open.
    Sqlite {
        options: Box<SqliteConnectOptions>,
        folder: tempfile::TempDir,
    },
    Postgres(PgPool),
}

/// One database.
pub struct Place {
    pub engine: Engine,
    pub lineage_id: Uuid,
    pub instance_id: Uuid,
    /// As the application connects: without rights to more than rows.
    pub url: String,
    /// What production has beside it; only where a service asked for it.
    beside: OnceLock<Beside>,
    administrator: Administrator,
}

/// The folder of an engine's migrations.
pub fn migrations(engine: Engine) -> PathBuf {
    let folder = match engine {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgres",
    };
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../migrations")
        .join(folder)
}

impl Place {
    /// Migrated, and the primary of its own lineage.
    pub async fn primary(engine: Engine) -> Result<Self> {
        let place = Self::migrated(engine).await?;
        let (instance, lineage) = (place.instance_id, place.lineage_id);
        place
            .execute(&format!(
                "INSERT INTO database_identity (instance_id, lineage_id, role) \
                 VALUES ('{instance}', '{lineage}', 'primary')"
            ))
            .await?;
        Ok(place)
    }

    /// Migrated, but nobody has said what it is.
    pub async fn migrated(engine: Engine) -> Result<Self> {
        let place = Self::empty(engine).await?;
        place.migrate().await?;
        Ok(place)
    }

    /// Without any table.
    pub async fn empty(engine: Engine) -> Result<Self> {
        let (administrator, url) = match engine {
            Engine::Sqlite => sqlite().await?,
            Engine::Postgres => postgres().await?,
        };
        let (lineage_id, instance_id) = (Uuid::new_v4(), Uuid::new_v4());
        Ok(Self {
            engine,
            lineage_id,
            instance_id,
            url,
            beside: OnceLock::new(),
            administrator,
        })
    }

    /// What a service is told of this place: on PostgreSQL, as in production, of a replica and a Redis as well.
    pub fn variables(&self) -> Result<Vec<(&str, &str)>> {
        let mut variables = vec![("DATABASE_URL", self.url.as_str())];
        if self.engine == Engine::Postgres {
            if self.beside.get().is_none() {
                let _first = self.beside.set(Beside::of(&self.url)?);
            }
            let beside = self.beside.get().context("it was set above")?;
            variables.extend(beside.variables());
        }
        Ok(variables)
    }

    /// The Redis beside it, where there is one.
    pub fn redis(&self) -> Option<&testkit::Redis> {
        self.beside.get().map(|beside| &beside.redis)
    }

    /// Every migration, run as opsctl runs them.
    pub async fn migrate(&self) -> Result<()> {
        let migrator = Migrator::new(migrations(self.engine)).await?;
        match &self.administrator {
            Administrator::Sqlite { options, .. } => {
                migrator.run(&mut options.connect().await?).await?;
            }
            Administrator::Postgres(_) => migrator.run(&mut self.owner().await?).await?,
        }
        Ok(())
    }

    /// Every migration undone, newest first.
    pub async fn undo_migrations(&self) -> Result<()> {
        let migrator = Migrator::new(migrations(self.engine)).await?;
        match &self.administrator {
            Administrator::Sqlite { options, .. } => {
                migrator.undo(&mut options.connect().await?, 0).await?;
            }
            Administrator::Postgres(_) => migrator.undo(&mut self.owner().await?, 0).await?,
        }
        Ok(())
    }

    async fn owner(&self) -> Result<PgConnection> {
        let roles = std::fs::read_to_string(migrations(Engine::Postgres).join("roles.sql"))?;
        let url = self
            .url
            .replace(&format!("app_login:{PASSWORD}@"), "postgres@");
        let mut connection = PgConnection::connect(&url).await?;
        connection.execute(AssertSqlSafe(roles)).await?;
        connection.execute("SET ROLE app_owner").await?;
        Ok(connection)
    }

    /// As a descriptor has it.
    pub fn url_without_password(&self) -> String {
        self.url.replace(&format!(":{PASSWORD}@"), "@")
    }

    /// Runs statements as administrator.
    pub async fn execute(&self, sql: &str) -> Result<()> {
        let done = match &self.administrator {
            Administrator::Sqlite { options, .. } => options
                .connect()
                .await?
                .execute(AssertSqlSafe(sql))
                .await
                .map(drop),
            Administrator::Postgres(pool) => pool.execute(AssertSqlSafe(sql)).await.map(drop),
        };
        done.with_context(|| sql.to_owned())?;
        // What is done behind the service's back stands in no client's token.
        match self.beside.get() {
            Some(beside) => beside.caught_up(self).await,
            None => Ok(()),
        }
    }

    /// The column x of every row, as text; null is "null".
    pub async fn texts(&self, sql: &str) -> Result<Vec<String>> {
        let sql = match self.engine {
            Engine::Sqlite => format!("SELECT CAST(t.x AS TEXT) FROM ({sql}) AS t"),
            Engine::Postgres => format!("SELECT t.x::text FROM ({sql}) AS t"),
        };
        let statement = AssertSqlSafe(sql.clone());
        let texts: Result<Vec<Option<String>>, _> = match &self.administrator {
            Administrator::Sqlite { options, .. } => {
                let rows = options
                    .connect()
                    .await?
                    .fetch_all(statement)
                    .await
                    .context(sql)?;
                rows.iter().map(|row| row.try_get(0)).collect()
            }
            Administrator::Postgres(pool) => {
                let rows = pool.fetch_all(statement).await.context(sql)?;
                rows.iter().map(|row| row.try_get(0)).collect()
            }
        };
        Ok(texts?
            .into_iter()
            .map(|text| text.unwrap_or_else(|| "null".into()))
            .collect())
    }

    /// The column x of the first row.
    pub async fn text(&self, sql: &str) -> Result<String> {
        self.texts(sql)
            .await?
            .into_iter()
            .next()
            .with_context(|| format!("no row: {sql}"))
    }

    /// How many connections of the service the database sees: sessions, or on SQLite open files of this process.
    pub async fn connections_of_the_service(&self) -> Result<usize> {
        match &self.administrator {
            Administrator::Postgres(_) => {
                let sessions = "SELECT count(*) AS x FROM pg_stat_activity \
                    WHERE datname = current_database() AND application_name LIKE 'app/%'";
                Ok(self.text(sessions).await?.parse()?)
            }
            Administrator::Sqlite { folder, .. } => {
                let file = folder.path().join("app.sqlite3");
                let open = std::fs::read_dir("/proc/self/fd")?
                    .filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
                Ok(open.filter(|target| *target == file).count())
            }
        }
    }

    /// Keeps everybody from writing until it is released or dropped.
    pub async fn hold_writes(&self) -> Result<Hold> {
        match &self.administrator {
            Administrator::Sqlite { options, .. } => {
                let mut connection = options.connect().await?;
                connection.execute("BEGIN IMMEDIATE").await?;
                Ok(Hold::Sqlite(connection))
            }
            Administrator::Postgres(pool) => {
                let mut hold = pool.begin().await?;
                hold.execute("LOCK TABLE users, posts, comments IN EXCLUSIVE MODE")
                    .await?;
                Ok(Hold::Postgres(hold))
            }
        }
    }
}

async fn sqlite() -> Result<(Administrator, String)> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("app.sqlite3");
    let options = SqliteConnectOptions::new()
        .filename(&path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .busy_timeout(Duration::from_secs(30));
    options.connect().await?.close().await?;
    let url = format!("sqlite:{}", path.display());
    let options = Box::new(options);
    Ok((Administrator::Sqlite { options, folder }, url))
}

async fn postgres() -> Result<(Administrator, String)> {
    let name = format!("t{}", Uuid::new_v4().simple());
    let url = server()?.create_database(&name)?;
    let pool = PgPoolOptions::new()
        .max_connections(2)
        .connect(&url)
        .await?;
    let own = url.replace("postgres@", &format!("app_login:{PASSWORD}@"));
    Ok((Administrator::Postgres(pool), own))
}

/// Writes wait as long as this lives.
pub enum Hold {
    Sqlite(SqliteConnection),
    Postgres(Transaction<'static, Postgres>),
}

impl Hold {
    pub async fn release(self) -> Result<()> {
        match self {
            Self::Sqlite(connection) => connection.close().await?,
            Self::Postgres(hold) => hold.rollback().await?,
        }
        Ok(())
    }
}
