//! The drill of a lost region: the newest copy in the backup region is restored there, proven, measured and ended, and whatever else a
//! failover needs there is looked at. Nobody is moved, and the first region is asked for nothing that the drill needs.

pub mod abroad;
mod compose;
mod fail_back;
mod inputs;
mod operation;
mod plan;
mod steps;

pub use fail_back::{BackStep, fail_back, page};
pub use inputs::{RegionInputs, Regions};
pub use operation::DrillRegion;
pub use plan::{RegionObserved, plan_region};
