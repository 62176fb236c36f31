//! The unchanged SDK for Rust against the stand-in.

mod conformance;
mod faults;
mod identity;
mod kms;
mod rds;
mod secrets;
mod stage;
