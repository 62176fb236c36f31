//! Backups of a SQLite database: a folder each, taken from a database in use.
//!
//! A backup is taken by `VACUUM INTO`: one read transaction, which in the write-ahead mode that the
//! application uses stands in nobody's way, and the engine itself reads every page of every table. Copying
//! the file's bytes instead would either block writers for as long as it takes, or need our own reading of
//! the write-ahead log.

mod claim;
mod folder;
mod record;
mod take;
mod verify;

pub use folder::SqliteBackups;
pub(crate) use record::{Manifest, read_manifest, read_record};
