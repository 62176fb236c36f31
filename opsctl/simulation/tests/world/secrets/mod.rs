//! Rotations over a simulated platform: killed at every boundary, with lost answers, with laggards, raced.

mod answers;
mod deaths;
mod finding;
mod stage;
mod values;
mod ways;
