//! Which backups may go: tables and properties of the rules, without a world.
#![allow(clippy::unwrap_used)]

mod candidates;
mod plans;
mod properties;
mod tables;
