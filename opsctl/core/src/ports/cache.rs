//! The cache of an environment as the service that keeps it tells of it: a replication group that fails over when it is told, the
//! trail of events that this leaves, and how users are stood in for meanwhile.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;

use super::{Prober, Standby, Standing};
use crate::clock::Timestamp;
use crate::failure::Result;

/// What a node of a shard is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeRole {
    /// It takes writes.
    Primary,
    /// It follows.
    Replica,
    /// The service does not say: it never does of a group of several shards.
    Untold,
}

/// A node of the shard that is drilled.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CacheNode {
    /// Its name.
    pub name: String,
    /// What it is.
    pub role: NodeRole,
}

/// What a service tells of a failover, in the order in which it does.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Happened {
    /// Somebody asked for it.
    Called,
    /// A replica took over.
    FailedOver {
        /// The primary before.
        from: String,
        /// The primary now.
        to: String,
    },
    /// The node that was the primary is being replaced.
    Recovering(String),
    /// It follows.
    Recovered(String),
}

/// One event, by the service's own clock.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Told {
    /// When.
    pub at: Timestamp,
    /// What.
    pub what: Happened,
}

/// The slots of a shard, from the first to the last; `None` where one shard has all of them.
pub type Slots = Option<(u16, u16)>;

/// The group, looked at closely.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheLook {
    /// How it stands: its zone is the name of the node that is the primary, or nothing where the service does not say.
    pub standing: Standing,
    /// The shard that is drilled: the first.
    pub shard: String,
    /// How many there are.
    pub shards: usize,
    /// Which keys lie there.
    pub slots: Slots,
    /// Its nodes.
    pub nodes: Vec<CacheNode>,
    /// What happened to it, the oldest first.
    pub trail: Vec<Told>,
}

/// The group: a standby like any other, whose failovers are numbered by the day.
#[async_trait]
pub trait CacheGroup: Standby {
    /// Looks closely.
    async fn look_closely(&self) -> Result<CacheLook>;

    /// When failovers were tested in this account and region within a day, the oldest first.
    async fn tested_today(&self) -> Result<Vec<Timestamp>>;
}

/// By which way users are stood in for.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Through {
    /// As the application does: at the cache itself, by the application's own address and password.
    Cache {
        /// The slots in which a key has to lie.
        slots: Slots,
    },
    /// As users do: by the address that they know.
    Application {
        /// The address.
        url: String,
        /// Who vouches for it, beside those whom the machine trusts.
        authority: Option<PathBuf>,
    },
}

/// Makes probers.
#[async_trait]
pub trait Visitors: Send + Sync {
    /// One that goes that way.
    async fn by(&self, through: &Through) -> Result<Arc<dyn Prober>>;
}

/// What a failover of the cache needs.
#[derive(Clone)]
pub struct CachePorts {
    /// The group.
    pub group: Arc<dyn CacheGroup>,
    /// Who stands in for users.
    pub visitors: Arc<dyn Visitors>,
}
