//! `opsctl drill`

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub enum DrillCommand {
    /// Restore a backup to scratch, measure it, prove it whole, sign what was seen
    Restore(DrillRestoreArgs),
}

#[derive(Debug, Args)]
pub struct DrillRestoreArgs {
    /// Which backup: newest, random, fresh (take one), or an id
    #[arg(long, value_name = "WHICH", default_value = "newest")]
    pub backup: String,
    /// Keep the copy for a look
    #[arg(long)]
    pub keep: bool,
    /// Plant damage in copies and prove that the verifier catches each kind
    #[arg(long)]
    pub self_test: bool,
    /// The seed of the self-test's damage [default: random, printed]
    #[arg(long, value_name = "NUMBER", requires = "self_test")]
    pub seed: Option<u64>,
}
