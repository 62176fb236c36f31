//! Base backups: taken by PostgreSQL's own program, known by a record, checked file by file.

mod create;
mod manifest;
mod stored;
mod take;
mod verify;

pub use create::{Listing, create, delete, find, list};
pub(crate) use manifest::ManifestFile;
pub(crate) use stored::Stored;
pub use stored::{RECORD, StoredBackup};
pub(crate) use take::copy;
pub use take::is_unfinished;
pub use verify::{official_verification, verify_files};
