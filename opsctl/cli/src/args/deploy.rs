//! `opsctl deploy`, `rollback`, `status`, `diff` and `history`

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub struct DeployArgs {
    /// The version to deploy: a tag of the environment's images, as v1.2.3 [default: the images that run now]
    pub version: Option<String>,
    /// The reference of one image, by the name that the manifests use
    #[arg(long, value_name = "NAME=REFERENCE")]
    pub image: Vec<String>,
    #[command(flatten)]
    pub rules: ReleaseRules,
}

#[derive(Debug, Args)]
pub struct RollbackArgs {
    /// The release to go back to [default: the last one that served before the present one]
    pub release: Option<u32>,
    #[command(flatten)]
    pub rules: ReleaseRules,
}

#[derive(Debug, Args)]
pub struct ReleaseRules {
    /// Keep a release that fails, to look at it
    #[arg(long)]
    pub no_rollback: bool,
    /// Deploy although the environment is frozen; the reason is journaled
    #[arg(long, value_name = "REASON")]
    pub override_freeze: Option<String>,
}

#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Look again whenever something changes, until all serve
    #[arg(long)]
    pub follow: bool,
    /// End with 3 when something differs from the release
    #[arg(long)]
    pub exit_code: bool,
}

#[derive(Debug, Args)]
pub struct DiffArgs {
    /// A release [default: what runs]
    pub from: Option<u32>,
    /// Another release [default: what the manifests say]
    #[arg(requires = "from")]
    pub to: Option<u32>,
    /// End with 3 when there is a difference
    #[arg(long)]
    pub exit_code: bool,
}

#[derive(Debug, Args)]
pub struct HistoryArgs {
    #[command(subcommand)]
    pub command: Option<HistoryCommand>,
}

#[derive(Debug, Subcommand)]
pub enum HistoryCommand {
    /// One release: who, when, from where, what it changed, how it ended and what was seen of a failure
    Show {
        /// The release
        release: u32,
    },
}
