//! An administrator's session.

use std::sync::Arc;

use async_trait::async_trait;
use opsctl_core::Result;
use opsctl_core::clock::Timestamp;
use opsctl_core::guard::Permit;
use opsctl_core::ports::{Database, DatabaseIdentity, Databases, Location, ProbeRow};
use opsctl_core::{Failure, FailureKind};
use sqlx::pool::PoolConnection;
use sqlx::{Sqlite, SqlitePool};

use super::{fence, identity, schema};
use crate::connect::{self, trouble};

/// Opens SQLite databases.
#[derive(Debug, Clone, Copy, Default)]
pub struct SqliteDatabases;

#[async_trait]
impl Databases for SqliteDatabases {
    async fn open(&self, location: &Location) -> Result<Arc<dyn Database>> {
        Ok(Arc::new(SqliteSession {
            location: location.clone(),
            pool: connect::pool(location).await?,
        }))
    }
}

/// An open session.
#[derive(Debug, Clone)]
pub struct SqliteSession {
    location: Location,
    pool: SqlitePool,
}

impl SqliteSession {
    async fn session(&self) -> Result<PoolConnection<Sqlite>> {
        self.pool
            .acquire()
            .await
            .map_err(|error| trouble(&format!("can't reach {}", self.location.url), error))
    }
}

#[async_trait]
impl Database for SqliteSession {
    fn location(&self) -> &Location {
        &self.location
    }

    async fn identity(&self) -> Result<Option<DatabaseIdentity>> {
        identity::read(&mut *self.session().await?).await
    }

    async fn set_identity(&self, permit: &Permit<'_>, identity: &DatabaseIdentity) -> Result<()> {
        let mut session = self.session().await?;
        permit.check()?;
        identity::write(&mut session, identity).await
    }

    async fn now(&self) -> Result<Timestamp> {
        schema::now(&mut *self.session().await?).await
    }

    async fn heartbeat(&self) -> Result<Option<Timestamp>> {
        schema::heartbeat(&mut *self.session().await?).await
    }

    async fn schema_version(&self) -> Result<Option<i64>> {
        schema::schema_version(&mut *self.session().await?).await
    }

    async fn size_bytes(&self) -> Result<u64> {
        let bytes: i64 = sqlx::query_scalar(
            "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
        )
        .fetch_one(&mut *self.session().await?)
        .await
        .map_err(|error| trouble("can't read the database's size", error))?;
        Ok(bytes.unsigned_abs())
    }

    async fn fence(&self, permit: &Permit<'_>) -> Result<()> {
        let mut session = self.session().await?;
        permit.check()?;
        fence::raise(&mut session, permit.operation()).await
    }

    async fn unfence(&self, permit: &Permit<'_>) -> Result<()> {
        let mut session = self.session().await?;
        permit.check()?;
        fence::lower(&mut session).await
    }

    async fn try_write(&self) -> Result<Option<String>> {
        fence::try_write(&mut *self.session().await?).await
    }

    async fn foreign_sessions(&self) -> Result<u32> {
        Ok(0)
    }

    async fn probe_row(&self) -> Result<Option<ProbeRow>> {
        let mut session = self.session().await?;
        if !schema::has_table(&mut session, "users").await? {
            return Ok(None);
        }
        // A random place in the order of keys, and the first key of all when it lay behind the last.
        let row: Option<(String, String, Option<String>, Option<String>)> = sqlx::query_as(
            "SELECT id, email, first_name, last_name FROM (\
               SELECT 1 AS choice, * FROM (SELECT id, email, first_name, last_name FROM users \
                 WHERE id >= lower(hex(randomblob(16))) ORDER BY id LIMIT 1) \
               UNION ALL \
               SELECT 2, * FROM (SELECT id, email, first_name, last_name FROM users \
                 ORDER BY id LIMIT 1)) ORDER BY choice LIMIT 1",
        )
        .fetch_optional(&mut *session)
        .await
        .map_err(|error| trouble("can't choose a row to probe", error))?;
        row.map(|(id, email, first_name, last_name)| {
            let user_id = id.parse().map_err(|error: uuid::Error| {
                Failure::new(FailureKind::Unknown, format!("user id '{id}' is no UUID"))
                    .because(error)
            })?;
            Ok(ProbeRow {
                user_id,
                email,
                first_name,
                last_name,
            })
        })
        .transpose()
    }

    async fn close(&self) {
        self.pool.close().await;
    }
}
