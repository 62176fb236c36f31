//! The prober's numbers in Redis: members of one sorted set, so that each is missing by itself.

use std::collections::BTreeSet;

use async_trait::async_trait;
use opsctl_core::guard::Permit;
use opsctl_core::names::OperationId;
use opsctl_core::ports::{Location, Prober, ProberSession, Sent, Slots};
use opsctl_core::secret::Secret;
use opsctl_core::{Failure, Result};
use redis::{ErrorKind, RedisError};

use crate::connection::{Connection, words};
use crate::slot::key_between;

/// What a drill leaves that died and never went on expires after this.
const EXPIRES_SECONDS: u32 = 24 * 3600;
const KEY: &str = "opsctl:prober";
/// A number and the key's end, in one step: Redis keeps both or neither.
const WRITE: &str =
    "redis.call('ZADD', KEYS[1], ARGV[1], ARGV[1]) return redis.call('EXPIRE', KEYS[1], ARGV[2])";

/// All addresses of a Redis, comma between them, with their passwords.
pub type Addresses = Secret<String>;

/// Writes and reads numbers.
#[derive(Clone)]
pub struct RedisProber {
    addresses: Addresses,
    key: String,
}

impl RedisProber {
    /// A prober of the Redis there, on the shard that has these slots.
    #[must_use]
    pub fn at(addresses: Addresses, slots: Slots) -> Self {
        let key = slots.map_or_else(|| KEY.to_owned(), |slots| key_between(KEY, slots));
        Self { addresses, key }
    }

    /// Takes the key away: one drill at a time holds the lock, so whatever lies there is an earlier one's or this one's own.
    async fn forget(&self) -> Result<()> {
        let mut connection = self.open().await?;
        let gone = connection.ask(redis::cmd("UNLINK").arg(&self.key)).await;
        gone.map_err(|error| {
            Failure::failed("can't take the prober's numbers away").cause(words(&error))
        })
    }

    async fn open(&self) -> Result<Connection> {
        Connection::open(self.addresses.expose()).await
    }
}

#[async_trait]
impl Prober for RedisProber {
    /// A number that an earlier drill left would be taken for one of this.
    async fn prepare(&self, permit: &Permit<'_>, _: &Location) -> Result<()> {
        permit.check()?;
        self.forget().await
    }

    async fn connect(&self, _: &Location) -> Result<Box<dyn ProberSession>> {
        let connection = self.open().await?;
        let key = self.key.clone();
        Ok(Box::new(Session { connection, key }))
    }

    async fn kept(&self, _: &Location, _: &OperationId) -> Result<BTreeSet<u64>> {
        let mut connection = self.open().await?;
        let mut all = redis::cmd("ZRANGE");
        let numbers = connection.ask(all.arg(&self.key).arg(0).arg(-1)).await;
        numbers.map_err(|error| {
            Failure::failed("can't read the prober's numbers").cause(words(&error))
        })
    }

    async fn remove(&self, permit: &Permit<'_>, _: &Location) -> Result<()> {
        permit.check()?;
        self.forget().await
    }
}

struct Session {
    connection: Connection,
    key: String,
}

#[async_trait]
impl ProberSession for Session {
    async fn write(&mut self, _: &OperationId, number: u64) -> Sent {
        let mut write = redis::cmd("EVAL");
        write.arg(WRITE).arg(1).arg(&self.key);
        let kept = self.connection.ask(write.arg(number).arg(EXPIRES_SECONDS));
        match kept.await {
            Ok(()) => Sent::Acknowledged,
            Err(error) if is_a_no(&error) => Sent::Refused(words(&error)),
            Err(error) => Sent::Unanswered(words(&error)),
        }
    }

    async fn read(&mut self, _: &OperationId) -> Result<Option<u64>> {
        let mut newest = redis::cmd("ZREVRANGE");
        let numbers: Vec<u64> = self
            .connection
            .ask(newest.arg(&self.key).arg(0).arg(0))
            .await
            .map_err(|error| Failure::failed(words(&error)))?;
        Ok(numbers.first().copied())
    }
}

/// Whether an error says that the number is not kept: a server that answered with one has not run the script.
fn is_a_no(error: &RedisError) -> bool {
    matches!(error.kind(), ErrorKind::Server(_))
}
