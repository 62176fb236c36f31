//! A database that can be asked who it is, how fresh it is, and be fenced.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;

use crate::clock::Timestamp;
use crate::failure::Result;
use crate::guard::Permit;
use crate::names::{InstanceId, LineageId};

/// The database engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Engine {
    /// One file.
    Sqlite,
    /// A server.
    Postgres,
}

impl Engine {
    /// The name as it is written in configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// Where a database is, for its administrator. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Location {
    /// Which engine.
    pub engine: Engine,
    /// `sqlite:/…/app.sqlite3`, or `postgres://user@host:port/name`; a socket folder goes in `?host=`.
    pub url: String,
    /// The file with the password, where one is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_file: Option<PathBuf>,
    /// The secret with the password, by its name, where it lies with the environment's other secrets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_secret: Option<String>,
}

/// What a database is to its environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DatabaseRole {
    /// *The* database.
    Primary,
    /// A restored copy that nobody may be served from.
    Scratch,
    /// Was the database, until a cut-over.
    Superseded,
}

impl DatabaseRole {
    /// The word that the database holds.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Scratch => "scratch",
            Self::Superseded => "superseded",
        }
    }
}

/// Whether outbox and jobs may work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effects {
    /// They work.
    #[default]
    Flowing,
    /// They wait until the operator says replay or discard.
    Held,
}

impl Effects {
    /// The word that the database holds.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Flowing => "flowing",
            Self::Held => "held",
        }
    }
}

/// Who a database says it is; it lives in the database itself.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct DatabaseIdentity {
    /// The instance: kept for life.
    pub instance_id: InstanceId,
    /// The line of history: a restored copy begins a new one.
    pub lineage_id: LineageId,
    /// What it is to its environment.
    pub role: DatabaseRole,
    /// Whether outbox and jobs may work.
    pub effects: Effects,
    /// Sessions that began before this are refused; `None` means that all count.
    pub sessions_valid_after: Option<Timestamp>,
}

/// What a probe through the application must answer.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ProbeRow {
    /// The user.
    pub user_id: uuid::Uuid,
    /// The user's e-mail address.
    pub email: String,
    /// The first name.
    pub first_name: Option<String>,
    /// The last name.
    pub last_name: Option<String>,
}

/// Opens databases.
#[async_trait]
pub trait Databases: Send + Sync {
    /// Connects as administrator; fails within seconds when nobody answers.
    async fn open(&self, location: &Location) -> Result<Arc<dyn Database>>;
}

/// An open administrator's session.
#[async_trait]
pub trait Database: Send + Sync {
    /// Where it is.
    fn location(&self) -> &Location;

    /// Who it says it is; `None` when it was never set up.
    async fn identity(&self) -> Result<Option<DatabaseIdentity>>;

    /// Writes who it is.
    async fn set_identity(&self, permit: &Permit<'_>, identity: &DatabaseIdentity) -> Result<()>;

    /// The database's own clock.
    async fn now(&self) -> Result<Timestamp>;

    /// The newest heartbeat; `None` when there never was one.
    async fn heartbeat(&self) -> Result<Option<Timestamp>>;

    /// The newest applied migration; `None` when there is none.
    async fn schema_version(&self) -> Result<Option<i64>>;

    /// Its size in bytes.
    async fn size_bytes(&self) -> Result<u64>;

    /// Makes it refuse every write of the application, whoever tries; reads go on. Idempotent.
    async fn fence(&self, permit: &Permit<'_>) -> Result<()>;

    /// Takes the fence away. Idempotent.
    async fn unfence(&self, permit: &Permit<'_>) -> Result<()>;

    /// Tries a write as the application would: `Some(the refusal's words)` when it was refused, `None`
    /// when it went through (and was rolled back).
    async fn try_write(&self) -> Result<Option<String>>;

    /// How many sessions other than opsctl's own are connected (always 0 for SQLite).
    async fn foreign_sessions(&self) -> Result<u32>;

    /// A row to read through the application: a user chosen at random; `None` when there is none.
    async fn probe_row(&self) -> Result<Option<ProbeRow>>;

    /// Closes the session's connections.
    async fn close(&self);
}
