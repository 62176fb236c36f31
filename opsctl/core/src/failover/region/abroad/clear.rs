//! After the drill: the namespace goes with all that is in it, however the drill went.

use async_trait::async_trait;

use super::{WorkloadInputs, leftovers, namespace};
use crate::engine::{Step, StepContext, StepState};
use crate::failover::names::CLEAR;
use crate::failure::Result;
use crate::guard::Permit;
use crate::names::StepName;
use crate::ports::World;
use crate::restore::names::step;

/// Ends it.
pub struct Clear {
    pub world: World,
    pub inputs: WorkloadInputs,
}

#[async_trait]
impl Step for Clear {
    type Output = bool;

    fn name(&self) -> StepName {
        step(CLEAR)
    }

    async fn check(&self, context: &StepContext<'_>) -> Result<StepState<bool>> {
        // Nothing was noted: nothing was made.
        let noted = leftovers::is_noted(self.world.store.as_ref(), context.operation).await?;
        Ok(match noted {
            true => StepState::InFlight,
            false => StepState::Done(true),
        })
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<bool> {
        let cluster = self.world.abroad()?.cluster().await?;
        let name = &self.inputs.namespace;
        namespace::end(cluster.as_ref(), permit, name, context.operation).await?;
        permit.check()?;
        leftovers::forget(self.world.store.as_ref(), context.operation).await?;
        Ok(true)
    }

    fn releases(&self) -> bool {
        true
    }
}
