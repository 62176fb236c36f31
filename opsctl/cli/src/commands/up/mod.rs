//! `opsctl up`: the platform on this machine, with nothing to install.

mod leash;
mod secrets;
mod service;

pub use secrets::file as secrets_file;

use opsctl_core::environment::Protection;
use opsctl_core::evidence::list;
use opsctl_core::migrate::Direction;
use opsctl_core::names::EnvironmentName;
use opsctl_core::ports::ProcessReport;
use opsctl_core::{Failure, FailureKind, Result};

use self::service::Service;
use super::{data, drill, local_postgres, migrate};
use crate::args::{SeedArgs, UpArgs};
use crate::session::Session;
use crate::world;

/// A newcomer's first data: enough for a drill to have something to prove.
const FIRST_DATA: SeedArgs = SeedArgs {
    users: 100,
    posts: 1000,
    comments: 5000,
};

/// Sets the environment up, starts the service, drills once, and stays until Ctrl-C.
///
/// # Errors
/// When a part of it fails; the service is stopped then.
pub async fn run(mut session: Session, args: &UpArgs) -> Result<u8> {
    let name = session.environment.name.clone();
    if session.environment.settings.protection == Protection::Protected {
        return Err(Failure::refused(format!(
            "'{name}' is protected: `up` is for this machine"
        )));
    }
    if let Some(process) = session
        .world()
        .await?
        .application
        .processes()
        .await?
        .first()
    {
        return Err(already_up(&name, process));
    }
    local_postgres::wake(&session).await?;
    // A database that somebody else made is filled by nobody but its owner.
    let made = session.world().await?.pointer.read().await?.is_none();
    // Whoever says `up` to an environment of this machine wants its schema up to date.
    session.global.yes = true;
    migrate::change(&session, Direction::Up).await?;
    if made {
        session
            .output
            .say("the first start: filling in a little sample data");
        data::seed(&session, FIRST_DATA).await?;
    }
    let drilled = !list(session.store.as_ref()).await?.is_empty();
    let program = world::application_program()?;
    let mut service = Service::start(&session, &program, args.port).await?;
    session.output.say(&format!(
        "the platform listens on http://{}",
        service.address
    ));
    if !drilled
        && !args.no_drill
        && let Err(failure) = rehearse(&session).await
    {
        service.stop().await?;
        return Err(failure);
    }
    session.output.say("up; Ctrl-C stops it");
    service.stay().await?;
    Ok(0)
}

async fn rehearse(session: &Session) -> Result<()> {
    let name = &session.environment.name;
    session
        .output
        .say("drilling a restore, once, so that you see what it measures");
    let code = drill::newest(session).await?;
    session.output.say(&match code {
        0 => format!("its evidence: opsctl --env {name} evidence show"),
        code => format!("the drill ended with {code}: opsctl --env {name} evidence show"),
    });
    Ok(())
}

/// Two services on one SQLite file would both think that they are alone.
fn already_up(name: &EnvironmentName, process: &ProcessReport) -> Failure {
    Failure::new(
        FailureKind::Locked,
        format!("'{name}' is up already, at http://{}", process.address),
    )
    .cause(format!(
        "process {} has served it since {}",
        process.pid, process.started_at
    ))
    .left("nothing was changed")
    .hint(format!("stop it first: kill {}", process.pid))
}
