//! How long a statement may wait for a lock, how often it is tried, and who stood in the way.

use std::time::Duration;

use opsctl_core::environment::MigrateSettings;
use rand::Rng;
use sqlx::PgPool;
use tokio::task::JoinHandle;

/// The budget of one migration.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// How long one attempt waits. While it waits, everybody behind it waits too.
    pub lock_timeout: Duration,
    /// How many attempts there are.
    pub attempts: u32,
}

impl From<&MigrateSettings> for Budget {
    fn from(settings: &MigrateSettings) -> Self {
        Self {
            lock_timeout: settings.lock_timeout.0,
            attempts: settings.attempts.max(1),
        }
    }
}

impl Budget {
    /// The pause before the next attempt: one to two lock time-outs, so that two runners don't keep step.
    pub(super) fn pause(&self) -> Duration {
        self.lock_timeout.mul_f64(1.0 + rand::rng().random::<f64>())
    }
}

/// True when a lock could not be had in time.
pub(super) fn is_lock_timeout(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Database(e) if e.code().as_deref() == Some("55P03"))
}

/// Watches, from a session of its own, who blocks another.
pub(super) struct Watch {
    task: JoinHandle<()>,
    seen: std::sync::Arc<std::sync::Mutex<Vec<String>>>,
}

impl Watch {
    /// Begins to watch the session with that process id.
    pub(super) fn over(pool: PgPool, pid: i32) -> Self {
        let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let into = std::sync::Arc::clone(&seen);
        let task = tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_millis(100)).await;
                if let Ok(blockers) = blockers(&pool, pid).await
                    && !blockers.is_empty()
                {
                    *into
                        .lock()
                        .unwrap_or_else(std::sync::PoisonError::into_inner) = blockers;
                }
            }
        });
        Self { task, seen }
    }

    /// Whoever was seen last in the way: process id, login, query and for how long.
    pub(super) fn blockers(&self) -> Vec<String> {
        self.seen
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn blockers(pool: &PgPool, pid: i32) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT format('process %s (%s, %s) has run for %s s: %s', pid, usename, \
           coalesce(nullif(application_name, ''), 'no name'), \
           round(extract(epoch FROM clock_timestamp() - coalesce(xact_start, query_start))), \
           left(regexp_replace(query, '\\s+', ' ', 'g'), 200)) \
         FROM pg_stat_activity WHERE pid = ANY (pg_blocking_pids($1))",
    )
    .bind(pid)
    .fetch_all(pool)
    .await
}
