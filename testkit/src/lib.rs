//! Real parts for tests: servers of one's own (PostgreSQL, Redis, S3, an OCI registry, SMTP, nginx, OTLP, whoever is on call), and
//! faults that can be planted in files, disks and clocks.
//!
//! Depends on no other crate of the workspace and never runs outside tests.

pub mod application;
pub mod certificates;
pub mod documents;
mod environment;
pub mod files;
pub mod https;
pub mod lab;
pub mod leash;
pub mod nginx;
pub mod on_call;
pub mod otlp;
pub mod ports;
pub mod postgres;
pub mod redis;
pub mod registry;
pub mod s3;
pub mod secrets_manager;
pub mod smtp;
pub mod wrong_clock;

pub use nginx::Nginx;
pub use postgres::Postgres;
pub use redis::{Redis, RedisCluster};
pub use registry::Registry;
pub use s3::S3;
pub use smtp::Smtp;
