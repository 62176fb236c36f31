//! A PostgreSQL server for one test: its own port and folder, ready in well under a second, gone when
//! the test ends, however it ends.
//!
//! Never touches a server that it did not start.

mod account;
mod backup;
mod binaries;
mod copied;
mod encrypted;
mod reaper;
mod server;
mod standby;
mod supervisor;
mod template;

pub use account::Account;
pub use backup::{BaseBackup, Recovery};
pub use binaries::{PostgresBinaries, Version, find};
pub use reaper::Reaper;
pub use server::Postgres;
