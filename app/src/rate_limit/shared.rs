//! Counts in Redis, for all processes together: a script counts and sets the end of the minute in one step, so that no two
//! processes can both see the last request that is allowed. Without Redis nobody waits: whoever asks counts for itself.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use futures::future::try_join_all;
use redis::{ErrorKind, RedisError, RedisResult, Script};
use tokio::sync::Notify;

use super::quota::{Count, MINUTE, Quotas, Whom};
use crate::redis::{Connection, Patience};

/// For an answer; counting must never hold a request up for longer.
pub(super) const PATIENCE: Patience = Patience(Duration::from_millis(500));

/// Returns, for each key, how often it was counted and in how many milliseconds its minute is over. A key without an end, which
/// no step of this script leaves behind, would shut somebody out for ever: it is given one.
const SCRIPT: &str = r"
local counts = {}
for i, key in ipairs(KEYS) do
  local used = redis.call('INCR', key)
  local left = redis.call('PTTL', key)
  if left < 0 then
    redis.call('PEXPIRE', key, ARGV[1])
    left = tonumber(ARGV[1])
  end
  counts[2 * i - 1] = used
  counts[2 * i] = left
end
return counts
";

/// The counters that all processes share.
#[derive(Clone)]
pub struct Shared(Arc<Inside>);

struct Inside {
    connection: ArcSwapOption<Connection>,
    broken: Notify,
    script: Script,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl Default for Shared {
    /// Not connected: `keep` does that.
    fn default() -> Self {
        Self(Arc::new(Inside {
            connection: ArcSwapOption::empty(),
            broken: Notify::new(),
            script: Script::new(SCRIPT),
        }))
    }
}

impl Shared {
    /// Counts one request of everybody in `whom`. None while there is no Redis, or where it does not answer in time.
    pub async fn count(&self, quotas: Quotas, whom: &[Whom]) -> Option<Vec<Count>> {
        let connection = self.0.connection.load_full()?;
        let asked = self.ask(&connection, whom);
        let answered = tokio::time::timeout(PATIENCE.0, asked).await;
        match answered.unwrap_or_else(|_| Err(late())) {
            Ok(numbers) => {
                let pairs = numbers.chunks_exact(2).zip(whom);
                Some(
                    pairs
                        .map(|(pair, one)| counted(quotas.of(*one), pair))
                        .collect(),
                )
            }
            Err(error) => {
                self.let_go_of(&connection, &error);
                None
            }
        }
    }

    /// On one server all of them in one step; in a cluster each on the master that has its key.
    async fn ask(&self, connection: &Connection, whom: &[Whom]) -> RedisResult<Vec<u64>> {
        if !connection.is_cluster() {
            return self.count_together(connection, whom).await;
        }
        let each = whom
            .iter()
            .map(|one| self.count_together(connection, std::slice::from_ref(one)));
        Ok(try_join_all(each).await?.concat())
    }

    async fn count_together(
        &self,
        connection: &Connection,
        whom: &[Whom],
    ) -> RedisResult<Vec<u64>> {
        let mut invocation = self.0.script.prepare_invoke();
        for one in whom {
            invocation.key(key(*one));
        }
        invocation.arg(u64::try_from(MINUTE.as_millis()).unwrap_or(u64::MAX));
        connection.clone().run(&invocation).await
    }

    /// From now on it is asked.
    pub(super) fn take(&self, connection: Connection) {
        self.0.connection.store(Some(Arc::new(connection)));
    }

    /// Said once, when it begins; not by those who find it broken after it was replaced.
    fn let_go_of(&self, broken: &Arc<Connection>, error: &RedisError) {
        let before = self.0.connection.compare_and_swap(broken, None);
        if before
            .as_ref()
            .is_some_and(|before| Arc::ptr_eq(before, broken))
        {
            let error = error.to_string();
            tracing::warn!(
                error,
                "Redis is gone: each process counts its limits for itself"
            );
            self.0.broken.notify_one();
        }
    }

    /// Returns when the connection broke.
    pub(super) async fn broken(&self) {
        self.0.broken.notified().await;
    }
}

fn counted(limit: u32, pair: &[u64]) -> Count {
    let at = |place: usize| pair.get(place).copied().unwrap_or_default();
    Count {
        limit,
        used: u32::try_from(at(0)).unwrap_or(u32::MAX),
        resets_in: Duration::from_millis(at(1)),
    }
}

/// The hash tag is whose it is: a cluster shares them out among its masters.
fn key(whom: Whom) -> String {
    match whom {
        Whom::User(id) => format!("rate:{{user:{id}}}"),
        Whom::Address(address) => format!("rate:{{address:{address}}}"),
    }
}

fn late() -> RedisError {
    (ErrorKind::Io, "no answer in time").into()
}
