//! Releases on Kubernetes: planned, applied, watched, judged, kept, and taken back.
//!
//! Owns what a release is and when it serves. Never speaks to a server itself: [`crate::ports::Cluster`] does.

mod apply;
mod between;
mod compare;
mod court;
pub mod diff;
mod evidence;
mod follow;
mod freeze;
pub mod gate;
mod ground;
mod inputs;
mod latest;
mod listed;
mod live;
mod operation;
mod pinned;
mod plan;
mod preflight;
mod prepare;
mod quantity;
pub mod release;
mod rollback;
mod settle;
mod status;
mod steps;
pub mod unchanged;
pub mod verdict;
mod watch_status;
mod waves;

pub(crate) use apply::{apply, refused};
pub use between::{Difference, between};
pub(crate) use court::judge_of;
pub use evidence::{EventLine, Evidence, LogEvidence, PodEvidence};
pub(crate) use evidence::{Sight, gather};
pub(crate) use follow::Watching;
pub use freeze::free_to_deploy;
pub(crate) use ground::served;
pub use inputs::{DeployInputs, ObjectChange, OnFailure, PlannedObject, Pruned};
pub use latest::LatestMove;
pub use operation::Deploy;
pub use pinned::cluster_of;
pub use plan::plan;
pub use preflight::{Preflight, PreflightFinding, Weight};
pub use prepare::{
    PinnedImage, Prepared, Request, SchemaOutlook, last_success, prepare, workloads,
};
pub use release::{Origin, Release, ReleaseNumber};
pub use rollback::target_of_rollback;
pub(crate) use settle::{OPERATION, Stamp, set_images};
pub use status::{Held, Status, status};
pub use watch_status::watch_status;
pub(crate) use waves::Wave;
