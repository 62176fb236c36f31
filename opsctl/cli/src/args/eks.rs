//! `opsctl eks`

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum EksCommand {
    /// Write a kubeconfig that names this program for tokens: for kubectl and others
    Kubeconfig,
    /// Write a token, as kubectl asks its plugins for one
    #[command(hide = true)]
    Token {
        /// For the cluster of the backup region
        #[arg(long)]
        abroad: bool,
    },
}
