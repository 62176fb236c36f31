//! What is done by the clock and not by a request: a queue in the database, whoever fills it by the clock, and whoever works on
//! it. Owns when something is due, that each due time is worked on by one at a time and ended once, and what happens when it fails.
//! Never what the work is: each room brings its own [`Job`], which must be able to run again after it was killed halfway.
//! Nothing runs while the effects of the database are held.

mod administration;
mod job;
mod pruning;
mod queue;
mod runner;
mod schedule;
mod scheduler;
mod standing;
mod working;

pub use administration::routes;
pub use job::{Due, Job};
pub use pruning::Pruning;
pub use runner::Runner;
pub use schedule::{CatchUp, Schedule};
pub use scheduler::Scheduler;
pub use standing::{Standing, standing};
pub use working::work;
