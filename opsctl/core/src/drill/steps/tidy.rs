//! After the drill: nothing is left behind, however it went.

use async_trait::async_trait;

use super::super::DrillInputs;
use super::names;
use crate::engine::{Step, StepContext, StepState};
use crate::failure::Result;
use crate::guard::Permit;
use crate::names::StepName;
use crate::pins::unpin;
use crate::ports::{CopyState, World};

/// Ends the copy.
pub struct Discard {
    pub world: World,
}

#[async_trait]
impl Step for Discard {
    type Output = bool;

    fn name(&self) -> StepName {
        StepName::fixed(names::DISCARD)
    }

    async fn check(&self, context: &StepContext<'_>) -> Result<StepState<bool>> {
        let state = self
            .world
            .copies
            .state(&context.operation.scratch())
            .await?;
        Ok(match state {
            CopyState::Absent => StepState::Done(true),
            CopyState::Foreign(what) => StepState::Foreign(what),
            _ => StepState::InFlight,
        })
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<bool> {
        self.world
            .copies
            .discard(permit, &context.operation.scratch())
            .await?;
        Ok(true)
    }

    fn releases(&self) -> bool {
        true
    }
}

/// Takes the pin away.
pub struct Unpin {
    pub world: World,
    pub inputs: DrillInputs,
}

#[async_trait]
impl Step for Unpin {
    type Output = bool;

    fn name(&self) -> StepName {
        StepName::fixed(names::UNPIN)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<bool>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<bool> {
        permit.check()?;
        if self.inputs.keep {
            // The copy may be looked at until it expires; its backup stays as long.
            return Ok(false);
        }
        unpin(
            self.world.store.as_ref(),
            self.inputs.backup.id(),
            context.operation,
        )
        .await?;
        Ok(true)
    }

    fn releases(&self) -> bool {
        true
    }
}
