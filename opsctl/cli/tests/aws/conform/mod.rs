//! The specification held beside what AWS says.

mod answers;
mod breaches;
mod furnished;
mod refusals;
