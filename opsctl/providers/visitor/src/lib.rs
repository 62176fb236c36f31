//! The service as a client meets it: HTTP and handshakes of TLS at one address.
//!
//! Owns asking once and telling what came back. Never follows a redirect, never asks again, never judges.

mod address;
mod asking;
mod handshake;
mod website;

pub use website::Website;
