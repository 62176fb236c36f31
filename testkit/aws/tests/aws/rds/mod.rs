//! RDS, with real databases behind.

mod changes;
mod copies;
mod deletion;
mod failover;
mod groups;
mod points_in_time;
mod refusals;
mod replicas;
mod restores;
mod states;
