//! `opsctl local-postgres` and the commands that its server calls.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum LocalPostgresCommand {
    /// Start the environment's PostgreSQL, and the one that `restore undo` goes back to; make it where there is none
    Start,
    /// Stop every server of the environment in order: the database, those set aside, and copies
    Stop,
    /// Whether it runs, where it listens, and whether its log is archived
    Status,
}

#[derive(Debug, Subcommand)]
pub enum WalCommand {
    /// Archive one file of the log: what the server's archive_command runs
    Archive {
        /// The archive
        archive: PathBuf,
        /// The file
        segment: PathBuf,
    },
    /// Bring one file of the log back: what the server's restore_command runs
    Restore {
        /// The archive
        archive: PathBuf,
        /// The file's name
        name: String,
        /// Where to put it
        target: PathBuf,
    },
}
