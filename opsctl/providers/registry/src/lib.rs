//! Registries over HTTP, as the OCI distribution specification has them, and folders in the OCI image layout.
//!
//! Owns the way to a registry: addresses, credentials, tokens, retries, uploads. Never decides which image goes where.

mod address;
mod asking;
mod blobs;
mod challenge;
mod client;
mod credentials;
mod keychain;
pub mod layout;
mod manifests;
mod question;
mod referrers;
mod retry;
mod tags;
mod tokens;
mod transport;
mod upload;

pub use client::RegistryClient;
pub use credentials::{Credentials, DockerConfig};
