//! The steps around any failover: the prober's place, the prober, the measure, the evidence, and nothing left behind.

mod evidence;
mod measure;
mod probe;
mod rows;

pub use evidence::WriteEvidence;
pub use measure::Measure;
pub use probe::Probe;
pub use rows::{Prepare, Tidy};
