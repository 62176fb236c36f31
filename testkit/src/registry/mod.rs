//! A real OCI registry with a folder of its own, and a front before it that fails when a test wants it to.

mod front;
mod server;

pub use front::{Fault, Front};
pub use server::Registry;
