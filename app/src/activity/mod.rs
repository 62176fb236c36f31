//! Who was here today: noted in memory when somebody is recognised, written together every few seconds, at most one row a user
//! and day. Never keeps what anybody did, and never makes a request wait for the database. What was noted and not yet written
//! when a process is killed is lost; whoever comes again that day is noted again.

mod seen;
mod writing;

pub use seen::Activity;
pub use writing::{follow, write};
