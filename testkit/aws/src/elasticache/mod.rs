//! ElastiCache: replication groups of real Redis servers, a primary that is killed and a replica that is promoted behind addresses that
//! stay.
//!
//! Knows no shards, no users and no encryption in transit.

mod actions;
mod create;
mod described;
mod events;
mod failover;
mod front;
mod group;
mod nodes;
mod settle;
mod state;

pub use front::{ElastiCache, ElastiCacheDelays};
