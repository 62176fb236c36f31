//! Looks at the world for a restore. Changes nothing.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::failure::{Failure, Result};
use crate::lineage::LineageRegister;
use crate::names::{BackupId, ScratchName};
use crate::ports::{
    BackupFinding, BackupRecord, DatabaseIdentity, Descriptor, Location, ProcessReport,
    RestoreWindow, World,
};

/// A database that does not answer within this counts as unreachable.
pub const ANSWERS_WITHIN: Duration = Duration::from_secs(15);

/// What there is to restore from.
#[derive(Debug, Clone)]
pub struct Available {
    /// By opsctl's clock.
    pub now: Timestamp,
    /// The backups, by the time their data was taken.
    pub backups: Vec<BackupRecord>,
    /// Backups that can't be used, and why.
    pub unreadable: Vec<(BackupId, BackupFinding)>,
    /// The points in time; `None` where the engine has none.
    pub window: Option<RestoreWindow>,
}

/// The database that serves now.
#[derive(Debug, Clone)]
pub struct Live {
    /// What the application is told.
    pub descriptor: Descriptor,
    /// Where an administrator connects.
    pub administrator: Location,
    /// What it says of itself, or why it says nothing.
    pub answer: std::result::Result<DatabaseIdentity, Failure>,
    /// The copy that it was restored as; `None` for a database that was never restored.
    pub copy: Option<ScratchName>,
    /// The living processes.
    pub processes: Vec<ProcessReport>,
}

impl Available {
    /// Looks.
    ///
    /// # Errors
    /// When the backups can't be listed.
    pub async fn see(world: &World) -> Result<Self> {
        let (backups, unreadable) = world.backups.list().await?;
        Ok(Self {
            now: world.clock.now(),
            backups,
            unreadable,
            window: world.backups.window().await?,
        })
    }
}

impl Live {
    /// Looks. A database that does not answer is an observation, not an error.
    ///
    /// # Errors
    /// When the environment was never set up, or its descriptor can't be read.
    pub async fn see(world: &World) -> Result<Self> {
        let name = &world.environment.name;
        let descriptor = world.pointer.read().await?.ok_or_else(|| {
            Failure::refused(format!("'{name}' has no database to replace"))
                .left("nothing was changed")
                .hint(format!("opsctl --env {name} migrate up"))
        })?;
        let administrator = world.pointer.administrator(&descriptor).await?;
        let answer = in_time(identity(world, &administrator)).await;
        let register = LineageRegister::load(world.store.as_ref()).await?;
        let lineage = descriptor.lineage_id;
        let current = register
            .current
            .filter(|current| current.lineage_id == lineage);
        Ok(Self {
            descriptor,
            administrator,
            answer,
            copy: current.and_then(|current| current.copy),
            processes: world.application.processes().await?,
        })
    }
}

/// The answer of a database; one that takes longer than [`ANSWERS_WITHIN`] is none.
///
/// # Errors
/// The answer's own; or that there is none in time.
pub async fn in_time<T>(asking: impl Future<Output = Result<T>>) -> Result<T> {
    let answer = tokio::time::timeout(ANSWERS_WITHIN, asking).await;
    answer.unwrap_or_else(|_| {
        let limit = ANSWERS_WITHIN.as_secs();
        Err(Failure::failed(format!("no answer within {limit} seconds")))
    })
}

/// Who the database at `location` says it is.
///
/// # Errors
/// When it does not answer, or was never given an identity.
pub async fn identity(world: &World, location: &Location) -> Result<DatabaseIdentity> {
    let database = world.databases.open(location).await?;
    let identity = database.identity().await;
    database.close().await;
    identity?.ok_or_else(|| Failure::failed("the database was never given an identity"))
}
