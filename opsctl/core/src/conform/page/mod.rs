//! The list as pages: the filled-in specification, and JUnit for pipelines.

mod components;
mod diagrams;
mod junit;
mod specification;

pub use junit::junit;
pub use specification::page;
