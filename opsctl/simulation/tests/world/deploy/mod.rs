//! Releases over a simulated cluster: killed at every boundary, disturbed by people, failing, taken back.

mod deaths;
mod drift;
mod failing;
mod gate;
mod latest;
mod preflight;
mod releases;
mod stage;
