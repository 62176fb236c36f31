//! The service as a client meets it: HTTP and handshakes of TLS at one address.
//!
//! Owns asking once and telling what came back, and a user that a drill makes. Never follows a redirect, never asks again, never judges.

mod address;
mod asking;
mod handshake;
mod user;
mod website;

pub use user::UserProber;
pub use website::Website;
