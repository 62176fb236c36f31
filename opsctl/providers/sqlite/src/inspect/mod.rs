//! Reading a SQLite file for proof.
//!
//! Owns the catalogue queries, the digests and the traces of changes. Never judges: `core::integrity` does.

pub(crate) mod catalogue;
mod digest;
mod engine;
mod pace;
mod scan;
mod session;
mod structure;
pub(crate) mod text;
mod traces;

pub use session::SqliteInspector;
pub(crate) use session::connect;
