//! The prober: stands in for users while the database fails over.
//!
//! Owns when it asks, what it notes, and what that comes to. How a row is written belongs to [`crate::ports::Prober`].

mod door;
mod felt;
mod lanes;
mod record;
mod running;

pub use felt::{Felt, LaneFelt, felt};
pub use running::{Beginning, Running};
