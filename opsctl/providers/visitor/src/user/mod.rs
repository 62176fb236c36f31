//! A user that a drill makes, and that goes with it: it has one draft, whose title is the number that was written last.

mod account;
mod prober;

pub use prober::UserProber;
