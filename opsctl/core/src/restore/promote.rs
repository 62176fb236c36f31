//! Makes the copy a database that can serve, before anybody is pointed at it; and takes that back.

use async_trait::async_trait;

use super::crossing::Promoted;
use super::job::{Job, SharedJob};
use super::names::{DEMOTE, PROMOTE, START, step};
use crate::engine::{Step, StepContext, StepState};
use crate::failure::{Failure, FailureKind, Result};
use crate::guard::Permit;
use crate::names::StepName;
use crate::ports::{
    Copy, CopyState, DatabaseIdentity, DatabaseRole, Descriptor, Effects, Location, Mode, World,
};

/// Promotes the copy: role `primary`, effects held, sessions revoked.
pub struct Promote(pub SharedJob);

/// Takes it back.
pub struct Demote(pub SharedJob);

#[async_trait]
impl Step for Promote {
    type Output = Promoted;

    fn name(&self) -> StepName {
        step(PROMOTE)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Promoted>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<Promoted> {
        let job = &self.0;
        let copy: Copy = context.outputs.get(START)?;
        // While it is still in quarantine: whoever reaches it afterwards finds it complete.
        let identity = match job.world.copies.state(&copy.name).await? {
            CopyState::Running(found) => identify(job, permit, &found).await?,
            other => return Err(not_running(&copy, &other)),
        };
        let location = job.world.copies.adopt(permit, &copy.name).await?;
        let administrator = administrator_of(&job.world, &identity, &location).await?;
        let sessions_valid_after = identity.sessions_valid_after.ok_or_else(|| {
            Failure::new(
                FailureKind::Unknown,
                "the copy did not keep when sessions began",
            )
        })?;
        Ok(Promoted {
            instance_id: identity.instance_id,
            lineage_id: identity.lineage_id,
            location,
            administrator,
            copy: Some(copy.name),
            sessions_valid_after: Some(sessions_valid_after),
        })
    }

    async fn verify(&self, _: &StepContext<'_>, output: &Promoted) -> Result<()> {
        let database = self.0.world.databases.open(&output.administrator).await?;
        let identity = database.identity().await;
        let refused = database.try_write().await;
        database.close().await;
        let ready = identity?.is_some_and(|found| {
            found.lineage_id == output.lineage_id && found.role == DatabaseRole::Primary
        });
        match refused? {
            None if ready => Ok(()),
            None => Err(Failure::failed(
                "where the application would connect, another database answers",
            )),
            Some(refusal) => {
                Err(Failure::failed("the restored database refuses writes").cause(refusal))
            }
        }
    }
}

async fn identify(job: &Job, permit: &Permit<'_>, copy: &Copy) -> Result<DatabaseIdentity> {
    let database = job.world.databases.open(&copy.location).await?;
    let identified = async {
        let found = database
            .identity()
            .await?
            .filter(|found| found.lineage_id == copy.lineage_id)
            .ok_or_else(|| Failure::failed("the copy is not the one that was started"))?;
        // A run that died after this leaves it as it is.
        if found.role == DatabaseRole::Primary && found.sessions_valid_after.is_some() {
            return Ok(found);
        }
        let identity = DatabaseIdentity {
            role: DatabaseRole::Primary,
            effects: Effects::Held,
            sessions_valid_after: Some(database.now().await?),
            ..found
        };
        database.set_identity(permit, &identity).await?;
        // Read again: the database keeps time in its own resolution.
        database
            .identity()
            .await?
            .ok_or_else(|| Failure::new(FailureKind::Unknown, "the copy lost its identity"))
    };
    let answer = identified.await;
    database.close().await;
    answer
}

/// Takes the role of the database from a copy again.
pub async fn back_to_scratch(world: &World, permit: &Permit<'_>, copy: &Copy) -> Result<()> {
    let database = world.databases.open(&copy.location).await?;
    let written = match database.identity().await {
        Ok(Some(found)) if found.role == DatabaseRole::Primary => {
            let scratch = DatabaseIdentity {
                role: DatabaseRole::Scratch,
                ..found
            };
            database.set_identity(permit, &scratch).await
        }
        Ok(_) => Ok(()),
        Err(failure) => Err(failure),
    };
    database.close().await;
    written
}

/// Where an administrator will connect once the descriptor names the copy.
pub async fn administrator_of(
    world: &World,
    identity: &DatabaseIdentity,
    location: &Location,
) -> Result<Location> {
    let descriptor = Descriptor {
        version: Descriptor::VERSION,
        generation: 1,
        location: location.clone(),
        instance_id: identity.instance_id,
        lineage_id: identity.lineage_id,
        mode: Mode::Maintenance,
        other: serde_json::Map::new(),
    };
    world.pointer.administrator(&descriptor).await
}

fn not_running(copy: &Copy, state: &CopyState) -> Failure {
    let state = match state {
        CopyState::Absent => "it is gone".to_owned(),
        CopyState::Partial | CopyState::Fetched => "it does not run".to_owned(),
        CopyState::Foreign(what) => what.clone(),
        CopyState::Running(_) => "it runs".to_owned(),
    };
    Failure::failed(format!("the copy '{}' can't take over", copy.name)).cause(state)
}

#[async_trait]
impl Step for Demote {
    type Output = ();

    fn name(&self) -> StepName {
        step(DEMOTE)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<()>> {
        let state = self.0.world.copies.state(&self.0.inputs.scratch).await?;
        Ok(match state {
            CopyState::Running(_) => StepState::InFlight,
            // What never ran was never promoted.
            _ => StepState::Done(()),
        })
    }

    async fn apply(&self, _: &StepContext<'_>, permit: &Permit<'_>) -> Result<()> {
        let (copies, name) = (&self.0.world.copies, &self.0.inputs.scratch);
        if let CopyState::Running(copy) = copies.state(name).await? {
            // Nobody must take it for the database, whatever happens to its files.
            back_to_scratch(&self.0.world, permit, &copy).await?;
        }
        copies.disown(permit, name).await
    }
}
