//! This machine: the state store in a folder.
//!
//! Owns what lies under `.opsctl/<environment>/`. Never decides what is kept there.

pub mod state;
