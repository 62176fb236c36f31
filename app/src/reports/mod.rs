//! The daily report: yesterday's key metrics and their trend as a PDF, made once a day after 02:00 UTC, stored, and open to
//! administrators. Owns what stands in it and how it looks; never counts a figure itself, and never sends the document: whoever
//! wants it comes through the door that asks who they are.

mod contents;
mod making;
mod number;
mod pdf;
mod queries;
mod routes;

pub use contents::{Contents, Direction, Metric, Series, Shape, Sources};
pub use making::{Made, follow, make, read};
pub use number::Unit;
pub use pdf::draw;
pub use queries::{Row, last};
pub use routes::routes;
