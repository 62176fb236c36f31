//! `opsctl evidence`

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum EvidenceCommand {
    /// The drills and what they came to
    List,
    /// One document: its place in the chain, or the newest
    Show {
        /// Its number in the list [default: the newest]
        number: Option<u64>,
    },
    /// Prove that nothing was edited, removed or reordered
    Verify {
        /// The SHA-256 of the newest document, kept elsewhere
        #[arg(long, value_name = "SHA256")]
        head: Option<String>,
    },
    /// The public key that this environment signs with, as opsctl.yaml wants it
    Key,
}
