//! The list of conformance beside this repository: complete, green, and red for whatever is broken on purpose.
#![allow(clippy::unwrap_used)]

mod refusals;
mod repository;
mod schema;
