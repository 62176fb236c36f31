//! What is wrong with an environment, and the command that cures each of it.
//!
//! Owns the checks and their words. Changes nothing, asks nobody, and never gives up: a check that can't be
//! made is itself a finding.

mod adoption;
mod backups;
mod database;
mod evidence;
mod examination;
mod leftovers;
mod operations;
mod processes;
mod reap;
mod region;

pub use examination::{Check, Diagnosis, Finding, Level, Patience, examine};
pub use reap::{REAP, Reap, reap_action};
