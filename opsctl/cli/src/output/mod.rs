//! Everything that is written: results to stdout, all else to stderr.
//!
//! Owns the three renderings of one stream of events. Never decides what happens.

mod failure;
mod human;
mod json;
mod page;
mod style;
mod table;
pub mod units;
mod wrap;
mod writer;

pub use failure::runbook_line;
pub use page::page;
pub use table::Table;
pub use wrap::hanging;
pub use writer::Output;
