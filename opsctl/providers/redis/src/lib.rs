//! A Redis as the application meets it: numbered values, written and read by a prober while it fails over.
//!
//! Owns one key of its own, which expires by itself. Never reads a key of the application's, never mends a connection.

mod connection;
mod prober;
mod slot;

pub use prober::{Addresses, RedisProber};
