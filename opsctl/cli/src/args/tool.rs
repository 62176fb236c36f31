//! The tool's own commands: configuration, approvals, completions, manual pages.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use clap_complete::Shell;

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Each value that holds here, and where it comes from
    Show,
}

#[derive(Debug, Args)]
pub struct ApproveArgs {
    /// The plan, as --plan-out wrote it
    // Not called `plan`: arguments of one name are one argument to clap, and --plan runs it.
    #[arg(value_name = "PLAN")]
    pub file: PathBuf,
    /// How long the approval counts
    #[arg(long, value_name = "DURATION", default_value = "24h")]
    pub valid_for: opsctl_core::environment::Span,
}

#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: Shell,
}

#[derive(Debug, Args)]
pub struct ManArgs {
    /// The command, such as `drill restore` [default: opsctl itself]
    pub command: Vec<String>,
}

#[derive(Debug, Args)]
pub struct DocsArgs {
    /// The folder to write into
    #[arg(long, value_name = "FOLDER", required_unless_present = "specification")]
    pub into: Option<PathBuf>,
    /// Write the filled-in specification of the repository here to stdout
    #[arg(long, conflicts_with = "into")]
    pub specification: bool,
}

#[derive(Debug, Args)]
pub struct MetricsArgs {
    /// Answer GET /metrics here until the process is stopped [default: print them once]
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
}
