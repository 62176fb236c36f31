//! Traces, as a collector gets them.

mod away;
mod flow;
mod way;
