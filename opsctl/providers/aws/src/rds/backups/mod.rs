//! Backups in RDS: snapshots that were asked for, and those that RDS takes by itself.

mod away;
mod copied;
mod create;
mod port;
mod record;
mod snapshots;

use opsctl_core::ports::BackupRecord;

pub(crate) use away::newest as newest_copy;
pub use copied::RdsCopiedBackups;
pub use port::RdsBackups;
pub(super) use record::Known;
pub(super) use snapshots::find;

/// By the time the data was taken, oldest first.
fn sorted(mut records: Vec<BackupRecord>) -> Vec<BackupRecord> {
    records.sort_by_key(|it| (it.recovery_point.taken_at, it.id.clone()));
    records
}
