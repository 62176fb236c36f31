//! Whether a server gets rid of its log: one that doesn't fills its disk and bounds no loss.

use opsctl_core::{Result, clock::Timestamp};
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::cluster::connection::Asking;

/// How archiving goes.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ArchiveHealth {
    /// When the last file was archived; none since the server's counters began.
    pub last_archived_at: Option<Timestamp>,
    /// The file that can't be archived at the moment, and since when it is tried in vain.
    pub failing: Option<(String, Timestamp)>,
    /// How many segments wait.
    pub waiting: u64,
}

type Row = (
    Option<OffsetDateTime>,
    Option<String>,
    Option<OffsetDateTime>,
    i64,
);

/// Asks a running server.
///
/// # Errors
/// When it doesn't answer.
pub async fn archive_health(session: &mut PgConnection) -> Result<ArchiveHealth> {
    let (archived, failed, failed_at, waiting): Row = sqlx::query_as(
        "SELECT last_archived_time, last_failed_wal, last_failed_time,
           (SELECT count(*) FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready')
         FROM pg_stat_archiver",
    )
    .fetch_one(session)
    .await
    .asking("ask how archiving goes")?;
    let failing = failed
        .zip(failed_at)
        .filter(|(_, at)| archived.is_none_or(|archived| archived < *at))
        .map(|(name, at)| (name, Timestamp(at)));
    Ok(ArchiveHealth {
        last_archived_at: archived.map(Timestamp),
        failing,
        waiting: u64::try_from(waiting).unwrap_or_default(),
    })
}
