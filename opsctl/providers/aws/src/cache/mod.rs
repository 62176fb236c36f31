//! The cache that ElastiCache keeps: how its replication group stands, what happened to it, and the test of its failover.

mod address;
mod events;
mod group;

pub use address::cache_address;
pub use group::ElastiCacheGroup;
