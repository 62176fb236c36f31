//! Programs from their source: what git says of it, what cargo makes of it.
//!
//! Owns the two programs' command lines. Never decides what becomes of the result.

mod compile;
mod schema;
mod source;
mod toolchain;

pub use compile::{Built, compile};
pub use schema::schema_range;
pub use source::{Source, source};
pub use toolchain::{Toolchain, Workspace, workspace};
