//! Single rows: their shape, reading them, writing them back, and how two databases differ.
//!
//! Values travel in PostgreSQL's own text form, which every type reads back as it was. Reading happens in
//! read-only transactions; a condition that an operator wrote runs with the application's rights at most.
//! Knows the tables of the schema `public`.

mod differences;
mod select;
mod session;
mod shape;
mod spelling;
mod transfer;
mod write;

pub use transfer::PostgresRows;
