//! Secrets in an account of AWS that behaves: stages and tokens, lost answers, races, cut-overs, rotations under the real application.

#![allow(clippy::unwrap_used)]

mod application;
mod cluster;
mod cut_over;
mod database;
mod operations;
mod rotation;
mod stage;
mod store;
