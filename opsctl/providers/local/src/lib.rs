//! This machine: what lies under `.opsctl/<environment>/`, and the application's processes.
//!
//! Owns the state store in a folder, the descriptor's file and child processes. Never decides what is
//! kept there.

pub mod application;
pub mod keys;
pub mod pointer;
pub mod state;
