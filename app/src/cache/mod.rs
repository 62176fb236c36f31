//! Owns what is kept in memory of what the database said, and how it is let go of when that changes. Never answers with
//! something from before a change that this process knows of: what was read carries the stamp of the moment before it was read,
//! and a change makes every older stamp worthless, also those of readers that are still on their way.

mod epochs;
mod subject;

pub use epochs::{Epochs, Stamp};
pub use subject::Subject;
