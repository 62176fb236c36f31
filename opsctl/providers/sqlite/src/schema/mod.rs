//! Schemas of SQLite files, and the empty file that a local environment begins with.

mod facts;
mod migrations;
mod provision;

pub use migrations::SqliteSchema;
pub use provision::SqliteProvision;
