//! The state store: where locks, journals, releases and evidence live.
//!
//! Owns the trait, the layout of keys and typed registers over it. Only compare-and-swap: no provider
//! may offer less, no caller may ask for more. Never decides what a record means.

mod keys;
mod register;
mod store;

pub use keys::Key;
pub use register::{Register, Swapped, decode, encode};
pub use store::{Generation, StateStore, StoreError};
