//! Both ends of TLS, for tests that look at somebody from outside: whom a server believes, and what a client says.

mod client;
mod recorder;

pub use client::Client;
pub use recorder::{Asked, Recorder};
