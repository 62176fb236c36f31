//! `opsctl operation`

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum OperationCommand {
    /// Every operation, the newest last
    List {
        /// Only those that are not over
        #[arg(long)]
        open: bool,
    },
    /// One operation: its plan, its steps, how it ended
    Show {
        /// The operation's id
        id: String,
    },
    /// Follow a running operation from any terminal
    Attach {
        /// The operation's id
        id: String,
    },
    /// Go on with an operation that stopped or died
    Resume {
        /// The operation's id
        id: String,
    },
    /// Declare an operation over, whatever its state
    Abandon {
        /// The operation's id
        id: String,
        /// Why; it is kept in the journal
        #[arg(long)]
        reason: String,
    },
}
