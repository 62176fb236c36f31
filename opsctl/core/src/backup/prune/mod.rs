//! `opsctl backup prune`: let old backups go, as far as nothing keeps them.

mod actions;
mod away;
mod observe;
mod operation;
mod plan;
mod shelf;
mod step;

pub use observe::{AwayObserved, PruneObserved};
pub use operation::BackupPrune;
pub use plan::{CopiesSorted, PruneInputs, Sorted, plan_prune};
pub use shelf::Shelf;
