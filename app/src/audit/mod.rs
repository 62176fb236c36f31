//! The audit log: who did what to what, when, and in which request. Lines are added by the database itself where rows are
//! deleted, by changes that must not be told later, and by the subscriber of events. Never changes a line.

mod queries;
mod routes;

pub use queries::record;
pub use routes::routes;
