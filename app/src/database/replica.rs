//! A read replica: how far it has come, and whether it may be read at all. Asked a few times a second by one task, so that no
//! request pays for the question. Never waited for: what it cannot answer, the primary does.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sqlx::{ConnectOptions as _, Connection};
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;
use uuid::Uuid;

use super::connect;
use super::fallback::Fallback;
use super::warm::Warm;
use super::{ConnectOptions, Database, DatabaseError, PostgresPool};
use crate::config::Secret;

const LOOK: Duration = Duration::from_millis(200);
/// A replica that takes longer to say how it is, is none to ask anything else.
const GIVE_UP: Duration = Duration::from_secs(2);

/// Its place in the log, its lineage, and the age of the newest heartbeat in it. A server that was promoted follows nobody.
const LOOK_AT: &str = "SELECT pg_is_in_recovery(), \
    (pg_last_wal_replay_lsn() - '0/0'::pg_lsn)::bigint, \
    (SELECT lineage_id FROM database_identity WHERE id = 1), \
    (SELECT extract(epoch FROM clock_timestamp() - beat_at)::float8 FROM heartbeat WHERE id = 1)";

type Row = (bool, Option<i64>, Option<Uuid>, Option<f64>);

/// How far a replica has come.
#[derive(Debug, Default)]
pub(super) struct Progress(AtomicU64);

impl Progress {
    /// 0 while it may not be read.
    fn reached(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    fn set(&self, position: u64) {
        self.0.store(position, Ordering::Relaxed);
    }

    /// It failed somebody: nobody else is sent there before it was looked at again.
    pub fn doubt(&self) {
        self.set(0);
    }
}

/// The replica of this process.
#[derive(Debug)]
pub struct Replica {
    warm: Warm,
    progress: Arc<Progress>,
    /// With a heartbeat older than this it lags too far behind.
    lag: Duration,
}

impl Replica {
    /// Connects to nothing yet: a replica that is away keeps nobody from starting.
    pub fn open(
        url: &Secret,
        options: &ConnectOptions,
        lag: Duration,
    ) -> Result<Self, DatabaseError> {
        Ok(Self {
            warm: connect::open_lazily(url.reveal(), options)?,
            progress: Arc::default(),
            lag,
        })
    }

    /// Whether it may be read by somebody who has seen this position.
    pub(super) fn has(&self, position: u64) -> bool {
        let reached = self.progress.reached();
        reached > 0 && position <= reached
    }

    /// Reads here, and from the primary whatever fails here.
    pub(super) fn or(&self, primary: &PostgresPool) -> PostgresPool {
        let fallback = Fallback::to(primary.clone(), Arc::clone(&self.progress));
        primary.replica(self.warm.clone(), fallback)
    }

    /// Whether it is read at the moment.
    pub fn is_read(&self) -> bool {
        self.progress.reached() > 0
    }

    /// Other credentials, or another replica: looked at before it is read.
    ///
    /// # Errors
    /// When nobody can log in so; then nothing changed.
    pub async fn use_url(
        &self,
        url: &Secret,
        options: &ConnectOptions,
    ) -> Result<(), DatabaseError> {
        let next = connect::postgres(url.reveal(), options)?;
        let proof = async { next.connect().await?.close().await };
        proof.await.map_err(DatabaseError::Connect)?;
        self.progress.doubt();
        self.warm.use_options(next).await;
        Ok(())
    }

    /// Looks at it again and again, until `stop` says so.
    pub async fn watch(self: Arc<Self>, database: Database, mut stop: watch::Receiver<bool>) {
        let mut ticks = tokio::time::interval(LOOK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut usable = None;
        loop {
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => break,
                _ = ticks.tick() => {}
            }
            let lineage = database.identity().map(|identity| identity.lineage_id);
            let looked = tokio::time::timeout(GIVE_UP, self.look(lineage)).await;
            let verdict = looked.unwrap_or_else(|_| Err("it does not answer".into()));
            self.progress.set(*verdict.as_ref().unwrap_or(&0));
            if verdict.is_err() {
                self.warm.doubt();
            }
            metrics::gauge!("database_replica_usable").set(f64::from(u8::from(verdict.is_ok())));
            if usable != Some(verdict.is_ok()) {
                usable = Some(verdict.is_ok());
                say(verdict.err());
            }
        }
        self.warm.close().await;
    }

    async fn look(&self, lineage: Option<Uuid>) -> Result<u64, String> {
        let row = self.ask().await.map_err(|error| error.to_string())?;
        judge(row, lineage, self.lag)
    }

    async fn ask(&self) -> Result<Row, sqlx::Error> {
        let mut lent = self.warm.take().await?;
        let row = sqlx::query_as(LOOK_AT).fetch_one(lent.connection()).await?;
        lent.give_back();
        Ok(row)
    }
}

fn judge(row: Row, lineage: Option<Uuid>, lag: Duration) -> Result<u64, String> {
    let (following, position, of, age) = row;
    if !following {
        return Err("it follows nobody: it is no replica (any more)".into());
    }
    if of.is_none() || of != lineage {
        return Err("it is of another lineage".into());
    }
    match age {
        Some(age) if age <= lag.as_secs_f64() => {}
        Some(age) => return Err(format!("it is {} seconds behind", age.round())),
        None => return Err("it has no heartbeat".into()),
    }
    let position = position.and_then(|position| u64::try_from(position).ok());
    position.ok_or_else(|| "it does not say how far it is".into())
}

fn say(problem: Option<String>) {
    match problem {
        None => tracing::info!("the replica is read"),
        Some(error) => {
            let hint = "the primary is read instead; look at the replica";
            tracing::warn!(error, hint, "the replica is not read");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_replica_of_this_lineage_that_keeps_up_is_read() {
        let own = Uuid::from_u128(1);
        let lag = Duration::from_secs(15);
        let verdict = |row| judge(row, Some(own), lag).is_ok();
        assert!(verdict((true, Some(7), Some(own), Some(3.0))));
        assert!(!verdict((false, Some(7), Some(own), Some(3.0))));
        assert!(!verdict((true, None, Some(own), Some(3.0))));
        assert!(!verdict((true, Some(7), Some(Uuid::nil()), Some(3.0))));
        assert!(!verdict((true, Some(7), None, Some(3.0))));
        assert!(!verdict((true, Some(7), Some(own), Some(15.1))));
        assert!(!verdict((true, Some(7), Some(own), None)));
    }
}
