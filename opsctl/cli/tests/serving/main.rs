//! The real service on a real Kubernetes, beside a real PostgreSQL, asked by many while releases come and go.
#![allow(clippy::unwrap_used)]

mod clients;
mod endurance;
mod game_day;
mod platform;
mod region;
mod rehearsal;
