//! `opsctl conform`

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub struct ConformArgs {
    /// Look at the repository alone
    #[arg(long)]
    pub offline: bool,
    /// Only this line; may be given several times
    #[arg(long = "line", value_name = "ID")]
    pub lines: Vec<String>,
    /// Lines that are not built yet are shown, and are no failure
    #[arg(long)]
    pub allow_planned: bool,
    /// Where clients reach the service
    #[arg(long, value_name = "URL", conflicts_with = "offline")]
    pub url: Option<String>,
    /// File with the authority (PEM) that vouches for that address, beside those whom the machine trusts
    #[arg(long, value_name = "FILE", requires = "url")]
    pub authority: Option<PathBuf>,
    /// Also write the result as JUnit into this file
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Break every check on purpose, in memory, and see that it is noticed
    #[arg(long, conflicts_with_all = ["lines", "url", "junit"])]
    pub self_test: bool,
}
