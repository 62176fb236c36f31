//! The arguments: clap types alone, one file a noun. Their doc comments are the help texts.

mod backup;
mod conform;
mod data;
mod deploy;
mod drill;
mod eks;
mod env;
mod evidence;
mod global;
mod image;
mod local_postgres;
mod lock;
mod maintenance;
mod migrate;
mod operation;
mod restore;
mod runbook;
mod schedule;
mod secrets;
mod tool;
mod up;

use clap::{Parser, Subcommand};

pub use backup::BackupCommand;
pub use conform::ConformArgs;
pub use data::{DataCommand, SeedArgs};
pub use deploy::{
    DeployArgs, DiffArgs, HistoryArgs, HistoryCommand, ReleaseRules, RollbackArgs, StatusArgs,
};
pub use drill::{DrillCommand, DrillFailoverArgs, DrillRestoreArgs, FailoverKind};
pub use eks::EksCommand;
pub use env::EnvCommand;
pub use evidence::EvidenceCommand;
pub use global::{Color, Format, Global, Place};
pub use image::{ImageBuildArgs, ImageCommand, ImagePlaceArgs, ImagePromoteArgs, Program};
pub use local_postgres::{LocalPostgresCommand, WalCommand};
pub use lock::LockCommand;
pub use maintenance::{MaintenanceCommand, MaintenanceMode};
pub use migrate::{AcceptArgs, MigrateCommand};
pub use operation::OperationCommand;
pub use restore::{
    EffectsArg, PatienceArgs, PointArgs, RestoreArgs, RestoreCommand, RowsArgs, SetAsideCommand,
};
pub use runbook::{ALERTS, RUNBOOKS, RunbookArgs};
pub use schedule::ScheduleCommand;
pub use secrets::{FollowArgs, RotateArgs, SecretsCommand};
pub use tool::{ApproveArgs, CompletionsArgs, ConfigCommand, DocsArgs, ManArgs, MetricsArgs};
pub use up::UpArgs;

/// Deploys, migrations, backups, restores, disaster drills and secret rotation, each one proven.
#[derive(Debug, Parser)]
#[command(name = "opsctl", version, after_help = exit_codes(), max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// The platform on this machine: set up, started, drilled once; Ctrl-C stops it
    Up(UpArgs),
    /// Release what the manifests say, watch it, and go back by itself when it fails
    Deploy(DeployArgs),
    /// Go back to a release that served
    Rollback(RollbackArgs),
    /// What runs, beside what was released
    Status(StatusArgs),
    /// What a deploy would change, or in what two releases differ
    Diff(DiffArgs),
    /// The releases: who, when, what, and how each ended
    History(HistoryArgs),
    /// Take, look at, verify and prune backups
    #[command(subcommand)]
    Backup(BackupCommand),
    /// Sample data
    #[command(subcommand)]
    Data(DataCommand),
    /// Rehearse a disaster: measured, verified, signed
    #[command(subcommand)]
    Drill(DrillCommand),
    /// Read and verify what the drills saw
    #[command(subcommand)]
    Evidence(EvidenceCommand),
    /// Build, look at and promote the images of the platform's programs
    #[command(subcommand)]
    Image(ImageCommand),
    /// Run the PostgreSQL of a local environment
    #[command(subcommand)]
    LocalPostgres(LocalPostgresCommand),
    /// Change the database's schema
    #[command(subcommand)]
    Migrate(MigrateCommand),
    /// Bring a database back: to scratch, to a point in time, in place, or row by row
    Restore(Box<RestoreArgs>),
    /// The specification line by line: what was promised, what is, and where that was seen
    Conform(ConformArgs),
    /// What is wrong here, and the command that cures it; ends with 6 when somebody has to act
    Doctor,
    /// The promises of an environment as measurements for Prometheus
    Metrics(MetricsArgs),
    /// What runs with nobody watching
    #[command(subcommand)]
    Schedule(ScheduleCommand),
    /// Let the application stand aside, and work again
    #[command(subcommand)]
    Maintenance(MaintenanceCommand),
    /// Change secrets under a running application, and see how old they are
    #[command(subcommand)]
    Secrets(SecretsCommand),
    /// Say which database is the environment's own
    #[command(subcommand)]
    Env(EnvCommand),
    /// The environment's cluster of EKS, for other programs
    #[command(subcommand)]
    Eks(EksCommand),
    /// The runbooks: what to do, in the terminal, without the repository
    Runbook(RunbookArgs),
    /// Look after running, stopped and finished operations
    #[command(subcommand)]
    Operation(OperationCommand),
    /// Look at locks, and free one whose holder is dead
    #[command(subcommand)]
    Lock(LockCommand),
    /// Say yes to somebody else's plan
    Approve(ApproveArgs),
    /// Look at the configuration
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Write the completions for a shell
    Completions(CompletionsArgs),
    /// Write a manual page
    Man(ManArgs),
    /// What the server of a local environment calls
    #[command(subcommand, hide = true)]
    Wal(WalCommand),
    /// Write the references of docs/
    #[command(hide = true)]
    Docs(DocsArgs),
}

fn exit_codes() -> String {
    let mut text = String::from("Exit codes:\n    0  done\n");
    for kind in opsctl_core::FailureKind::ALL {
        text.push_str(&format!("{:>5}  {}\n", kind.exit_code(), kind.meaning()));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::{Command as Clap, CommandFactory};

    use super::Cli;

    fn ids(command: &Clap) -> BTreeSet<String> {
        let all = command.get_arguments();
        all.map(|it| it.get_id().to_string()).collect()
    }

    fn of_subcommands(command: &Clap, globals: &BTreeSet<String>, path: &str) {
        for inner in command.get_subcommands() {
            let path = format!("{path} {}", inner.get_name());
            let own = ids(inner);
            let shared: Vec<&String> = globals.intersection(&own).collect();
            assert!(shared.is_empty(), "{path}: {shared:?}");
            of_subcommands(inner, globals, &path);
        }
    }

    /// Arguments of one name are one argument: a command's own would set the flag of the same name as well.
    #[test]
    fn no_argument_of_a_command_has_the_name_of_a_flag_that_all_take() {
        let whole = Cli::command();
        of_subcommands(&whole, &ids(&whole), "opsctl");
    }
}
