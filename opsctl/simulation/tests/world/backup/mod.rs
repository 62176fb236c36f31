//! Backups taken and pruned over a simulated platform, killed at every boundary.

mod copies;
mod create;
mod export;
mod overview;
mod prune;
pub mod stock;
