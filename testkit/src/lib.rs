//! Real parts for tests: a PostgreSQL server of one's own, and faults that can be planted in files and disks.
//!
//! Depends on no other crate of the workspace and never runs outside tests.

pub mod documents;
pub mod files;
pub mod postgres;

pub use postgres::Postgres;
