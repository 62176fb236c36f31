//! One runner at a time: sqlx's own advisory lock, taken by asking again and again.
//!
//! A session that *waits* for the lock holds a snapshot, and `CREATE INDEX CONCURRENTLY` waits for every
//! snapshot: two waiting runners end in a deadlock and an invalid index. So nobody waits inside.

use std::time::{Duration, Instant};

use opsctl_core::{Failure, FailureKind, Result};
use sqlx::PgConnection;

use crate::connect::trouble;

const POLL: Duration = Duration::from_millis(200);

/// The key that sqlx uses for a database's migrations.
fn key(database: &str) -> i64 {
    0x3d32_ad9e * i64::from(crc32fast::hash(database.as_bytes()))
}

/// Takes the lock within `patience`; the session keeps it until it ends.
///
/// # Errors
/// [`FailureKind::Locked`], naming the holder.
pub(super) async fn take(session: &mut PgConnection, patience: Duration) -> Result<i64> {
    let failed = "can't ask for the migration lock";
    let database: String = sqlx::query_scalar("SELECT current_database()")
        .fetch_one(&mut *session)
        .await
        .map_err(trouble(failed))?;
    let key = key(&database);
    let begun = Instant::now();
    loop {
        let taken: bool = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)")
            .bind(key)
            .fetch_one(&mut *session)
            .await
            .map_err(trouble(failed))?;
        if taken {
            return Ok(key);
        }
        if begun.elapsed() >= patience {
            return Err(held(session, key).await);
        }
        tokio::time::sleep(POLL).await;
    }
}

async fn held(session: &mut PgConnection, key: i64) -> Failure {
    let holder: std::result::Result<Option<String>, _> = sqlx::query_scalar(
        "SELECT format('process %s (%s, %s) since %s', a.pid, a.usename, a.application_name, \
           a.backend_start) \
         FROM pg_locks l JOIN pg_stat_activity a USING (pid) \
         WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 \
         AND (l.classid::bigint << 32 | l.objid::bigint) = $1",
    )
    .bind(key)
    .fetch_optional(session)
    .await;
    let holder = holder
        .ok()
        .flatten()
        .unwrap_or_else(|| "somebody who just left".into());
    Failure::new(
        FailureKind::Locked,
        "another migration of this database is running",
    )
    .cause(format!("its lock is held by {holder}"))
    .left("nothing was changed by this command")
    .hint("wait for it, or look at it: opsctl operation list --open")
}

/// Proves that the lock is ours, on the very server process that runs our statements: behind a pooler
/// that hands out another one for each transaction the lock protects nothing.
///
/// # Errors
/// Refuses, saying what to connect to.
pub(super) async fn assert_held(session: &mut PgConnection, key: i64) -> Result<()> {
    let ours: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted \
         AND pid = pg_backend_pid() AND objsubid = 1 \
         AND (classid::bigint << 32 | objid::bigint) = $1)",
    )
    .bind(key)
    .fetch_one(session)
    .await
    .map_err(trouble("can't look at the migration lock"))?;
    if ours {
        return Ok(());
    }
    Err(
        Failure::refused("the migration lock is not on the session that runs the statements")
            .cause("a connection pooler in transaction mode stands in between")
            .left("this statement was not run")
            .hint("give the administrator a direct address, past the pooler"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_the_one_that_sqlx_computes() {
        // crc32("app") = 0x6f0ea5dd would be wrong for another polynomial: sqlx uses IEEE.
        assert_eq!(key(""), 0);
        assert_eq!(key("app"), 0x3d32_ad9e * i64::from(crc32fast::hash(b"app")));
    }
}
