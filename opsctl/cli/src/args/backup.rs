//! `opsctl backup`

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum BackupCommand {
    /// Take a backup of the live database, while it is in use, and read it back
    Create,
    /// Dump the database into the bucket of backups, from its replica where there is one: what outlives RDS itself
    Export,
    /// Copy a backup to the second region, where it outlives the first
    Copy {
        /// The backup's name [default: the newest]
        id: Option<String>,
    },
    /// Every backup, the oldest data first, and what there is to worry about
    List,
    /// One backup: what it holds, who needs it, which drills it passed
    Show {
        /// The backup's name
        id: String,
    },
    /// Compare every file of a backup with what was written; restore an export into a server of its own
    Verify {
        /// The backups' names [default: the newest]
        #[arg(conflicts_with = "all")]
        ids: Vec<String>,
        /// All of them
        #[arg(long)]
        all: bool,
    },
    /// Keep a backup from being pruned, until it is unpinned
    Pin {
        /// The backup's name
        id: String,
        /// Why
        #[arg(long, default_value = "somebody wants it kept")]
        reason: String,
    },
    /// Let a pinned backup be pruned like any other
    Unpin {
        /// The backup's name
        id: String,
    },
    /// Delete the backups that are older than the retention and that nothing keeps
    Prune,
}
