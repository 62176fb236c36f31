//! Applying migrations: one writer, one transaction, sqlx's own table.

use std::time::Instant;

use async_trait::async_trait;
use opsctl_core::clock::Timestamp;
use opsctl_core::guard::Permit;
use opsctl_core::migrate::{Migration, Statement};
use opsctl_core::ports::{Applied, LiveFacts, Location, Schema};
use opsctl_core::{Failure, FailureKind, Result};
use sqlx::{AssertSqlSafe, Connection, Executor, SqliteConnection};

use super::facts;
use crate::connect::{self, trouble};
use crate::databases::has_table;

/// As sqlx writes it, so that its own tools read it.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
)";

/// The schemas of SQLite files.
#[derive(Debug, Clone, Default)]
pub struct SqliteSchema;

#[async_trait]
impl Schema for SqliteSchema {
    async fn applied(&self, location: &Location) -> Result<Vec<Applied>> {
        let mut session = connect::connection(location).await?;
        let applied = read(&mut session).await;
        close(session).await;
        applied
    }

    async fn facts(&self, location: &Location, tables: &[String]) -> Result<LiveFacts> {
        let mut session = connect::connection(location).await?;
        let read = facts::read(&mut session, tables)
            .await
            .map_err(|error| trouble("can't look at the live tables", error));
        close(session).await;
        read
    }

    async fn apply(&self, permit: &Permit<'_>, at: &Location, migration: &Migration) -> Result<()> {
        if !migration.in_transaction {
            return Err(no_such_thing());
        }
        permit.check()?;
        let mut session = connect::connection(at).await?;
        let applied = change(&mut session, &migration.title(), Change::Up(migration)).await;
        close(session).await;
        applied
    }

    async fn took_effect(&self, _: &Location, _: &Statement) -> Result<bool> {
        Err(no_such_thing())
    }

    async fn run_statement(
        &self,
        _: &Permit<'_>,
        _: &Location,
        _: &Migration,
        _: &Statement,
    ) -> Result<()> {
        Err(no_such_thing())
    }

    async fn note(&self, _: &Permit<'_>, _: &Location, _: &Migration) -> Result<()> {
        Err(no_such_thing())
    }

    async fn revert(
        &self,
        permit: &Permit<'_>,
        at: &Location,
        migration: &Migration,
    ) -> Result<()> {
        permit.check()?;
        let mut session = connect::connection(at).await?;
        let reverted = change(&mut session, &migration.title(), Change::Down(migration)).await;
        close(session).await;
        reverted
    }
}

fn no_such_thing() -> Failure {
    Failure::usage("SQLite has no migrations without a transaction")
        .cause("every statement of its schema can run in one")
        .left("nothing was changed")
}

#[derive(Clone, Copy)]
enum Change<'a> {
    Up(&'a Migration),
    Down(&'a Migration),
}

async fn change(session: &mut SqliteConnection, title: &str, change: Change<'_>) -> Result<()> {
    let failed = |error| {
        trouble(&format!("can't migrate {title}"), error)
            .left("the migration was rolled back: the schema is as it was")
            .runbook("runbooks/migrate.md")
    };
    session.execute(TABLE).await.map_err(failed)?;
    let mut transaction = session
        .begin_with("BEGIN IMMEDIATE")
        .await
        .map_err(failed)?;
    let begun = Instant::now();
    let sql = match change {
        Change::Up(migration) => migration.up.clone(),
        Change::Down(migration) => migration.down.clone().unwrap_or_default(),
    };
    transaction
        .execute(AssertSqlSafe(sql))
        .await
        .map_err(failed)?;
    sound(&mut transaction, title).await?;
    note(&mut transaction, change, begun)
        .await
        .map_err(failed)?;
    transaction.commit().await.map_err(failed)
}

/// A migration that leaves rows without their parents is not committed.
async fn sound(session: &mut SqliteConnection, title: &str) -> Result<()> {
    let broken: Vec<(String, Option<i64>, String, i64)> =
        sqlx::query_as("PRAGMA foreign_key_check")
            .fetch_all(session)
            .await
            .map_err(|error| {
                trouble(
                    &format!("can't check the foreign keys after {title}"),
                    error,
                )
            })?;
    match broken.first() {
        None => Ok(()),
        Some((table, _, parent, _)) => Err(Failure::new(
            FailureKind::Failed,
            format!(
                "{title} would leave {} row(s) without their parent",
                broken.len()
            ),
        )
        .cause(format!(
            "the first is in {table} and names a row of {parent} that is not there"
        ))
        .left("the migration was rolled back: the schema is as it was")),
    }
}

async fn note(
    session: &mut SqliteConnection,
    change: Change<'_>,
    begun: Instant,
) -> std::result::Result<(), sqlx::Error> {
    match change {
        Change::Down(migration) => {
            sqlx::query("DELETE FROM _sqlx_migrations WHERE version = ?1")
                .bind(migration.version)
                .execute(session)
                .await?;
        }
        Change::Up(migration) => {
            if let Some(floor) = migration.oldest_supported_app_schema {
                sqlx::query("UPDATE schema_support SET oldest_supported_app_schema = ?1")
                    .bind(floor)
                    .execute(&mut *session)
                    .await?;
            }
            let nanoseconds = i64::try_from(begun.elapsed().as_nanos()).unwrap_or(i64::MAX);
            sqlx::query(
                "INSERT INTO _sqlx_migrations \
                 (version, description, success, checksum, execution_time) \
                 VALUES (?1, ?2, TRUE, ?3, ?4)",
            )
            .bind(migration.version)
            .bind(&migration.description)
            .bind(hex::decode(migration.checksum()).unwrap_or_default())
            .bind(nanoseconds)
            .execute(session)
            .await?;
        }
    }
    Ok(())
}

async fn read(session: &mut SqliteConnection) -> Result<Vec<Applied>> {
    if !has_table(session, "_sqlx_migrations").await? {
        return Ok(Vec::new());
    }
    let rows: Vec<(i64, String, Vec<u8>, time::OffsetDateTime)> = sqlx::query_as(
        "SELECT version, description, checksum, installed_on FROM _sqlx_migrations \
         WHERE success ORDER BY version",
    )
    .fetch_all(session)
    .await
    .map_err(|error| trouble("can't read the applied migrations", error))?;
    let applied = |(version, description, checksum, installed_on)| Applied {
        version,
        description,
        checksum: hex::encode::<Vec<u8>>(checksum),
        installed_on: Timestamp(installed_on),
    };
    Ok(rows.into_iter().map(applied).collect())
}

async fn close(session: SqliteConnection) {
    // All was committed or rolled back already; a close that fails changes nothing.
    if let Err(error) = session.close().await {
        tracing::debug!(%error, "the session did not close in order");
    }
}

#[cfg(test)]
mod tests;
