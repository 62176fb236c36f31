//! `opsctl up`

use clap::Args;

#[derive(Debug, Args)]
pub struct UpArgs {
    /// Don't run the restore drill of the first start
    #[arg(long)]
    pub no_drill: bool,
    /// Listen on this port of 127.0.0.1; 0 picks a free one
    #[arg(long, value_name = "PORT", default_value_t = 8000)]
    pub port: u16,
}
