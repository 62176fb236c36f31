//! Backups in RDS: snapshots that were asked for, and those that RDS takes by itself.

mod create;
mod port;
mod record;
mod snapshots;

pub use port::RdsBackups;
pub(super) use record::Known;
pub(super) use snapshots::find;
