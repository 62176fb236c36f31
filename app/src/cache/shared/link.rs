//! What is done in Redis, each thing in one step of the server. Both keys of a subject have the same hash tag, so that they lie
//! together in a cluster.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use redis::{RedisResult, Value};
use uuid::Uuid;

use super::wire;
use crate::cache::memory::LASTS;
use crate::cache::{Entry, Subject};
use crate::redis::Connection;

/// News of changes, one subject each.
pub(super) const CHANNEL: &str = "app:changes";

/// A reading that takes longer does not leave its copy.
const LEASE_MILLISECONDS: usize = 5000;

/// The copy; else 1 where the caller may leave one, 0 where somebody else is about to.
const LOOK: &str = "local copy = redis.call('GET', KEYS[1]) if copy then return copy end \
    if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end return 0";
/// Only while the lease is the caller's: a change took it away.
const LEAVE: &str = "if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end \
    redis.call('DEL', KEYS[2]) redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) return 1";
const CHANGE: &str =
    "redis.call('DEL', KEYS[1], KEYS[2]) return redis.call('PUBLISH', ARGV[1], ARGV[2])";

/// What was found.
pub(super) enum Found {
    Copy(Arc<Entry>),
    /// Nothing; whoever shows this may leave a copy.
    Lease(String),
    /// Nothing, and somebody else is about to leave a copy.
    Nothing,
}

/// A connection that is trusted: it hears of every change since it was made.
#[derive(Clone)]
pub(super) struct Link {
    connection: Connection,
    incarnation: Arc<str>,
    dead: Arc<AtomicBool>,
}

impl std::fmt::Debug for Link {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Link")
            .field("dead", &self.dead)
            .finish_non_exhaustive()
    }
}

impl Link {
    pub fn new(connection: Connection, incarnation: String, dead: Arc<AtomicBool>) -> Self {
        Self {
            connection,
            incarnation: incarnation.into(),
            dead,
        }
    }

    pub fn is_alive(&self) -> bool {
        !self.dead.load(Ordering::SeqCst)
    }

    /// Nobody uses it from now on. Whether somebody did until now.
    pub fn kill(&self) -> bool {
        !self.dead.swap(true, Ordering::SeqCst)
    }

    /// Whether it is still the same servers that answer.
    pub async fn is_the_same(&self) -> RedisResult<bool> {
        let now = self.connection.clone().incarnation().await?;
        Ok(now == *self.incarnation)
    }

    /// The copy and its lease. Copies of another lineage or of another life of the server have other names.
    fn keys(&self, lineage: Uuid, subject: Subject) -> [String; 2] {
        let incarnation = &self.incarnation;
        let name = subject.name();
        let copy = format!("app:{lineage}:{incarnation}:{{{name}}}");
        let lease = format!("{copy}:lease");
        [copy, lease]
    }

    pub async fn look(&self, lineage: Uuid, subject: Subject) -> RedisResult<Found> {
        let [copy, lease] = self.keys(lineage, subject);
        let token = Uuid::new_v4().simple().to_string();
        let mut command = redis::cmd("EVAL");
        command.arg(LOOK).arg(2).arg(copy).arg(lease);
        command.arg(&token).arg(LEASE_MILLISECONDS);
        Ok(match self.connection.clone().ask(&command).await? {
            Value::BulkString(bytes) => match wire::read(bytes) {
                Some(entry) => Found::Copy(Arc::new(entry)),
                None => Found::Nothing,
            },
            Value::Int(1) => Found::Lease(token),
            _ => Found::Nothing,
        })
    }

    /// Leaves a copy, unless there was a change since the lease was given.
    pub async fn leave(
        &self,
        lineage: Uuid,
        subject: Subject,
        token: &str,
        entry: &Entry,
    ) -> RedisResult<()> {
        let [copy, lease] = self.keys(lineage, subject);
        let lasts = u64::try_from(LASTS.as_millis()).unwrap_or(u64::MAX);
        let mut command = redis::cmd("EVAL");
        command.arg(LEAVE).arg(2).arg(copy).arg(lease);
        command.arg(token).arg(wire::write(entry)).arg(lasts);
        self.connection.clone().ask(&command).await
    }

    /// Takes the copy and every lease away, and tells everybody.
    pub async fn change(&self, lineage: Uuid, subject: Subject) -> RedisResult<()> {
        let name = subject.name();
        let command = if subject.is_shared() {
            let [copy, lease] = self.keys(lineage, subject);
            let mut command = redis::cmd("EVAL");
            command.arg(CHANGE).arg(2).arg(copy).arg(lease);
            command.arg(CHANNEL).arg(name);
            command
        } else {
            let mut command = redis::cmd("PUBLISH");
            command.arg(CHANNEL).arg(name);
            command
        };
        self.connection.clone().ask(&command).await
    }
}
