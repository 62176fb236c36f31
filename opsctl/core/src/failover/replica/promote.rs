//! Makes the opened replica the database that serves, as the one before was; and takes that back.
//!
//! Nothing was lost on the way, so nothing starts anew: sessions go on, and outbox and jobs work as they did.

use async_trait::async_trait;

use super::super::drill::{Drill, SharedDrill};
use super::super::names::OPEN;
use crate::engine::{Step, StepContext, StepState};
use crate::failure::{Failure, FailureKind, Result};
use crate::guard::Permit;
use crate::names::StepName;
use crate::ports::{Copy, CopyState, Database, DatabaseIdentity, DatabaseRole};
use crate::restore::names::{DEMOTE, PROMOTE, step};
use crate::restore::{Promoted, administrator_of, back_to_scratch};

/// Promotes the replica.
pub struct Promote(pub SharedDrill);
/// Takes it back.
pub struct Demote(pub SharedDrill);

impl Promote {
    /// While it is still in quarantine: the fence came along with everything else, and so did who it was.
    async fn identify(&self, permit: &Permit<'_>, copy: &Copy) -> Result<DatabaseIdentity> {
        let database = self.0.world.databases.open(&copy.location).await?;
        let identified = become_primary(&self.0, permit, copy, database.as_ref()).await;
        database.close().await;
        identified
    }
}

async fn become_primary(
    drill: &Drill,
    permit: &Permit<'_>,
    copy: &Copy,
    database: &dyn Database,
) -> Result<DatabaseIdentity> {
    let found = database
        .identity()
        .await?
        .filter(|found| found.lineage_id == copy.lineage_id)
        .ok_or_else(|| Failure::failed("the replica is not the one that was opened"))?;
    database.unfence(permit).await?;
    let identity = DatabaseIdentity {
        role: DatabaseRole::Primary,
        effects: drill.inputs.effects,
        sessions_valid_after: drill.inputs.sessions_valid_after,
        ..found
    };
    database.set_identity(permit, &identity).await?;
    Ok(identity)
}

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
        let (world, copy) = (&self.0.world, context.outputs.get::<Copy>(OPEN)?);
        let CopyState::Running(found) = world.copies.state(&copy.name).await? else {
            return Err(Failure::failed(format!(
                "the replica '{}' can't take over: it does not run",
                copy.name
            )));
        };
        let identity = self.identify(permit, &found).await?;
        let location = world.copies.adopt(permit, &copy.name).await?;
        let administrator = administrator_of(world, &identity, &location).await?;
        Ok(Promoted {
            instance_id: identity.instance_id,
            lineage_id: identity.lineage_id,
            location,
            administrator,
            copy: Some(copy.name),
            sessions_valid_after: identity.sessions_valid_after,
        })
    }

    async fn verify(&self, _: &StepContext<'_>, output: &Promoted) -> Result<()> {
        let database = self.0.world.databases.open(&output.administrator).await?;
        let refused = database.try_write().await;
        database.close().await;
        match refused? {
            None => Ok(()),
            Some(refusal) => Err(Failure::new(
                FailureKind::Failed,
                "the promoted replica refuses writes",
            )
            .cause(refusal)),
        }
    }
}

#[async_trait]
impl Step for Demote {
    type Output = ();

    fn name(&self) -> StepName {
        step(DEMOTE)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<()>> {
        let copies = &self.0.world.copies;
        Ok(match copies.state(&self.0.inputs.replica).await? {
            CopyState::Running(_) => StepState::InFlight,
            // What was never opened was never promoted.
            _ => StepState::Done(()),
        })
    }

    async fn apply(&self, _: &StepContext<'_>, permit: &Permit<'_>) -> Result<()> {
        let (world, name) = (&self.0.world, &self.0.inputs.replica);
        if let CopyState::Running(copy) = world.copies.state(name).await? {
            back_to_scratch(world, permit, &copy).await?;
        }
        world.copies.disown(permit, name).await
    }
}
