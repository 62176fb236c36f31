//! Counts in Redis, for all processes together: one script counts the address and the user in one step, so that no two
//! processes can both see the last request that is allowed.

use std::time::{Duration, Instant};

use redis::aio::ConnectionManager;
use redis::{RedisError, Script};

use super::quota::{Count, MINUTE, Quotas, Whom};

/// For an answer; counting must never hold a request up for longer.
const PATIENCE: Duration = Duration::from_millis(500);

/// All keys have one hash tag: in a cluster they lie on one master, where one script can count them together.
const KEY: &str = "{rate}";

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
pub struct Shared {
    connection: ConnectionManager,
    script: Script,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl Shared {
    pub fn new(connection: ConnectionManager) -> Self {
        Self {
            connection,
            script: Script::new(SCRIPT),
        }
    }

    /// Counts one request of everybody in `whom`.
    ///
    /// # Errors
    /// When Redis does not answer in time, or not as it should.
    pub async fn count(&self, quotas: Quotas, whom: &[Whom]) -> Result<Vec<Count>, RedisError> {
        let mut invocation = self.script.prepare_invoke();
        for one in whom {
            invocation.key(key(*one));
        }
        invocation.arg(u64::try_from(MINUTE.as_millis()).unwrap_or(u64::MAX));
        let mut connection = self.connection.clone();
        let asked = Instant::now();
        let answer = tokio::time::timeout(PATIENCE, invocation.invoke_async(&mut connection));
        let numbers: Vec<u64> = answer.await.map_err(|_| late(asked.elapsed()))??;
        let pairs = numbers.chunks_exact(2).zip(whom);
        Ok(pairs
            .map(|(pair, whom)| counted(quotas.of(*whom), pair))
            .collect())
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

fn key(whom: Whom) -> String {
    match whom {
        Whom::User(id) => format!("{KEY}:user:{id}"),
        Whom::Address(address) => format!("{KEY}:address:{address}"),
    }
}

fn late(waited: Duration) -> RedisError {
    let kind = redis::ErrorKind::Io;
    RedisError::from((kind, "no answer in time", format!("{waited:?}")))
}
