//! `opsctl data`

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub enum DataCommand {
    /// Fill an environment with sample data, the same for the same numbers; never a protected one
    Seed(SeedArgs),
}

#[derive(Debug, Clone, Copy, Args)]
pub struct SeedArgs {
    /// So many users
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub users: u64,
    /// So many posts
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    pub posts: u64,
    /// So many comments
    #[arg(long, value_name = "N", default_value_t = 50_000)]
    pub comments: u64,
}
