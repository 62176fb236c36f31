//! An administrator's session.

use std::sync::Arc;

use async_trait::async_trait;
use opsctl_core::Result;
use opsctl_core::clock::Timestamp;
use opsctl_core::guard::Permit;
use opsctl_core::ports::{Database, DatabaseIdentity, Databases, Location, ProbeRow};
use sqlx::PgPool;

use super::{fence, identity};
use crate::connect::{self, trouble};

/// Opens PostgreSQL databases.
#[derive(Debug, Clone, Default)]
pub struct PostgresDatabases;

#[async_trait]
impl Databases for PostgresDatabases {
    async fn open(&self, location: &Location) -> Result<Arc<dyn Database>> {
        let pool = connect::pool(location, "opsctl").await?;
        Ok(Arc::new(PostgresSession {
            location: location.clone(),
            pool,
        }))
    }
}

/// An open session.
#[derive(Debug, Clone)]
pub struct PostgresSession {
    location: Location,
    pool: PgPool,
}

#[async_trait]
impl Database for PostgresSession {
    fn location(&self) -> &Location {
        &self.location
    }

    async fn identity(&self) -> Result<Option<DatabaseIdentity>> {
        identity::read(&self.pool).await
    }

    async fn set_identity(&self, permit: &Permit<'_>, identity: &DatabaseIdentity) -> Result<()> {
        permit.check()?;
        identity::write(&self.pool, identity).await
    }

    async fn now(&self) -> Result<Timestamp> {
        sqlx::query_scalar("SELECT clock_timestamp()")
            .fetch_one(&self.pool)
            .await
            .map(Timestamp)
            .map_err(trouble("can't read the database's clock"))
    }

    async fn heartbeat(&self) -> Result<Option<Timestamp>> {
        if !self.has_table("heartbeat").await? {
            return Ok(None);
        }
        sqlx::query_scalar("SELECT max(beat_at) FROM heartbeat")
            .fetch_one(&self.pool)
            .await
            .map(|beat: Option<time::OffsetDateTime>| beat.map(Timestamp))
            .map_err(trouble("can't read the heartbeat"))
    }

    async fn schema_version(&self) -> Result<Option<i64>> {
        if !self.has_table("_sqlx_migrations").await? {
            return Ok(None);
        }
        sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations WHERE success")
            .fetch_one(&self.pool)
            .await
            .map_err(trouble("can't read the applied migrations"))
    }

    async fn size_bytes(&self) -> Result<u64> {
        let bytes: i64 = sqlx::query_scalar("SELECT pg_database_size(current_database())")
            .fetch_one(&self.pool)
            .await
            .map_err(trouble("can't read the database's size"))?;
        Ok(bytes.unsigned_abs())
    }

    async fn fence(&self, permit: &Permit<'_>) -> Result<()> {
        permit.check()?;
        fence::raise(&self.pool, permit.operation()).await
    }

    async fn unfence(&self, permit: &Permit<'_>) -> Result<()> {
        permit.check()?;
        fence::lower(&self.pool).await
    }

    async fn try_write(&self) -> Result<Option<String>> {
        fence::try_write(&self.pool).await
    }

    async fn foreign_sessions(&self) -> Result<u32> {
        let count: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
             AND backend_type = 'client backend' AND application_name NOT LIKE 'opsctl%'",
        )
        .fetch_one(&self.pool)
        .await
        .map_err(trouble("can't count the sessions"))?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    async fn probe_row(&self) -> Result<Option<ProbeRow>> {
        if !self.has_table("users").await? {
            return Ok(None);
        }
        let row: Option<(uuid::Uuid, String, Option<String>, Option<String>)> = sqlx::query_as(
            "SELECT id, email, first_name, last_name FROM users \
             WHERE id >= gen_random_uuid() ORDER BY id LIMIT 1",
        )
        .fetch_optional(&self.pool)
        .await
        .map_err(trouble("can't choose a row to probe"))?;
        let row = match row {
            Some(row) => Some(row),
            // The random id lay above them all.
            None => sqlx::query_as(
                "SELECT id, email, first_name, last_name FROM users ORDER BY id LIMIT 1",
            )
            .fetch_optional(&self.pool)
            .await
            .map_err(trouble("can't choose a row to probe"))?,
        };
        Ok(row.map(|(user_id, email, first_name, last_name)| ProbeRow {
            user_id,
            email,
            first_name,
            last_name,
        }))
    }

    async fn close(&self) {
        self.pool.close().await;
    }
}

impl PostgresSession {
    async fn has_table(&self, name: &str) -> Result<bool> {
        identity::has_table(&self.pool, name).await
    }
}
