//! What a database tells of its age: migrations, heartbeat, clock.

use opsctl_core::clock::Timestamp;
use opsctl_core::{Failure, FailureKind, Result};
use sqlx::SqliteConnection;

use crate::connect::trouble;

pub(crate) async fn has_table(session: &mut SqliteConnection, name: &str) -> Result<bool> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1)",
    )
    .bind(name)
    .fetch_one(session)
    .await
    .map_err(|error| trouble("can't look at the database's tables", error))
}

pub(crate) async fn schema_version(session: &mut SqliteConnection) -> Result<Option<i64>> {
    if !has_table(session, "_sqlx_migrations").await? {
        return Ok(None);
    }
    sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations WHERE success")
        .fetch_one(session)
        .await
        .map_err(|error| trouble("can't read the applied migrations", error))
}

pub(crate) async fn heartbeat(session: &mut SqliteConnection) -> Result<Option<Timestamp>> {
    if !has_table(session, "heartbeat").await? {
        return Ok(None);
    }
    let beat: Option<String> = sqlx::query_scalar("SELECT max(beat_at) FROM heartbeat")
        .fetch_one(session)
        .await
        .map_err(|error| trouble("can't read the heartbeat", error))?;
    beat.map(|text| moment("heartbeat", &text)).transpose()
}

/// SQLite asks the machine; the answer has the precision of the columns.
pub(crate) async fn now(session: &mut SqliteConnection) -> Result<Timestamp> {
    let text: String = sqlx::query_scalar("SELECT strftime('%Y-%m-%dT%H:%M:%fZ', 'now')")
        .fetch_one(session)
        .await
        .map_err(|error| trouble("can't read the database's clock", error))?;
    moment("clock", &text)
}

pub(crate) fn moment(what: &str, text: &str) -> Result<Timestamp> {
    Timestamp::parse(text).map_err(|failure| {
        failure
            .with_kind(FailureKind::Unknown)
            .in_context(format!("the database's {what} can't be read"))
    })
}

/// As the columns of the schema keep it: UTC, milliseconds, `Z`.
pub(crate) fn text(moment: Timestamp) -> Result<String> {
    let format = time::macros::format_description!(
        "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z"
    );
    moment.0.format(&format).map_err(|error| {
        Failure::failed(format!("{moment} can't be written into the database")).because(error)
    })
}
