//! `opsctl env`

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum EnvCommand {
    /// Declare the database that the descriptor names to be the environment's own
    Adopt {
        /// Why; it is kept with the record
        #[arg(long)]
        reason: String,
    },
    /// Bring the environment up for the first time: what is missing is made or named; run again, it goes on
    BringUp {
        /// The version of the service: a tag of the environment's images, as v1.2.3
        version: String,
    },
}
