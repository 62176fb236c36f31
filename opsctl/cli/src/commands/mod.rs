//! The commands: each reads down resolve, plan, approve, execute, report.

mod backup;
mod bring_up;
mod conform;
mod data;
mod deploy;
mod doctor;
mod drill;
mod drive;
mod eks;
mod env;
mod evidence;
mod failover;
mod image;
mod local_postgres;
mod lock;
mod maintenance;
mod metrics;
mod migrate;
mod operation;
mod plan_file;
mod reference;
mod region;
mod report;
mod restore;
mod runbook;
mod schedule;
mod secrets;
mod self_test;
mod show;
mod tool;
mod up;

pub use up::secrets_file;

use opsctl_core::Result;

use crate::args::{Cli, Command, EnvCommand, Place};
use crate::in_cluster;
use crate::output::Output;
use crate::session::Session;

/// Runs a command; the answer is its exit code.
///
/// # Errors
/// Whatever stopped it.
pub async fn run(cli: Cli, output: &Output) -> Result<u8> {
    match &cli.command {
        // These say what the tool is: they need no configuration.
        Command::Completions(args) => return reference::completions(args.shell),
        Command::Man(args) => return reference::man(&args.command),
        Command::Runbook(args) => return runbook::run(output, args, cli.global.env.as_deref()),
        Command::Wal(command) => return local_postgres::wal(command),
        Command::Docs(args) => return reference::docs(args, output),
        _ => {}
    }
    let helps = runbook::of(&cli.command);
    let session = Session::open(&cli.global, output)?;
    let answer = match (cli.global.runner, &cli.command) {
        // It sends there itself what has to run there.
        (_, Command::Env(EnvCommand::BringUp { .. })) | (Place::Here, _) => {
            with(cli, session).await
        }
        (Place::Cluster, _) => in_cluster::run_own(&session).await,
    };
    match helps {
        Some(path) => answer.map_err(|failure| failure.or_runbook(path)),
        None => answer,
    }
}

async fn with(cli: Cli, session: Session) -> Result<u8> {
    if let Some(file) = &cli.global.plan {
        return plan_file::run(&session, file).await;
    }
    match cli.command {
        Command::Deploy(args) => deploy::run(&session, &args).await,
        Command::Rollback(args) => deploy::rollback(&session, &args).await,
        Command::Status(args) => deploy::status(&session, &args).await,
        Command::Diff(args) => deploy::diff(&session, &args).await,
        Command::History(args) => deploy::history(&session, &args).await,
        Command::Backup(command) => backup::run(&session, command).await,
        Command::Conform(args) => conform::run(&session, &args).await,
        Command::Doctor => doctor::run(&session).await,
        Command::Data(command) => data::run(&session, command).await,
        Command::Drill(command) => drill::run(&session, command).await,
        Command::Evidence(command) => evidence::run(&session, command).await,
        Command::Image(command) => image::run(&session, command).await,
        Command::Migrate(command) => migrate::run(&session, command).await,
        Command::Operation(command) => operation::run(&session, command).await,
        Command::Restore(args) => restore::run(&session, *args).await,
        Command::LocalPostgres(command) => local_postgres::run(&session, &command).await,
        Command::Metrics(args) => metrics::run(&session, &args).await,
        Command::Maintenance(command) => maintenance::run(&session, &command).await,
        Command::Schedule(command) => schedule::run(&session, &command),
        Command::Secrets(command) => secrets::run(&session, command).await,
        Command::Eks(command) => eks::run(&session, &command).await,
        Command::Env(command) => env::run(&session, command).await,
        Command::Lock(command) => lock::run(&session, command).await,
        Command::Up(args) => up::run(session, &args).await,
        Command::Approve(args) => tool::approve(&session, &args).await,
        Command::Config(command) => tool::config(&session, &command),
        Command::Completions(_)
        | Command::Man(_)
        | Command::Runbook(_)
        | Command::Docs(_)
        | Command::Wal(_) => Ok(0),
    }
}
