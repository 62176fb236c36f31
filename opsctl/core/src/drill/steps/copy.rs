//! The restore itself, phase by phase.

use async_trait::async_trait;

use super::super::DrillInputs;
use super::{Located, names};
use crate::drill::measured::Measured;
use crate::engine::{Step, StepContext, StepState};
use crate::failure::Result;
use crate::guard::Permit;
use crate::names::StepName;
use crate::ports::{Copy, CopyState, RecoveryTarget, World};

fn target(inputs: &DrillInputs) -> RecoveryTarget {
    RecoveryTarget::Backup {
        id: inputs.backup.id().clone(),
    }
}

/// Empties the caches, so that the first pass is a cold one.
pub struct Chill {
    pub world: World,
    pub inputs: DrillInputs,
}

#[async_trait]
impl Step for Chill {
    type Output = String;

    fn name(&self) -> StepName {
        StepName::fixed(names::CHILL)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<String>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<String> {
        let (scratch, target) = (context.operation.scratch(), target(&self.inputs));
        match self.world.copies.chill(permit, &scratch, &target).await {
            Ok(done) => Ok(done),
            // Then it is no cold pass, and the evidence says so; the restore may still be fine.
            Err(failure) => Ok(format!("not emptied: {failure}")),
        }
    }
}

/// Brings the files back.
pub struct Fetch {
    pub world: World,
    pub inputs: DrillInputs,
}

#[async_trait]
impl Step for Fetch {
    type Output = Measured<()>;

    fn name(&self) -> StepName {
        StepName::fixed(names::FETCH)
    }

    async fn check(&self, context: &StepContext<'_>) -> Result<StepState<Measured<()>>> {
        // A pass that was cut in two measures nothing: it begins again.
        state_of(&self.world, context).await
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<Measured<()>> {
        if context
            .outputs
            .get::<Located>(names::LOCATE)?
            .worked()
            .is_none()
        {
            return Ok(Measured::skipped());
        }
        let scratch = context.operation.scratch();
        self.world.copies.discard(permit, &scratch).await?;
        Measured::of(self.world.copies.fetch(
            permit,
            &scratch,
            &target(&self.inputs),
            self.inputs.expires_at,
            &context.progress,
        ))
        .await
    }

    async fn still_holds(&self, context: &StepContext<'_>, output: &Measured<()>) -> Result<bool> {
        let state = self
            .world
            .copies
            .state(&context.operation.scratch())
            .await?;
        let there = matches!(state, CopyState::Fetched | CopyState::Running(_));
        Ok(output.worked().is_none() || there)
    }
}

async fn state_of<T>(world: &World, context: &StepContext<'_>) -> Result<StepState<T>> {
    Ok(
        match world.copies.state(&context.operation.scratch()).await? {
            CopyState::Foreign(what) => StepState::Foreign(what),
            CopyState::Absent => StepState::Absent,
            CopyState::Partial | CopyState::Fetched | CopyState::Running(_) => StepState::InFlight,
        },
    )
}

/// Recovers the copy, quarantined.
pub struct Restore {
    pub world: World,
}

#[async_trait]
impl Step for Restore {
    type Output = Measured<Copy>;

    fn name(&self) -> StepName {
        StepName::fixed(names::RESTORE)
    }

    async fn check(&self, context: &StepContext<'_>) -> Result<StepState<Measured<Copy>>> {
        state_of(&self.world, context).await
    }

    async fn apply(
        &self,
        context: &StepContext<'_>,
        permit: &Permit<'_>,
    ) -> Result<Measured<Copy>> {
        if context
            .outputs
            .get::<Measured<()>>(names::FETCH)?
            .worked()
            .is_none()
        {
            return Ok(Measured::skipped());
        }
        let scratch = context.operation.scratch();
        Measured::of(self.world.copies.start(permit, &scratch, &context.progress)).await
    }

    async fn still_holds(
        &self,
        context: &StepContext<'_>,
        output: &Measured<Copy>,
    ) -> Result<bool> {
        let state = self
            .world
            .copies
            .state(&context.operation.scratch())
            .await?;
        Ok(output.worked().is_none() || matches!(state, CopyState::Running(_)))
    }
}

/// Waits for the copy's first answer.
pub struct Start {
    pub world: World,
}

#[async_trait]
impl Step for Start {
    type Output = Measured<()>;

    fn name(&self) -> StepName {
        StepName::fixed(names::START)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Measured<()>>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, context: &StepContext<'_>, _: &Permit<'_>) -> Result<Measured<()>> {
        let restored = context.outputs.get::<Measured<Copy>>(names::RESTORE)?;
        match restored.worked() {
            None => Ok(Measured::skipped()),
            Some(copy) => Measured::of(first_answer(&self.world, copy)).await,
        }
    }
}

/// The copy answers a query.
pub async fn first_answer(world: &World, copy: &Copy) -> Result<()> {
    let database = world.databases.open(&copy.location).await?;
    let answer = database.now().await.map(|_| ());
    database.close().await;
    answer
}
