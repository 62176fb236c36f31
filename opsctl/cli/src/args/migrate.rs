//! `opsctl migrate`

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum MigrateCommand {
    /// Apply everything that is pending; make the database of a local environment where there is none
    Up,
    /// Take migrations back, the newest first
    Down {
        /// The number of the migration to go back to
        #[arg(long, value_name = "NUMBER")]
        to: i64,
    },
    /// What the database has and what it lacks
    Status {
        /// End with 3 when something is pending
        #[arg(long)]
        exit_code: bool,
    },
}
