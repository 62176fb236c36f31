//! The descriptor in a file: where the application of a local environment finds its database.
//!
//! Owns how the file is read and replaced. Never decides what it says.

mod file;
mod replace;

pub use file::{FilePointer, WayIn};
pub(crate) use replace::{lock, replace};
