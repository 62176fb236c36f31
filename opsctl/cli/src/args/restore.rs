//! `opsctl restore`

use clap::{Args, Subcommand, ValueEnum};
use opsctl_core::environment::Span;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct RestoreArgs {
    #[command(subcommand)]
    pub command: Option<RestoreCommand>,
    #[command(flatten)]
    pub point: PointArgs,
    /// From a copy in the backup region, into that region, for a look: asks nothing of the first region
    #[arg(long, conflicts_with_all = ["cut_over", "to"])]
    pub abroad: bool,
    /// Let the copy take the live database's place, which is kept and set aside
    #[arg(long)]
    pub cut_over: bool,
    /// The live database is lost: cut over without it
    #[arg(long, requires = "cut_over", requires = "accept_data_loss")]
    pub source_unreachable: bool,
    /// Accept that what only the live database holds is lost: the environment's name
    #[arg(long, value_name = "ENVIRONMENT", requires = "source_unreachable")]
    pub accept_data_loss: Option<String>,
    #[command(flatten)]
    pub patience: PatienceArgs,
}

#[derive(Debug, Args)]
pub struct PointArgs {
    /// Restore this backup [default: the newest]
    #[arg(long, value_name = "ID", conflicts_with = "to")]
    pub backup: Option<String>,
    /// Restore everything committed up to this moment (RFC 3339, with its zone)
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,
}

#[derive(Debug, Args)]
pub struct PatienceArgs {
    /// How long each process of the application may take to follow
    #[arg(long, value_name = "DURATION", default_value = "60s")]
    pub acknowledge_within: Span,
}

#[derive(Debug, Subcommand)]
pub enum RestoreCommand {
    /// Go back from a cut-over to the database that was set aside
    Undo(PatienceArgs),
    /// Bring single rows back into the live database, with everything that depends on them
    Rows(RowsArgs),
    /// List the copies that restores left for a look
    List,
    /// Remove a copy
    Discard {
        /// The copy's name
        copy: String,
    },
    /// The databases that cut-overs set aside, and removing one
    #[command(subcommand)]
    SetAside(SetAsideCommand),
    /// Let outbox and jobs work again after a cut-over
    Effects {
        /// What becomes of what they hold
        what: EffectsArg,
    },
}

#[derive(Debug, Subcommand)]
pub enum SetAsideCommand {
    /// List them, the newest last: that is where `restore undo` goes back to
    List,
    /// Remove one for good, with everything that only it holds
    Remove {
        /// Its line of history, as the list shows it
        lineage: uuid::Uuid,
    },
}

#[derive(Debug, Args)]
pub struct RowsArgs {
    /// The table
    #[arg(long, value_name = "TABLE")]
    pub table: String,
    /// The condition in SQL, as it stands after WHERE
    #[arg(long = "where", value_name = "CONDITION")]
    pub condition: String,
    #[command(flatten)]
    pub point: PointArgs,
    /// Take the rows from a copy that is there already
    #[arg(long, value_name = "NAME", conflicts_with_all = ["backup", "to"])]
    pub copy: Option<String>,
    /// Leave out rows that can't come back, and what depends on them
    #[arg(long)]
    pub skip_conflicts: bool,
}

/// What becomes of held effects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EffectsArg {
    /// They happen, though some may have happened before the incident already
    Replay,
    /// They never happen
    Discard,
}
