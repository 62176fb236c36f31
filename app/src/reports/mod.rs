//! The daily report: yesterday's key metrics and their trend as a PDF, made each day at 02:00 UTC by a job, stored, and open to
//! administrators. Owns what stands in it, how it looks and who is told of it; never counts a figure itself, and never sends the
//! document: a mail has a link, and whoever wants the document comes through a door that asks for whom it is.

mod contents;
mod document;
mod link;
mod mailing;
mod making;
mod number;
mod pdf;
mod queries;
mod routes;

pub use contents::{Contents, Direction, Metric, Series, Shape, Sources};
pub use link::Link;
pub use mailing::Mailing;
pub use making::{Daily, Made, make, read};
pub use number::Unit;
pub use pdf::draw;
pub use queries::{Row, last};
pub use routes::routes;
