//! Conformance: every line of the architecture specification, and what proves it.
//!
//! Owns the list of lines, the kinds of checks and their judgement. Never changes anything, and never takes what it
//! could not look at for something that holds.

mod answer;
mod bearings;
mod checks;
mod components;
mod expectation;
mod live;
mod mutation;
mod offline;
mod page;
mod pointer;
mod reading;
mod report;
mod repository;
mod rules;
mod schema;
mod specification;
mod stretch;

pub use answer::{Answer, Seen, Verdict};
pub use checks::{Check, LiveCheck};
pub use components::{Component, Components};
pub use expectation::Expectation;
pub use live::{Surroundings, conform};
pub use mutation::{Outcome, Trial, prove};
pub use offline::{LineReport, offline};
pub use page::{junit, page};
pub use reading::{CONTENTS, read};
pub use report::{Counts, Planned, Report};
pub use schema::schema;
pub use specification::{Chapter, Line, Specification};
