//! The engine over a simulated world: killed at every boundary, raced, failed and gone back.
#![allow(clippy::unwrap_used)]

mod bench;
mod going_back;
mod guard;
mod journal;
mod kill;
mod locks;
