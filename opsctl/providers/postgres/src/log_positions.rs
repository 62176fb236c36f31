//! How far databases are in their logs, by the positions that they tell themselves.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use opsctl_core::Result;
use opsctl_core::ports::{Location, LogPositions, Position};
use sqlx::PgConnection;

use crate::connect::pool;

/// What `pg_stat_activity` shows.
const NAME: &str = "opsctl replica";

/// Between two looks.
const POLL: Duration = Duration::from_millis(5);

/// Asks over connections of its own.
#[derive(Debug, Clone, Default)]
pub struct PostgresLogPositions;

#[async_trait]
impl LogPositions for PostgresLogPositions {
    async fn catch_up(
        &self,
        source: &Location,
        replica: &Location,
        limit: Duration,
    ) -> Result<Position> {
        let (from, to) = (pool(source, NAME).await?, pool(replica, NAME).await?);
        let position = async {
            let (mut from, mut to) = (from.acquire().await?, to.acquire().await?);
            catch_up(&mut from, &mut to, limit).await
        };
        let position = position.await;
        from.close().await;
        to.close().await;
        position.map_err(crate::connect::trouble("can't read how far the replica is"))
    }
}

/// Waits until the server behind `to` has replayed what the one behind `from` has written down by now, and no longer than `limit`.
pub(crate) async fn catch_up(
    from: &mut PgConnection,
    to: &mut PgConnection,
    limit: Duration,
) -> std::result::Result<Position, sqlx::Error> {
    let source: String = sqlx::query_scalar("SELECT pg_current_wal_flush_lsn()::text")
        .fetch_one(from)
        .await?;
    let began = Instant::now();
    loop {
        let (replica, behind) = distance(to, &source).await?;
        if behind == 0 || began.elapsed() > limit {
            return Ok(Position {
                source,
                replica,
                behind_bytes: behind,
            });
        }
        tokio::time::sleep(POLL).await;
    }
}

/// Where the replica is, and what it lacks of `wanted`.
async fn distance(
    session: &mut PgConnection,
    wanted: &str,
) -> std::result::Result<(String, u64), sqlx::Error> {
    let (replica, behind): (String, i64) = sqlx::query_as(
        "SELECT coalesce(pg_last_wal_replay_lsn(), '0/0')::text, \
         pg_wal_lsn_diff($1::pg_lsn, coalesce(pg_last_wal_replay_lsn(), '0/0'))::int8",
    )
    .bind(wanted)
    .fetch_one(session)
    .await?;
    Ok((replica, u64::try_from(behind).unwrap_or_default()))
}
