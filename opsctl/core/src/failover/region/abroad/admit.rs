//! The copy becomes a database that the application may use: with a line of history of its own, effects held and sessions ended, as after
//! a cut-over. Nobody is pointed at it. Before it ends it is a copy again: nobody must take it for the database.

use async_trait::async_trait;

use crate::drill::{Measured, names};
use crate::engine::{Step, StepContext, StepState};
use crate::failover::names::{ADMIT, DISMISS};
use crate::failure::{Failure, Result};
use crate::guard::Permit;
use crate::names::StepName;
use crate::ports::{Copy, CopyState, DatabaseIdentity, DatabaseRole, Effects, World};
use crate::restore::back_to_scratch;
use crate::restore::names::step;

/// Tells the copy so.
pub struct Admit {
    pub world: World,
}

/// The copy, where it was proven.
pub fn proven(context: &StepContext<'_>) -> Result<Option<Copy>> {
    let ready: Measured<crate::drill::steps::Ready> = context.outputs.get(names::READY)?;
    let restored: Measured<Copy> = context.outputs.get(names::RESTORE)?;
    Ok(ready.worked().and(restored.worked()).cloned())
}

#[async_trait]
impl Step for Admit {
    type Output = Measured<()>;

    fn name(&self) -> StepName {
        step(ADMIT)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Measured<()>>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<Measured<()>> {
        match proven(context)? {
            Some(copy) => Measured::of(self.admit(permit, &copy)).await,
            None => Ok(Measured::skipped()),
        }
    }
}

impl Admit {
    async fn admit(&self, permit: &Permit<'_>, copy: &Copy) -> Result<()> {
        let database = self.world.databases.open(&copy.location).await?;
        let told = async {
            let found = database.identity().await?;
            let found = found
                .filter(|found| found.lineage_id == copy.lineage_id)
                .ok_or_else(|| Failure::failed("the copy is not the one that was started"))?;
            let identity = DatabaseIdentity {
                role: DatabaseRole::Primary,
                effects: Effects::Held,
                sessions_valid_after: Some(database.now().await?),
                ..found
            };
            permit.check()?;
            database.set_identity(permit, &identity).await
        };
        let answer = told.await;
        database.close().await;
        answer
    }
}

/// Takes that back.
pub struct Dismiss {
    pub world: World,
}

#[async_trait]
impl Step for Dismiss {
    type Output = bool;

    fn name(&self) -> StepName {
        step(DISMISS)
    }

    async fn check(&self, context: &StepContext<'_>) -> Result<StepState<bool>> {
        let name = context.operation.scratch();
        Ok(match self.world.copies.state(&name).await? {
            CopyState::Running(_) => StepState::InFlight,
            // What never ran was never admitted to.
            _ => StepState::Done(true),
        })
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<bool> {
        let name = context.operation.scratch();
        if let CopyState::Running(copy) = self.world.copies.state(&name).await? {
            // One that does not answer any more takes its word with it.
            if let Err(failure) = back_to_scratch(&self.world, permit, &copy).await {
                context.progress.warn(failure.to_string());
            }
        }
        Ok(true)
    }

    fn releases(&self) -> bool {
        true
    }
}
