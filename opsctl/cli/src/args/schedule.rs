//! `opsctl schedule`

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum ScheduleCommand {
    /// The CronJobs of what runs with nobody watching, as manifests; refused where a promise would have no margin
    Render,
}
