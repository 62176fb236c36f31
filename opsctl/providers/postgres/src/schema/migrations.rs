//! Applying migrations, on sqlx's table and with its checksums.

use std::time::Instant;

use async_trait::async_trait;
use opsctl_core::clock::Timestamp;
use opsctl_core::guard::Permit;
use opsctl_core::migrate::{Migration, Statement};
use opsctl_core::ports::{Applied, LiveFacts, Location, Schema};
use opsctl_core::{Failure, FailureKind, Result};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, PgPool};

use super::budget::{Budget, Watch, is_lock_timeout};
use super::change::Change;
use super::{catalogue, facts, lock, outside};
use crate::connect::{self, trouble};

/// As sqlx writes it, so that its own tools read it.
const TABLE: &str = "CREATE TABLE IF NOT EXISTS _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMPTZ NOT NULL DEFAULT now(),
    success BOOLEAN NOT NULL,
    checksum BYTEA NOT NULL,
    execution_time BIGINT NOT NULL
)";

/// The role that owns the schema; it can't log in.
const BECOME_OWNER: &str = "DO $$ BEGIN IF to_regrole('app_owner') IS NOT NULL THEN \
    EXECUTE 'SET ROLE app_owner'; END IF; END $$";

/// The schemas of PostgreSQL databases.
#[derive(Debug, Clone)]
pub struct PostgresSchema {
    budget: Budget,
}

impl PostgresSchema {
    /// Migrations within a budget of waiting.
    #[must_use]
    pub const fn new(budget: Budget) -> Self {
        Self { budget }
    }

    async fn change(&self, permit: &Permit<'_>, at: &Location, change: Change<'_>) -> Result<()> {
        permit.check()?;
        let migration = change.migration();
        let name = format!("opsctl/{}/{:04}", permit.operation(), migration.version);
        let pool = connect::pool(at, &name).await?;
        let mut session = pool
            .acquire()
            .await
            .map_err(trouble("can't begin"))?
            .detach();
        let changed = self.under_lock(&pool, &mut session, change).await;
        // Ends the session and with it the lock, whatever happened.
        if let Err(error) = session.close().await {
            tracing::debug!(%error, "the session did not close in order");
        }
        pool.close().await;
        changed
    }

    async fn under_lock(
        &self,
        pool: &PgPool,
        session: &mut PgConnection,
        change: Change<'_>,
    ) -> Result<()> {
        let patience = self.budget.lock_timeout * self.budget.attempts;
        let key = lock::take(session, patience).await?;
        let failed = trouble("can't prepare the migration");
        session.execute(BECOME_OWNER).await.map_err(&failed)?;
        session.execute(TABLE).await.map_err(&failed)?;
        match change {
            Change::Statement(migration, statement) => {
                outside::run(session, key, migration, statement).await
            }
            Change::Note(migration) => note(session, change, Instant::now())
                .await
                .map_err(|error| failure(migration, error)),
            Change::Up(_) | Change::Down(_) => {
                self.in_transaction(pool, session, key, change).await
            }
        }
    }

    /// Tries until the locks were had within the budget; each time all of it, from the start.
    async fn in_transaction(
        &self,
        pool: &PgPool,
        session: &mut PgConnection,
        key: i64,
        change: Change<'_>,
    ) -> Result<()> {
        let pid: i32 = sqlx::query_scalar("SELECT pg_backend_pid()")
            .fetch_one(&mut *session)
            .await
            .map_err(trouble("can't tell our own process"))?;
        let watch = Watch::over(pool.clone(), pid);
        for attempt in 1..=self.budget.attempts {
            lock::assert_held(session, key).await?;
            match self.attempt(session, change).await {
                Ok(()) => return Ok(()),
                Err(error) if is_lock_timeout(&error) && attempt < self.budget.attempts => {
                    tokio::time::sleep(self.budget.pause()).await;
                }
                Err(error) if is_lock_timeout(&error) => {
                    return Err(self.blocked(change, &watch));
                }
                Err(error) => return Err(failure(change.migration(), error)),
            }
        }
        Ok(())
    }

    async fn attempt(
        &self,
        session: &mut PgConnection,
        change: Change<'_>,
    ) -> std::result::Result<(), sqlx::Error> {
        let begun = Instant::now();
        let mut transaction = session.begin().await?;
        let patience = format!(
            "SET LOCAL lock_timeout = {}",
            self.budget.lock_timeout.as_millis()
        );
        transaction.execute(AssertSqlSafe(patience)).await?;
        sqlx::raw_sql(AssertSqlSafe(change.sql()))
            .execute(&mut *transaction)
            .await?;
        note(&mut transaction, change, begun).await?;
        transaction.commit().await
    }

