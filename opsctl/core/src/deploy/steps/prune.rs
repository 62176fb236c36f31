//! Deleting what this release no longer has.

use std::sync::Arc;

use async_trait::async_trait;

use crate::deploy::inputs::{DeployInputs, Pruned};
use crate::deploy::plan::PRUNE;
use crate::engine::{Step, StepContext, StepState};
use crate::failure::Result;
use crate::guard::Permit;
use crate::names::StepName;
use crate::ports::World;

/// Deletes each by its id, so that a new object of the same name is safe.
pub struct Prune {
    pub world: World,
    pub inputs: Arc<DeployInputs>,
}

#[async_trait]
impl Step for Prune {
    type Output = Vec<Pruned>;

    fn name(&self) -> StepName {
        StepName::fixed(PRUNE)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Self::Output>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<Self::Output> {
        let cluster = self.world.cluster()?;
        for (done, pruned) in (1..).zip(&self.inputs.prune) {
            cluster.delete(permit, &pruned.object, &pruned.uid).await?;
            let total = self.inputs.prune.len() as u64;
            context.progress.at(done, total, "objects");
        }
        Ok(self.inputs.prune.clone())
    }
}
