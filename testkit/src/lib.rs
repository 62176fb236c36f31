//! Real parts for tests: a PostgreSQL and a Redis of one's own, and faults that can be planted in files and disks.
//!
//! Depends on no other crate of the workspace and never runs outside tests.

pub mod documents;
mod environment;
pub mod files;
pub mod leash;
pub mod ports;
pub mod postgres;
pub mod redis;

pub use postgres::Postgres;
pub use redis::{Redis, RedisCluster};
