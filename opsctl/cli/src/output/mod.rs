//! Everything that is written: results to stdout, all else to stderr.
//!
//! Owns the three renderings of one stream of events. Never decides what happens.

mod failure;
mod human;
mod json;
mod style;
mod table;
pub mod units;
mod writer;

pub use table::Table;
pub use writer::Output;
