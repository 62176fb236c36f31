//! `opsctl maintenance`

use clap::{Subcommand, ValueEnum};
use opsctl_core::environment::Span;

#[derive(Debug, Subcommand)]
pub enum MaintenanceCommand {
    /// Let the application stand aside, and wait until every process does
    On {
        /// What it refuses
        #[arg(long, value_enum, default_value = "read-only")]
        mode: MaintenanceMode,
        /// How long every process may take to follow
        #[arg(long, value_name = "DURATION", default_value = "30s")]
        within: Span,
    },
    /// Let it work again, and wait until every process does
    Off {
        /// How long every process may take to follow
        #[arg(long, value_name = "DURATION", default_value = "30s")]
        within: Span,
    },
}

/// What an application that stands aside refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MaintenanceMode {
    /// Writes
    ReadOnly,
    /// Everything but health
    Full,
}
