//! Redis for one test: a server of its own, a replica of one, a cluster of three; gone when the test ends, however it ends.
//!
//! Never touches a server that it did not start.

mod binaries;
mod cluster;
mod server;

pub use binaries::{RedisBinaries, find};
pub use cluster::RedisCluster;
pub use server::Redis;
