//! The secrets of an environment of this machine: kept in versions with stages, and handed to the application as the files that it
//! follows.
//!
//! Owns `secret-versions.json`, and writes `secrets.json`, the logins' password files and the evidence key from it. Never decides
//! when one is rotated, never prints one.

mod delivery;
mod found;
mod handed;
mod place;
mod pods;
mod store;
mod vault;

pub use delivery::LocalDelivery;
pub use place::LocalSecrets;
pub use pods::Pods;
