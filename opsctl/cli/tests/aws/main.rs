//! opsctl in an account of AWS, as an operator meets it: the real program, real databases behind RDS, a real S3.
#![allow(clippy::unwrap_used)]

mod account;
mod backups;
mod bring_up;
mod bucket;
mod caches;
mod conform;
mod copies;
mod costs;
mod deaths;
mod drills;
mod eks;
mod ends;
mod exports;
mod failover;
mod region;
mod replicas;
mod restores;
mod runner;
mod secrets;
mod service;
mod stage;
mod wire;
