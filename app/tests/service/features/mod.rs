//! What is open to whom: feature flags and what they open.

mod beta;
mod dashboard;
mod flags;
