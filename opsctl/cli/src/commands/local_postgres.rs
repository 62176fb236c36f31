//! `opsctl local-postgres`, and the hidden `opsctl wal` that its server calls.

use opsctl_core::environment::DatabaseTarget;
use opsctl_core::lineage::LineageRegister;
use opsctl_core::migrate::Direction;
use opsctl_core::names::LineageId;
use opsctl_core::{Failure, Result};
use opsctl_postgres::cluster::archive::{archive_segment, restore_segment};
use opsctl_postgres::cluster::{LocalPostgres, LocalStatus};

use super::migrate;
use crate::args::{LocalPostgresCommand, WalCommand};
use crate::session::Session;
use crate::world;

/// Runs a local-postgres command.
///
/// # Errors
/// When the machine has no PostgreSQL, or the server does not start or stop.
pub async fn run(session: &Session, command: &LocalPostgresCommand) -> Result<u8> {
    let (local, _) = world::postgres::local(session)?;
    let lineage = lineage(session).await?;
    match (command, lineage) {
        (LocalPostgresCommand::Start, None) => {
            // There is no database yet: making one is an operation, with a journal.
            migrate::change(session, Direction::Up).await?;
        }
        (LocalPostgresCommand::Start, Some(lineage)) => {
            local.start(lineage).await?;
            wake_set_aside(session, &local).await?;
        }
        (LocalPostgresCommand::Stop, Some(_)) => {
            for stopped in local.stop_all().await? {
                session.output.say(&format!("stopped lineage {stopped}"));
            }
        }
        (LocalPostgresCommand::Status, Some(_)) => {}
        (LocalPostgresCommand::Stop | LocalPostgresCommand::Status, None) => {
            return Err(Failure::usage(format!(
                "'{}' has no database yet",
                session.environment.name
            ))
            .hint(format!(
                "opsctl --env {} local-postgres start",
                session.environment.name
            )));
        }
    }
    let Some(lineage) = self::lineage(session).await? else {
        return Ok(0);
    };
    tell(session, &local.status(lineage)?);
    Ok(0)
}

/// `restore undo` goes back to the database that was set aside last: it must answer.
async fn wake_set_aside(session: &Session, local: &LocalPostgres) -> Result<()> {
    let register = LineageRegister::load(session.store.as_ref()).await?;
    if let Some(aside) = register.newest_set_aside()
        && let Err(failure) = local.start(aside.lineage_id).await
    {
        let warning = format!(
            "warning: lineage {} stays down: {failure}",
            aside.lineage_id
        );
        session.output.say(&warning);
    }
    Ok(())
}

/// Starts the environment's PostgreSQL where it has one that was made already.
///
/// # Errors
/// When the machine has no PostgreSQL, or the server does not start.
pub async fn wake(session: &Session) -> Result<()> {
    if let DatabaseTarget::LocalPostgres { .. } = session.environment.settings.database
        && let Some(lineage) = lineage(session).await?
    {
        world::postgres::local(session)?.0.start(lineage).await?;
    }
    Ok(())
}

async fn lineage(session: &Session) -> Result<Option<LineageId>> {
    let descriptor = session.world().await?.pointer.read().await?;
    Ok(descriptor.map(|descriptor| descriptor.lineage_id))
}

fn tell(session: &Session, status: &LocalStatus) {
    let value = serde_json::to_value(status).unwrap_or_default();
    session.output.answer(&value, || {
        let state = value["state"].as_str().unwrap_or("unknown").to_owned();
        format!(
            "PostgreSQL {}: {state}\nport {} on 127.0.0.1\nlineage {}\ndata {}",
            status.version,
            status.port,
            status.lineage_id,
            status.data.display()
        )
    });
}

/// What the server calls; it reads no configuration and must be quick.
///
/// # Errors
/// With the words that the server's log then holds.
pub fn wal(command: &WalCommand) -> Result<u8> {
    match command {
        WalCommand::Archive { archive, segment } => archive_segment(segment, archive).map(|_| 0),
        WalCommand::Restore {
            archive,
            name,
            target,
        } => restore_segment(name, archive, target).map(|()| 0),
    }
}
