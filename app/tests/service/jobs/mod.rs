//! What is done by the clock: when, by how many, and what becomes of it.

mod counter;
mod hands;
mod queue;
mod real;
