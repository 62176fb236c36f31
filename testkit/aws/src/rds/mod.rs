//! RDS for PostgreSQL. Its instances are real servers: a snapshot is a base backup, a point in time is replayed log, a replica
//! follows by streaming, a failover promotes a standby.

mod actions;
mod automated;
mod change;
mod cluster;
mod copy;
mod course;
mod create;
mod delays;
mod delete;
mod described;
mod events;
mod front;
mod ground;
mod groups;
mod instance;
mod reboot;
mod refusals;
mod replica;
mod restore;
mod settings;
mod settle;
mod snapshot;
mod snapshots;
mod state;
mod subnets;
mod tags;

use crate::{paging, relay};

pub use delays::{Delays, Quotas};
pub use front::Rds;
