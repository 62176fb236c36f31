//! `opsctl drill`

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::PatienceArgs;

#[derive(Debug, Subcommand)]
pub enum DrillCommand {
    /// Restore a backup to scratch, measure it, prove it whole, sign what was seen
    Restore(DrillRestoreArgs),
    /// Fail the database or the cache over while a prober writes and reads: the longest gap, lost writes, signed
    Failover(DrillFailoverArgs),
}

#[derive(Debug, Args)]
pub struct DrillFailoverArgs {
    /// What fails over, and to what
    #[arg(long, value_name = "KIND")]
    pub kind: FailoverKind,
    /// Measure through the application at this address, as a user that the drill makes and deletes [of --kind cache]
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// A file with certificates that vouch for it, beside those that the machine trusts
    #[arg(long, value_name = "FILE", requires = "url")]
    pub authority: Option<PathBuf>,
    #[command(flatten)]
    pub patience: PatienceArgs,
}

/// What fails over, and to what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailoverKind {
    /// A replica that is made for it and serves afterwards; the database before it is set aside
    Replica,
    /// The standby that RDS keeps in another zone; it is rebooted with a failover
    MultiAz,
    /// The cache, to a replica: a failover that ElastiCache is asked to test
    Cache,
    /// The backup region: the newest copy there is restored, proven and ended; nobody is moved
    Region,
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
