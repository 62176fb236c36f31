//! Reading a SQLite file for proof.
//!
//! Owns the catalogue queries, the digests and the traces of changes. Never judges: `core::integrity` does.

mod catalogue;
mod digest;
mod engine;
mod pace;
mod scan;
mod session;
mod structure;
mod text;
mod traces;

pub use session::SqliteInspector;
