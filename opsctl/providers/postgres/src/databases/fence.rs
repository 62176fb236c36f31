//! The fence: triggers that refuse every write, whoever tries.
//!
//! `CREATE TRIGGER` waits for the writers that are at work, so that once the fence stands no write from
//! before can still commit. Reads go on. opsctl's own tables of identity stay writable.

use std::time::Duration;

use opsctl_core::names::OperationId;
use opsctl_core::{Failure, FailureKind, Result};
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgPool};

use crate::connect::trouble;

const ATTEMPTS: u32 = 5;
const PATIENCE: Duration = Duration::from_secs(2);

pub(super) async fn raise(pool: &PgPool, operation: &OperationId) -> Result<()> {
    for attempt in 1..=ATTEMPTS {
        match try_to_raise(pool, operation).await {
            Ok(()) => return Ok(()),
            Err(error) if is_lock_timeout(&error) && attempt < ATTEMPTS => {
                end_writers(pool).await?
            }
            Err(error) => {
                return Err(Failure::failed("can't fence the database")
                    .because(error)
                    .left("the fence stands on no table: it is put up on all or none"));
            }
        }
    }
    Ok(())
}

async fn try_to_raise(
    pool: &PgPool,
    operation: &OperationId,
) -> std::result::Result<(), sqlx::Error> {
    let mut session = pool.acquire().await?;
    let mut transaction = session.begin().await?;
    let patience = format!("SET LOCAL lock_timeout = {}", PATIENCE.as_millis());
    sqlx::query(AssertSqlSafe(patience))
        .execute(&mut *transaction)
        .await?;
    // The operation's name holds only letters, digits, '-', '.' and '_'.
    let function = format!(
        "CREATE OR REPLACE FUNCTION public.opsctl_fence() RETURNS trigger LANGUAGE plpgsql AS $fence$ \
         BEGIN RAISE EXCEPTION 'this database is fenced by opsctl ({operation})' \
         USING ERRCODE = 'read_only_sql_transaction', \
         HINT = 'the application is being pointed to another database'; END $fence$"
    );
    sqlx::query(AssertSqlSafe(function))
        .execute(&mut *transaction)
        .await?;
    for table in open_tables(&mut transaction).await? {
        let trigger = format!(
            "CREATE TRIGGER opsctl_fence BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} \
             FOR EACH STATEMENT EXECUTE FUNCTION public.opsctl_fence()"
        );
        sqlx::query(AssertSqlSafe(trigger))
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await
}

/// The tables without a fence, quoted by PostgreSQL itself.
async fn open_tables(session: &mut PgConnection) -> std::result::Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c \
         JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' \
         AND NOT (n.nspname = 'public' AND c.relname = 'database_identity') \
         AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = 'opsctl_fence') \
         ORDER BY c.oid",
    )
    .fetch_all(session)
    .await
}

pub(super) async fn lower(pool: &PgPool) -> Result<()> {
    let failed = "can't take the fence away";
    let mut transaction = pool.begin().await.map_err(trouble(failed))?;
    let fenced: Vec<String> = sqlx::query_scalar(
        "SELECT t.tgrelid::regclass::text FROM pg_trigger t \
         WHERE t.tgname = 'opsctl_fence' AND NOT t.tgisinternal AND t.tgparentid = 0",
    )
    .fetch_all(&mut *transaction)
    .await
    .map_err(trouble(failed))?;
    for table in fenced {
        let statement = AssertSqlSafe(format!("DROP TRIGGER opsctl_fence ON {table}"));
        sqlx::query(statement)
            .execute(&mut *transaction)
            .await
            .map_err(trouble(failed))?;
    }
    sqlx::query("DROP FUNCTION IF EXISTS public.opsctl_fence()")
        .execute(&mut *transaction)
        .await
        .map_err(trouble(failed))?;
    transaction.commit().await.map_err(trouble(failed))
}

/// Tries what the application does all the time, and takes it back.
pub(super) async fn try_write(pool: &PgPool) -> Result<Option<String>> {
    let mut transaction = pool.begin().await.map_err(trouble("can't try a write"))?;
    let wrote = sqlx::query("UPDATE heartbeat SET beat_at = beat_at")
        .execute(&mut *transaction)
        .await;
    let undone = transaction.rollback().await;
    match wrote {
        Ok(_) => undone
            .map(|()| None)
            .map_err(trouble("can't take the tried write back")),
        Err(sqlx::Error::Database(error)) => Ok(Some(error.message().to_owned())),
        Err(error) => Err(Failure::new(FailureKind::Unknown, "can't try a write").because(error)),
    }
}

/// Ends the sessions that keep the fence from standing: they hold a transaction that wrote.
async fn end_writers(pool: &PgPool) -> Result<()> {
    sqlx::query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid() \
         AND application_name NOT LIKE 'opsctl%' AND xact_start IS NOT NULL \
         AND backend_type = 'client backend'",
    )
    .execute(pool)
    .await
    .map(|_| ())
    .map_err(trouble("can't end the sessions that are still writing"))
}

fn is_lock_timeout(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(e) if e.code().as_deref() == Some("55P03"))
}
