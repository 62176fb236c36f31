//! Writes who was here, many in one statement, away from every request.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use super::Activity;
use crate::database::{Database, Day, EngineAccess, UserId, Writer};

const EVERY: Duration = Duration::from_secs(5);
/// Users of one statement.
const TOGETHER: usize = 1000;

// A token may outlive its user: whoever is gone was not here.
const INSERT_SQLITE: &str = "INSERT INTO user_activity (user_id, day) \
    SELECT id, $2 FROM users WHERE id IN (SELECT value FROM json_each($1)) \
    ON CONFLICT (user_id, day) DO NOTHING";
const INSERT_POSTGRES: &str = "INSERT INTO user_activity (user_id, day) \
    SELECT id, $2 FROM users WHERE id = ANY ($1) \
    ON CONFLICT (user_id, day) DO NOTHING";

/// Writes every few seconds, and a last time when `stop` says so.
pub async fn follow(state: crate::http::AppState, mut stop: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let stopping = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => true,
            _ = ticks.tick() => false,
        };
        if let Err(error) = write(&state.activity, &state.database).await {
            let error = error.to_string();
            tracing::warn!(error, "who was here is written later");
        }
        if stopping {
            return;
        }
    }
}

/// Writes what was noted. While nothing can be written, it stays noted.
pub async fn write(activity: &Activity, database: &Database) -> Result<(), sqlx::Error> {
    // Standing aside is no failure.
    let Ok(writer) = database.write() else {
        return Ok(());
    };
    let noted = activity.take();
    let mut days: BTreeMap<Day, Vec<UserId>> = BTreeMap::new();
    for (day, user) in &noted {
        days.entry(*day).or_default().push(*user);
    }
    for (day, users) in days {
        for users in users.chunks(TOGETHER) {
            if let Err(error) = insert(&writer, day, users).await {
                // All of them: to write one again changes nothing.
                activity.put_back(noted);
                return Err(error);
            }
        }
    }
    Ok(())
}

async fn insert(writer: &Writer, day: Day, users: &[UserId]) -> Result<(), sqlx::Error> {
    match writer.engine() {
        EngineAccess::Sqlite(pool) => {
            let list = serde_json::to_string(users).unwrap_or_default();
            let query = sqlx::query(INSERT_SQLITE).bind(list).bind(day);
            query.execute(pool).await.map(drop)
        }
        EngineAccess::Postgres(pool) => {
            let list: Vec<uuid::Uuid> = users.iter().map(|user| user.0).collect();
            let query = sqlx::query(INSERT_POSTGRES).bind(list).bind(day);
            query.execute(pool).await.map(drop)
        }
    }
}
