//! `opsctl secrets`

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use opsctl_core::environment::Span;

#[derive(Debug, Subcommand)]
pub enum SecretsCommand {
    /// Make the first version of every secret that can be made up
    Init {
        #[command(flatten)]
        patience: FollowArgs,
    },
    /// How old each is, its versions, and who uses them; ends with 6 when one is overdue
    Status,
    /// Change a secret while the application runs, and wait until every process uses the new one
    Rotate(RotateArgs),
}

#[derive(Debug, Args)]
pub struct RotateArgs {
    /// Which: one of the secrets, or all that are due
    #[arg(value_parser = PossibleValuesParser::new([
        "database", "jwt", "api-key", "redis", "smtp", "master", "signing", "all",
    ]))]
    pub secret: String,
    /// Go there and back again, and measure it
    #[arg(long, conflicts_with_all = ["finish", "value_from"])]
    pub drill: bool,
    /// Forget the version before, when nothing is left that needs it: waits until then
    #[arg(long)]
    pub finish: bool,
    /// Of all: those too that will be due within so long
    #[arg(long, value_name = "DURATION", default_value = "0s")]
    pub due_within: Span,
    /// The new value, where somebody else gives it: a file, or - for stdin
    #[arg(long, value_name = "FILE", conflicts_with = "finish")]
    pub value_from: Option<PathBuf>,
    #[command(flatten)]
    pub patience: FollowArgs,
}

#[derive(Debug, Clone, Copy, Args)]
pub struct FollowArgs {
    /// How long every process may take to follow
    #[arg(long, value_name = "DURATION", default_value = "2m")]
    pub within: Span,
}
