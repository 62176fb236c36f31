//! Settles what earlier runs left: copies past their expiry, and fences that are owed.

use async_trait::async_trait;

use super::super::job::SharedJob;
use super::super::leftovers;
use super::super::names::{SETTLE, step};
use crate::engine::{Step, StepContext, StepState};
use crate::failure::Result;
use crate::guard::Permit;
use crate::names::StepName;

/// Settles. What can't be settled now is told and left to the next run: it must not keep a restore from
/// its work.
pub struct Settle(pub SharedJob);

#[async_trait]
impl Step for Settle {
    type Output = leftovers::Settled;

    fn name(&self) -> StepName {
        step(SETTLE)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<leftovers::Settled>> {
        Ok(StepState::Absent)
    }

    async fn apply(
        &self,
        context: &StepContext<'_>,
        permit: &Permit<'_>,
    ) -> Result<leftovers::Settled> {
        leftovers::settle(&self.0.world, permit, &context.progress).await
    }
}
