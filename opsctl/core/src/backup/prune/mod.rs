//! `opsctl backup prune`: let old backups go, as far as nothing keeps them.

mod observe;
mod operation;
mod plan;
mod step;

pub use observe::PruneObserved;
pub use operation::BackupPrune;
pub use plan::{PruneInputs, plan_prune};
