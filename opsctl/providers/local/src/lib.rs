//! This machine: what lies under `.opsctl/<environment>/`, the application's processes, and manifests in a folder.
//!
//! Owns the state store in a folder, the descriptor's file, the secrets' files, child processes, and what cargo and git are asked.
//! Never decides what is kept there.

pub mod application;
pub mod build;
pub mod certificates;
pub mod keys;
pub mod manifests;
pub mod pointer;
pub mod secrets;
pub mod state;
