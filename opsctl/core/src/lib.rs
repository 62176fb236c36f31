//! What an operation is, and each operation.
//!
//! This crate holds the domain: plans, approvals, steps, journals, locks, verdicts. It never touches a
//! terminal, an environment variable, Kubernetes, AWS or a database driver: the outside world arrives
//! through ports, and what happens leaves as events.

pub mod adopt;
pub mod backup;
pub mod clock;
pub mod conform;
pub mod costs;
pub mod deploy;
pub mod doctor;
pub mod drill;
pub mod engine;
pub mod environment;
pub mod evidence;
pub mod exposition;
pub mod failover;
pub mod failure;
pub mod guard;
pub mod image;
pub mod integrity;
pub mod lineage;
pub mod maintenance;
pub mod manifests;
pub mod measures;
pub mod migrate;
pub mod names;
pub mod notice;
pub mod operations;
pub mod pins;
pub mod ports;
pub mod restore;
pub mod runner;
pub mod schedule;
pub mod secret;
pub mod secrets;
pub mod seed;
pub mod state;
pub mod workloads;

pub use failure::{Failure, FailureKind, Result};
