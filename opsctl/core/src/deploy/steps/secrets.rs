//! Handing the pods of a local environment their secrets.

use std::sync::Arc;

use async_trait::async_trait;

use crate::deploy::apply::refused;
use crate::deploy::inputs::DeployInputs;
use crate::deploy::plan::SECRETS;
use crate::deploy::settle::Stamp;
use crate::engine::{Step, StepContext, StepState};
use crate::failure::Result;
use crate::guard::Permit;
use crate::names::StepName;
use crate::ports::World;
use crate::workloads::ObjectRef;

/// Applies them; puts out their names alone.
pub struct PlaceSecrets {
    pub world: World,
    pub inputs: Arc<DeployInputs>,
}

#[async_trait]
impl Step for PlaceSecrets {
    type Output = Vec<ObjectRef>;

    fn name(&self) -> StepName {
        StepName::fixed(SECRETS)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Self::Output>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<Self::Output> {
        let Some(secrets) = &self.world.pod_secrets else {
            return Ok(Vec::new());
        };
        let stamp = Stamp {
            environment: &self.world.environment.name,
            release: self.inputs.number,
            operation: context.operation,
            hold: None,
        };
        let mut placed = Vec::new();
        for mut object in secrets.objects().await? {
            permit.check()?;
            stamp.put(&mut object);
            let answer = self.world.cluster()?.apply(permit, &object).await?;
            answer.map_err(|refusal| refused(&refusal))?;
            placed.push(object.reference());
        }
        Ok(placed)
    }
}