    fn blocked(&self, change: Change<'_>, watch: &Watch) -> Failure {
        let (attempts, each) = (self.budget.attempts, self.budget.lock_timeout);
        let what = format!("{} could not get its locks", change.migration().title());
        let mut failure = Failure::new(FailureKind::Locked, what)
            .cause(format!(
                "{attempts} attempts of {} s each",
                each.as_secs_f64()
            ))
            .left("every attempt was rolled back: the schema is as it was")
            .hint(change.command())
            .runbook("runbooks/migrate.md");
        for blocker in watch.blockers() {
            failure = failure.cause(format!("in the way: {blocker}"));
        }
        failure
    }
}

#[async_trait]
impl Schema for PostgresSchema {
    async fn applied(&self, location: &Location) -> Result<Vec<Applied>> {
        let pool = connect::pool(location, "opsctl").await?;
        let applied = read(&pool)
            .await
            .map_err(trouble("can't read the applied migrations"));
        pool.close().await;
        applied
    }

    async fn facts(&self, location: &Location, tables: &[String]) -> Result<LiveFacts> {
        let pool = connect::pool(location, "opsctl").await?;
        let read = facts::read(&pool, tables)
            .await
            .map_err(trouble("can't look at the live tables"));
        pool.close().await;
        read
    }

    async fn apply(&self, permit: &Permit<'_>, at: &Location, migration: &Migration) -> Result<()> {
        self.change(permit, at, Change::Up(migration)).await
    }

    async fn took_effect(&self, location: &Location, statement: &Statement) -> Result<bool> {
        let pool = connect::pool(location, "opsctl").await?;
        let failed = trouble("can't look into the catalogue");
        let shown = match pool.acquire().await {
            Ok(mut session) => catalogue::look(&mut session, &statement.done_when).await,
            Err(error) => Err(error),
        };
        pool.close().await;
        shown
            .map(|trace| trace == catalogue::Trace::Done)
            .map_err(failed)
    }

    async fn run_statement(
        &self,
        permit: &Permit<'_>,
        at: &Location,
        migration: &Migration,
        statement: &Statement,
    ) -> Result<()> {
        let change = Change::Statement(migration, statement);
        self.change(permit, at, change).await
    }

    async fn note(&self, permit: &Permit<'_>, at: &Location, migration: &Migration) -> Result<()> {
        self.change(permit, at, Change::Note(migration)).await
    }

    async fn revert(
        &self,
        permit: &Permit<'_>,
        at: &Location,
        migration: &Migration,
    ) -> Result<()> {
        self.change(permit, at, Change::Down(migration)).await
    }
}

async fn read(pool: &PgPool) -> std::result::Result<Vec<Applied>, sqlx::Error> {
    let there: bool =
        sqlx::query_scalar("SELECT to_regclass('public._sqlx_migrations') IS NOT NULL")
            .fetch_one(pool)
            .await?;
    if !there {
        return Ok(Vec::new());
    }
    let rows: Vec<(i64, String, Vec<u8>, time::OffsetDateTime)> = sqlx::query_as(
        "SELECT version, description, checksum, installed_on FROM _sqlx_migrations \
         WHERE success ORDER BY version",
    )
    .fetch_all(pool)
    .await?;
    let applied = |(version, description, checksum, installed_on): (_, _, Vec<u8>, _)| Applied {
        version,
        description,
        checksum: hex::encode(checksum),
        installed_on: Timestamp(installed_on),
    };
    Ok(rows.into_iter().map(applied).collect())
}

async fn note(
    session: &mut PgConnection,
    change: Change<'_>,
    begun: Instant,
) -> std::result::Result<(), sqlx::Error> {
    let migration = change.migration();
    if matches!(change, Change::Down(_)) {
        return sqlx::query("DELETE FROM _sqlx_migrations WHERE version = $1")
            .bind(migration.version)
            .execute(session)
            .await
            .map(|_| ());
    }
    if let Some(floor) = migration.oldest_supported_app_schema {
        sqlx::query("UPDATE schema_support SET oldest_supported_app_schema = $1")
            .bind(floor)
            .execute(&mut *session)
            .await?;
    }
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES ($1, $2, TRUE, $3, $4) ON CONFLICT (version) DO NOTHING",
    )
    .bind(migration.version)
    .bind(&migration.description)
    .bind(hex::decode(migration.checksum()).unwrap_or_default())
    .bind(i64::try_from(begun.elapsed().as_nanos()).unwrap_or(i64::MAX))
    .execute(session)
    .await
    .map(|_| ())
}

fn failure(migration: &Migration, error: sqlx::Error) -> Failure {
    Failure::failed(format!("can't migrate {}", migration.title()))
        .because(error)
        .left("the migration was rolled back: the schema is as it was")
        .runbook("runbooks/migrate.md")
}
