//! What production has beside its PostgreSQL: a replica that streams, one for the whole test process, and a Redis, one for each
//! place.

use std::sync::{Mutex, OnceLock};

use anyhow::{Context, Result};
use testkit::{Postgres, Redis};

use super::server::server;
use super::{Place, eventually};

pub struct Beside {
    pub redis: Redis,
    redis_url: String,
    replica_url: String,
}

impl Beside {
    /// Of the database that the application reaches at `url`.
    pub fn of(url: &str) -> Result<Self> {
        let [primary, replica] =
            [server()?, replica()?].map(|server| format!(":{}/", server.port()));
        let redis = Redis::start()?;
        Ok(Self {
            redis_url: redis.url(),
            replica_url: url.replace(&primary, &replica),
            redis,
        })
    }

    pub fn variables(&self) -> [(&str, &str); 2] {
        [
            ("REDIS_URL", self.redis_url.as_str()),
            ("DATABASE_REPLICA_URL", self.replica_url.as_str()),
        ]
    }

    /// Waits until the replica has everything that is committed by now.
    pub async fn caught_up(&self, place: &Place) -> Result<()> {
        let written = place.text("SELECT pg_current_wal_flush_lsn() AS x").await?;
        let has = format!("SELECT pg_last_wal_replay_lsn() >= '{written}'");
        eventually("the replica caught up", || async {
            let has = replica().ok()?.execute("postgres", &has).ok()?;
            (has == "t").then_some(())
        })
        .await
    }
}

/// Follows the server of the whole test process.
pub fn replica() -> Result<&'static Postgres> {
    static REPLICA: OnceLock<Postgres> = OnceLock::new();
    static STARTING: Mutex<()> = Mutex::new(());
    let _one_at_a_time = STARTING
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    if REPLICA.get().is_none() {
        let _first = REPLICA.set(Postgres::standby_of(server()?)?);
    }
    REPLICA.get().context("it was started above")
}
