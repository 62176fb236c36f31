//! Reading a PostgreSQL database for proof.
//!
//! Owns the catalogue queries, the digests that the server computes, and the traces of changes. Never
//! judges: `core::integrity` does. What a check needs in the database is made in a transaction that is
//! rolled back.

pub(crate) mod catalogue;
mod engine;
mod expected;
mod foreign_keys;
mod hash;
mod pace;
mod scan;
mod session;
mod settings;
mod structure;
pub(crate) mod text;
mod traces;
mod versions;

pub use session::PostgresInspector;
