//! Owns what is kept of what the database said, and how it is let go of when that changes. Never answers with something from
//! before a change that this process knows of: what was read carries the stamp of the moment before it was read, and a change
//! makes every older stamp worthless, also those of readers that are still on their way.

mod counts;
mod engine;
mod entry;
mod epochs;
mod keeping;
mod memory;
pub mod shared;
mod subject;

pub use counts::report;
pub use engine::{Engine, Loaded, Off, Place};
pub use entry::{Audience, Entry};
pub use epochs::{Epochs, Stamp};
pub use keeping::Cache;
pub use memory::Memory;
pub use subject::Subject;
