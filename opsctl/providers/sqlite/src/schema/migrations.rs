//! Applying migrations: one writer, one transaction, sqlx's own table.

use std::time::Instant;

use async_trait::async_trait;
use opsctl_core::clock::Timestamp;
use opsctl_core::guard::Permit;
use opsctl_core::migrate::Migration;
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
            return Err(
                Failure::usage(format!("{} wants no transaction", migration.title()))
                    .cause("every statement of SQLite's schema can run in one")
                    .left("nothing was changed"),
            );
        }
        permit.check()?;
        let mut session = connect::connection(at).await?;
        let applied = change(&mut session, &migration.title(), Change::Up(migration)).await;
        close(session).await;
        applied
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
mod tests {
    use super::*;
    use crate::schema::SqliteProvision;
    use opsctl_core::migrate::{of, status};
    use opsctl_core::names::LineageId;
    use opsctl_core::ports::{Engine, Provision};
    use opsctl_simulation::Grant;

    async fn empty() -> (tempfile::TempDir, Location, Grant) {
        let folder = tempfile::tempdir().unwrap();
        let grant = Grant::new("migrate-up-1").await;
        let places = crate::Places::new(folder.path());
        let lineage = LineageId(uuid::Uuid::new_v4());
        let made = SqliteProvision::new(places)
            .create(&grant.permit(), lineage)
            .await
            .unwrap();
        (folder, made.administrator, grant)
    }

    #[tokio::test]
    async fn what_opsctl_applied_sqlx_accepts_and_the_other_way_round() {
        let (_folder, location, grant) = empty().await;
        let carried = of(Engine::Sqlite);
        for migration in &carried {
            SqliteSchema
                .apply(&grant.permit(), &location, migration)
                .await
                .unwrap();
        }
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../migrations/sqlite");
        let sqlx = sqlx::migrate::Migrator::new(std::path::Path::new(root))
            .await
            .unwrap();
        let pool = connect::pool(&location).await.unwrap();
        sqlx.run(&pool).await.unwrap();
        sqlx.undo(&pool, 2).await.unwrap();
        sqlx.run(&pool).await.unwrap();
        let now = status(&carried, SqliteSchema.applied(&location).await.unwrap());
        assert!(now.sound().is_ok() && now.pending.is_empty(), "{now:?}");
    }

    #[tokio::test]
    async fn every_migration_can_be_taken_back() {
        let (_folder, location, grant) = empty().await;
        let carried = of(Engine::Sqlite);
        for migration in &carried {
            SqliteSchema
                .apply(&grant.permit(), &location, migration)
                .await
                .unwrap();
        }
        for migration in carried.iter().rev() {
            SqliteSchema
                .revert(&grant.permit(), &location, migration)
                .await
                .unwrap();
        }
        assert!(SqliteSchema.applied(&location).await.unwrap().is_empty());
        let mut session = connect::connection(&location).await.unwrap();
        let left: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM sqlite_schema \
             WHERE name NOT LIKE 'sqlite_%' AND name <> '_sqlx_migrations'",
        )
        .fetch_one(&mut session)
        .await
        .unwrap();
        assert_eq!(left, 0);
    }

    #[tokio::test]
    async fn the_facts_are_those_of_the_tables_that_exist() {
        let (_folder, location, _grant) = empty().await;
        let mut session = connect::connection(&location).await.unwrap();
        session
            .execute("CREATE TABLE a (b); INSERT INTO a VALUES (zeroblob(100000)), (1)")
            .await
            .unwrap();
        let asked = ["a".to_owned(), "missing".to_owned()];
        let facts = SqliteSchema.facts(&location, &asked).await.unwrap();
        assert_eq!(facts.tables.len(), 1);
        let a = facts.of("a").unwrap();
        assert!(a.rows == Some(2) && a.bytes > 100_000, "{a:?}");
    }

    #[tokio::test]
    async fn a_migration_that_fails_leaves_the_schema_as_it_was() {
        let (_folder, location, grant) = empty().await;
        let broken = Migration::parse("0001_broken", "CREATE TABLE a (b); CREATE TABL c;", None);
        let failure = SqliteSchema
            .apply(&grant.permit(), &location, &broken.unwrap())
            .await;
        assert!(
            failure
                .unwrap_err()
                .left_behind
                .unwrap()
                .contains("rolled back")
        );
        assert!(SqliteSchema.applied(&location).await.unwrap().is_empty());
        let mut session = connect::connection(&location).await.unwrap();
        assert!(!has_table(&mut session, "a").await.unwrap());
    }
}
