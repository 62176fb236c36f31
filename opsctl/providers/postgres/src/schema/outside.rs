//! One statement outside a transaction, resumed from its trace.

use opsctl_core::migrate::{Migration, Postcondition, Statement};
use opsctl_core::{Failure, FailureKind, Result};
use sqlx::{AssertSqlSafe, Executor, PgConnection};

use super::catalogue::{Trace, builder, look};
use super::lock::assert_held;

/// Runs one statement; one that took effect already is left alone.
pub(super) async fn run(
    session: &mut PgConnection,
    key: i64,
    migration: &Migration,
    statement: &Statement,
) -> Result<()> {
    assert_held(session, key).await?;
    let failed = |error: sqlx::Error| stopped(migration, statement, error);
    let wanted = &statement.done_when;
    match look(session, wanted).await.map_err(failed)? {
        Trace::Done => return Ok(()),
        Trace::Absent => {}
        Trace::Invalid => heal(session, migration, statement).await?,
    }
    // The statement waits for other transactions by its nature: a lock time-out would only leave an
    // invalid index behind.
    session
        .execute("SET lock_timeout = 0")
        .await
        .map_err(failed)?;
    session
        .execute(AssertSqlSafe(statement.sql.clone()))
        .await
        .map_err(failed)?;
    match look(session, wanted).await.map_err(failed)? {
        Trace::Done => Ok(()),
        Trace::Absent | Trace::Invalid => Err(Failure::new(
            FailureKind::Unknown,
            format!("{} ran and left no valid trace", migration.title()),
        )
        .cause(statement.sql.clone())
        .hint("opsctl migrate up")),
    }
}

/// `CREATE INDEX CONCURRENTLY IF NOT EXISTS` takes an invalid index for a good one: drop it and build anew.
async fn heal(
    session: &mut PgConnection,
    migration: &Migration,
    statement: &Statement,
) -> Result<()> {
    let failed = |error: sqlx::Error| stopped(migration, statement, error);
    let Postcondition::IndexValid { index } = &statement.done_when else {
        return Ok(());
    };
    if let Some(pid) = builder(session, index).await.map_err(failed)? {
        return Err(
            Failure::new(FailureKind::Locked, format!("index {index} is being built"))
                .cause(format!("server process {pid} is at it"))
                .left("nothing was changed by this command")
                .hint("wait for it, then run opsctl migrate up again"),
        );
    }
    let drop = format!("DROP INDEX CONCURRENTLY IF EXISTS {index}");
    session
        .execute(AssertSqlSafe(drop))
        .await
        .map(|_| ())
        .map_err(failed)
}

fn stopped(migration: &Migration, statement: &Statement, error: sqlx::Error) -> Failure {
    Failure::failed(format!("{} stopped", migration.title()))
        .because(error)
        .cause(statement.sql.clone())
        .left("the statements before it stand; this one is looked up in the catalogue at the next run")
        .hint("opsctl migrate up")
        .runbook("runbooks/migrate.md")
}
