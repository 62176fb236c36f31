//! What fails already before anything is changed: no release is blamed for it.

use std::sync::Arc;

use async_trait::async_trait;

use crate::deploy::follow::Watching;
use crate::deploy::inputs::DeployInputs;
use crate::deploy::plan::BASELINE;
use crate::deploy::verdict::Baseline;
use crate::engine::{Step, StepContext, StepState};
use crate::failure::Result;
use crate::guard::Permit;
use crate::names::StepName;
use crate::ports::World;

/// Looks once, before the first change.
pub struct LookBefore {
    pub world: World,
    pub inputs: Arc<DeployInputs>,
}

#[async_trait]
impl Step for LookBefore {
    type Output = Baseline;

    fn name(&self) -> StepName {
        StepName::fixed(BASELINE)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Baseline>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, _: &StepContext<'_>, _: &Permit<'_>) -> Result<Baseline> {
        let cluster = self.world.cluster()?;
        let watching = Watching::begin(cluster, &self.inputs.namespace).await?;
        Ok(Baseline::of(&watching.board))
    }
}
