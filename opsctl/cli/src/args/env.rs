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
}
