//! Backups: take one, look at them, keep some, let the others go.
//!
//! Owns which backup must stay and why. Never reads a backup's files itself: providers do, behind
//! [`crate::ports::Backups`].

mod copy;
mod create;
mod export;
mod marks;
mod overview;
mod prune;
mod retention;
mod soundness;

pub use copy::{BackupCopy, CopyInputs, CopyObserved, plan_copy};
pub use create::{BackupCreate, CreateInputs, Source, plan_create};
pub use export::{BackupExport, ExportInputs, plan_export};
pub use marks::{DrillMark, forget_drills, mark_drilled, passed_drills};
pub use overview::{BackupKind, Listed, Overview, Unreadable, overview};
pub use prune::{
    AwayObserved, BackupPrune, CopiesSorted, PruneInputs, PruneObserved, Shelf, Sorted, plan_prune,
};
pub use retention::{Candidate, Decision, Health, Keep, Policy, decide};
pub use soundness::{Soundness, glance, soundness};
