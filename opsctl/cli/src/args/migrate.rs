//! `opsctl migrate`

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub enum MigrateCommand {
    /// What is pending and what each statement would do to the live tables
    Plan {
        /// End with 3 when something is pending
        #[arg(long)]
        exit_code: bool,
    },
    /// Apply everything that is pending; make the database of a local environment where there is none
    Up {
        #[command(flatten)]
        risks: AcceptArgs,
    },
    /// Take migrations back, the newest first
    Down {
        /// The number of the migration to go back to
        #[arg(long, value_name = "NUMBER")]
        to: i64,
        #[command(flatten)]
        risks: AcceptArgs,
    },
    /// What the database has and what it lacks
    Status {
        /// End with 3 when something is pending
        #[arg(long)]
        exit_code: bool,
    },
    /// What is wrong with the migrations' files; needs no database, ends with 1 on errors
    Lint {
        /// A folder of migrations for the environment's engine, in place of those that opsctl carries
        #[arg(long, value_name = "FOLDER")]
        migrations: Option<PathBuf>,
    },
}

#[derive(Debug, Clone, Default, Args)]
pub struct AcceptArgs {
    /// Run a statement that stands in the way of a large table: its id, as `migrate plan` prints it
    #[arg(long = "accept-risk", value_name = "ID", help_heading = "Safety")]
    pub accepted: Vec<String>,
}
