//! The unchanged SDK for Rust against the stand-in.

mod conformance;
mod faults;
mod identity;
mod rds;
mod secrets;
mod stage;
