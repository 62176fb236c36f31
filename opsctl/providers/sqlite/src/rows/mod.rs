//! Single rows: their shape, reading them, writing them back, and how two databases differ.
//!
//! Values travel as SQL literals in SQLite's own spelling (`quote()`), so that every type comes back as it
//! was. Reading opens the file read-only; what an operator wrote after `WHERE` can't change anything.

mod differences;
mod select;
mod shape;
mod spelling;
mod transfer;
mod write;

pub use transfer::SqliteRows;
