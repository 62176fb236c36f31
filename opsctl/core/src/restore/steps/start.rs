//! Recovers the copy and opens it, in quarantine.

use async_trait::async_trait;

use super::super::job::SharedJob;
use super::super::names::{START, step};
use crate::engine::{Step, StepContext, StepState};
use crate::failure::Result;
use crate::guard::Permit;
use crate::names::StepName;
use crate::ports::{Copy, CopyState};

/// Starts the copy.
pub struct Start(pub SharedJob);

#[async_trait]
impl Step for Start {
    type Output = Copy;

    fn name(&self) -> StepName {
        step(START)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Copy>> {
        let state = self.0.world.copies.state(&self.0.inputs.scratch).await?;
        Ok(match state {
            CopyState::Running(copy) => StepState::Done(copy),
            CopyState::Foreign(what) => StepState::Foreign(what),
            CopyState::Absent | CopyState::Partial | CopyState::Fetched => StepState::Absent,
        })
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<Copy> {
        let copies = &self.0.world.copies;
        copies
            .start(permit, &self.0.inputs.scratch, &context.progress)
            .await
    }

    async fn still_holds(&self, _: &StepContext<'_>, _: &Copy) -> Result<bool> {
        if self.0.has_switched().await? {
            return Ok(true);
        }
        let state = self.0.world.copies.state(&self.0.inputs.scratch).await?;
        Ok(matches!(
            state,
            CopyState::Running(_) | CopyState::Foreign(_)
        ))
    }
}
