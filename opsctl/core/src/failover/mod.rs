//! The failover drill: the database moves to its standby or replica while a prober writes and reads all along.
//!
//! Owns what users feel (the longest gap, lost writes) and the verdict. How one database takes another's place belongs to
//! [`crate::restore`], the chain to [`crate::evidence`].

mod cache;
mod compose;
mod drill;
mod inputs;
mod multi_az;
pub mod names;
mod operation;
mod plan;
mod prober;
mod region;
mod replica;
mod steps;
mod verdict;

pub use inputs::{FailoverInputs, Kind, Pace};
pub use operation::DrillFailover;
pub use plan::{CacheFound, FailoverRequest, Found, plan};
pub use prober::{Felt, LaneFelt};
pub use region::abroad;
pub use region::{
    BackStep, DrillRegion, RegionInputs, RegionObserved, Regions, fail_back, page, plan_region,
};
pub use verdict::reasons;
