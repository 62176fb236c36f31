//! Removes the copy, when nothing came of it.

use async_trait::async_trait;

use super::super::job::SharedJob;
use super::super::names::{DISCARD, step};
use crate::engine::{Step, StepContext, StepState};
use crate::failure::Result;
use crate::guard::Permit;
use crate::names::StepName;
use crate::ports::CopyState;

/// Discards the copy.
pub struct Discard(pub SharedJob);

#[async_trait]
impl Step for Discard {
    type Output = ();

    fn name(&self) -> StepName {
        step(DISCARD)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<()>> {
        let state = self.0.world.copies.state(&self.0.inputs.scratch).await?;
        Ok(match state {
            CopyState::Absent | CopyState::Foreign(_) => StepState::Done(()),
            _ => StepState::Absent,
        })
    }

    async fn apply(&self, _: &StepContext<'_>, permit: &Permit<'_>) -> Result<()> {
        let copies = &self.0.world.copies;
        copies.discard(permit, &self.0.inputs.scratch).await
    }

    fn releases(&self) -> bool {
        true
    }
}
