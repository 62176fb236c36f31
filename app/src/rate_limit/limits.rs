//! Counts where it can: in Redis, or in this process while Redis is gone and where there is none.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use super::local::Local;
use super::quota::{Count, Quotas, Whom};
use super::shared::Shared;

/// After Redis failed, it is left alone for so long: requests do not wait for it one after another.
const LEFT_ALONE: Duration = Duration::from_secs(1);

/// The limits of this process.
#[derive(Debug)]
pub struct RateLimits {
    quotas: Quotas,
    local: Local,
    shared: Option<Shared>,
    /// When Redis failed last.
    failed: Mutex<Option<Instant>>,
}

impl RateLimits {
    pub fn new(quotas: Quotas, shared: Option<Shared>) -> Self {
        Self {
            quotas,
            local: Local::default(),
            shared,
            failed: Mutex::default(),
        }
    }

    /// Counts one request of everybody in `whom`, in this order.
    pub async fn count(&self, whom: &[Whom]) -> Vec<Count> {
        let now = Instant::now();
        if let Some(shared) = self.shared.as_ref().filter(|_| self.may_ask(now)) {
            match shared.count(self.quotas, whom).await {
                Ok(counts) => {
                    self.answered();
                    return counts;
                }
                Err(error) => self.note(&error, now),
            }
        }
        whom.iter()
            .map(|one| self.local.count(self.quotas, *one, now))
            .collect()
    }

    fn may_ask(&self, now: Instant) -> bool {
        let failed = *self.failed();
        failed.is_none_or(|at| now.saturating_duration_since(at) >= LEFT_ALONE)
    }

    fn answered(&self) {
        if self.failed().take().is_some() {
            tracing::warn!("limits are counted for all processes together again");
        }
    }

    /// Said once, when it begins.
    fn note(&self, error: &redis::RedisError, now: Instant) {
        if self.failed().replace(now).is_none() {
            let error = error.to_string();
            tracing::warn!(
                error,
                "Redis is gone: each process counts its limits for itself"
            );
        }
    }

    fn failed(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
