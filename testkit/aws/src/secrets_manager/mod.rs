//! Secrets Manager, strictly: versions that never change, stages that move by compare-and-swap, limits, deletion with a way back,
//! replicas in other regions.
//!
//! Knows no rotation by a function: whoever rotates does it by these calls.

mod actions;
mod front;
mod lifetime;
mod replicas;
mod secret;
mod stages;
mod values;

pub use front::SecretsManager;
