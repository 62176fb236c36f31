//! `opsctl lock`

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum LockCommand {
    /// Who holds what, and which operations are open
    Status,
    /// Free a lock whose holder no longer renews it; its operation stays open
    Release {
        /// database, workloads, secrets or backups
        resource: String,
    },
}
