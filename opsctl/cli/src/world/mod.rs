//! Puts an environment's outside world together from the providers.
//!
//! The only room that knows which provider answers which port.

mod abroad;
mod aws;
pub mod eks;
pub mod estate;
pub mod kubernetes;
pub mod pod_secrets;
pub mod postgres;
mod probing;
mod registries;
pub mod secrets;
mod sqlite;
mod standing_ready;
mod visitors;

use std::path::PathBuf;
use std::sync::Arc;

use opsctl_aws::Aws;
use opsctl_core::environment::DatabaseTarget;
use opsctl_core::ports::World;
use opsctl_core::{Failure, Result};
use opsctl_local::application::LocalApplication;

pub use registries::registry;

use crate::session::Session;

/// The world of the session's environment.
///
/// # Errors
/// When a part of it can't be found on this machine, or its account of AWS lets nobody in.
pub async fn of(session: &Session) -> Result<World> {
    match &session.environment.settings.database {
        DatabaseTarget::Sqlite {} => sqlite::of(session),
        DatabaseTarget::LocalPostgres { .. } => postgres::of(session),
        DatabaseTarget::Rds(rds) => aws::of(session, rds).await,
    }
}

/// The same, for an operation that waits until the application has applied something.
///
/// # Errors
/// As [`of`].
pub async fn followed(session: &Session) -> Result<World> {
    match &session.environment.settings.database {
        DatabaseTarget::Rds(rds) => aws::followed(session, rds).await,
        DatabaseTarget::Sqlite {} | DatabaseTarget::LocalPostgres { .. } => of(session).await,
    }
}

/// The application's program lies beside opsctl's own.
///
/// # Errors
/// When opsctl can't tell where it lies itself.
pub fn application_program() -> Result<PathBuf> {
    let own = std::env::current_exe()
        .map_err(|error| Failure::failed("can't tell where opsctl lies").because(error))?;
    Ok(LocalApplication::binary_beside(&own))
}

fn application(session: &Session) -> Result<Arc<LocalApplication>> {
    Ok(Arc::new(LocalApplication::new(
        &session.folder,
        application_program()?,
    )))
}

/// The account of the session's environment.
///
/// # Errors
/// When it has none.
pub fn account(session: &Session) -> Result<Aws> {
    session.aws.clone().ok_or_else(|| {
        let what = format!("'{}' names no account of AWS", session.environment.name);
        Failure::usage(what).hint("add `aws:` to it in opsctl.yaml")
    })
}
