//! Engine, guard and evidence over a simulated world: killed at every boundary, raced, forged.
#![allow(clippy::unwrap_used)]

mod backup;
mod bench;
mod clocks;
mod conform;
mod deploy;
mod doctor;
mod drill;
mod evidence;
mod failover;
mod failover_cache;
mod failover_zones;
mod going_back;
mod guard;
mod image;
mod journal;
mod kill;
mod leases;
mod locks;
mod migrate;
mod migrate_statements;
mod region;
mod region_abroad;
mod restore;
mod runner;
mod secrets;
