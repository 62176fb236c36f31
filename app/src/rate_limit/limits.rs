//! Counts where it can: in Redis, or in this process while Redis is gone and where there is none.

use std::time::Instant;

use super::local::Local;
use super::quota::{Count, Quotas, Whom};
use super::shared::Shared;

/// The limits of this process.
#[derive(Debug)]
pub struct RateLimits {
    quotas: Quotas,
    local: Local,
    shared: Option<Shared>,
}

impl RateLimits {
    pub fn new(quotas: Quotas, shared: Option<Shared>) -> Self {
        Self {
            quotas,
            local: Local::default(),
            shared,
        }
    }

    /// Counts one request of everybody in `whom`, in this order.
    pub async fn count(&self, whom: &[Whom]) -> Vec<Count> {
        if let Some(shared) = &self.shared
            && let Some(counts) = shared.count(self.quotas, whom).await
        {
            return counts;
        }
        let now = Instant::now();
        let each = whom.iter();
        each.map(|one| self.local.count(self.quotas, *one, now))
            .collect()
    }
}
