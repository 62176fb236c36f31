//! Judging lines by the world: the cluster, the database, answers to clients, evidence.
//!
//! Owns what is asked and how answers are judged. Whatever can't be looked at is unknown, with the reason.

mod cluster;
mod database;
mod estate;
mod evidence;
mod eyes;
mod looked;
mod web;

pub use eyes::{Surroundings, conform};
