//! Writes the heartbeat: a row every few seconds, by the database's own clock, so that a restored copy tells how much it lost.
//! Also asks the database again and again what it is: one that was superseded under a running process is let go of. Never
//! beats on anything but a primary, and never while the platform stands aside.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use super::engine::EngineAccess;
use super::{Database, DatabaseError};

/// How soon a change of identity is noticed: sessions revoked, database superseded.
const IDENTITY_INTERVAL: Duration = Duration::from_secs(2);

/// A beat or a question that takes longer has lost its database; it must not keep anybody from going on without it.
const GIVE_UP: Duration = Duration::from_secs(15);

const BEAT_SQLITE: &str = "INSERT INTO heartbeat (id, beat_at, writer) \
    SELECT 1, strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), $1 FROM database_identity WHERE role = 'primary' \
    ON CONFLICT (id) DO UPDATE SET beat_at = excluded.beat_at, writer = excluded.writer";
const BEAT_POSTGRES: &str = "INSERT INTO heartbeat (id, beat_at, writer) \
    SELECT 1, clock_timestamp(), $1 FROM database_identity WHERE role = 'primary' \
    ON CONFLICT (id) DO UPDATE SET beat_at = excluded.beat_at, writer = excluded.writer";

/// Beats every `interval` under the name `writer`, until `stop` says so.
pub async fn beat(
    database: Database,
    writer: String,
    interval: Duration,
    mut stop: watch::Receiver<bool>,
) {
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            _ = ticks.tick() => {}
        }
        let beaten = tokio::time::timeout(GIVE_UP, beat_once(&database, &writer)).await;
        let problem = match beaten {
            Ok(Ok(())) => continue,
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no answer within {} seconds", GIVE_UP.as_secs()),
        };
        tracing::warn!(error = problem, "the heartbeat is not written");
    }
}

async fn beat_once(database: &Database, writer: &str) -> Result<(), sqlx::Error> {
    // Standing aside is no failure.
    let Ok(access) = database.write() else {
        return Ok(());
    };
    match access.engine() {
        EngineAccess::Sqlite(pool) => {
            sqlx::query(BEAT_SQLITE).bind(writer).execute(pool).await?;
        }
        EngineAccess::Postgres(pool) => {
            sqlx::query(BEAT_POSTGRES)
                .bind(writer)
                .execute(pool)
                .await?;
        }
    }
    Ok(())
}

/// Keeps what is known about the database current, until `stop` says so.
pub async fn watch_identity(database: Database, mut stop: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(IDENTITY_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            _ = ticks.tick() => {}
        }
        look_again(&database).await;
    }
}

async fn look_again(database: &Database) {
    let Some(session) = database.session() else {
        return;
    };
    let before = session.identity();
    match tokio::time::timeout(GIVE_UP, session.refresh_identity()).await {
        // A database that cannot be asked is not a wrong one; requests find out for themselves.
        Err(_) | Ok(Err(DatabaseError::Inspect(_))) => session.doubt(),
        Ok(Ok(())) if session.identity() == before => {}
        Ok(Ok(())) => database.begin_epoch(),
        Ok(Err(error)) => {
            let hint = error.hint();
            tracing::error!(target: crate::telemetry::CRITICAL, error = %error, hint, "the database is let go of");
            database.let_go_of(&session).await;
        }
    }
}
