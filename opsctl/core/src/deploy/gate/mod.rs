//! The gate of a roll-out: error rate and answering times of new pods beside those of old ones, and what follows.
//!
//! Owns the reading of measurements, their sums and the verdict. Asks no pod and reads no clock: texts and times are inputs.

mod exposition;
mod figures;
mod held;
mod report;
mod series;
mod tally;
mod traffic;
mod verdict;

pub use figures::Figures;
pub use held::{HELD, Hold, Stance, gated, port};
pub use report::{GateReport, Stage};
pub use series::Counts;
pub use tally::{Pod, Side, Tally};
pub use verdict::{GateVerdict, fails_early, judge};
