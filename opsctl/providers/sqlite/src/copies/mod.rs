//! Restored copies: scratch databases of which each has an owner and an expiry.
//!
//! `scratch/<name>/` holds the markers and, until it is whole, the file; a copy that was started lies in
//! `databases/<lineage>/` under the line of history that it began. It stays there when it is adopted, so
//! that no file is ever moved under an open connection. What keeps the application off a copy is the role
//! inside it, which is written before the file gets its name.

mod chill;
mod fetch;
mod folder;
mod marks;
mod start;

pub use folder::SqliteCopies;
pub(crate) use folder::forget_copy;
