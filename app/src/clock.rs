//! What time it is for whatever is due, leased or scheduled. Processes on several machines disagree about the time, so the
//! database is asked; a test says it itself. Never the time of a log line or of a token.

use std::sync::{Arc, Mutex};

use crate::database::{EngineAccess, Timestamp};

const NOW_SQLITE: &str = "SELECT strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";
const NOW_POSTGRES: &str = "SELECT clock_timestamp()";

/// Who says what time it is.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    /// One answer for all processes.
    #[default]
    Database,
    /// Whoever holds the other end.
    Set(Arc<Mutex<Timestamp>>),
}

impl Clock {
    pub async fn now(&self, engine: EngineAccess<'_>) -> Result<Timestamp, sqlx::Error> {
        match (self, engine) {
            (Self::Set(time), _) => {
                Ok(*time.lock().unwrap_or_else(|poisoned| poisoned.into_inner()))
            }
            (Self::Database, EngineAccess::Sqlite(pool)) => {
                sqlx::query_scalar(NOW_SQLITE).fetch_one(pool).await
            }
            (Self::Database, EngineAccess::Postgres(pool)) => {
                sqlx::query_scalar(NOW_POSTGRES).fetch_one(pool).await
            }
        }
    }
}
