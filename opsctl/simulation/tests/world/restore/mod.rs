//! Restores, cut-overs and undos over a simulated platform.

mod cut_over;
mod leftovers;
mod plan;
mod scratch;
mod set_aside;
pub mod stage;
mod undo;
