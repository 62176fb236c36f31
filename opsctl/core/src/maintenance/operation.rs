//! A change of mode as an operation.

use async_trait::async_trait;
use serde_json::json;

use super::MaintenanceInputs;
use super::plan::{FOLLOW, precondition};
use super::steps::{Follow, TakeBack, Tell};
use crate::engine::{Conclusion, ErasedStep, Operation, Outputs, Plan, Precondition, erase};
use crate::failure::Result;
use crate::ports::{Mode, World};

/// A change of mode, built from its plan.
pub struct Maintenance {
    world: World,
    inputs: MaintenanceInputs,
}

impl Maintenance {
    /// The change that `plan` describes.
    ///
    /// # Errors
    /// When the plan's inputs have another form.
    pub fn from_plan(plan: &Plan, world: &World) -> Result<Self> {
        Ok(Self {
            world: world.clone(),
            inputs: plan.inputs()?,
        })
    }
}

#[async_trait]
impl Operation for Maintenance {
    fn steps(&self) -> Vec<Box<dyn ErasedStep>> {
        let mut steps: Vec<Box<dyn ErasedStep>> = vec![
            erase(Tell {
                world: self.world.clone(),
                mode: self.inputs.mode,
            }),
            erase(Follow {
                world: self.world.clone(),
                inputs: self.inputs.clone(),
            }),
        ];
        if self.inputs.mode != Mode::Normal {
            steps.push(erase(TakeBack(Tell {
                world: self.world.clone(),
                mode: self.inputs.before,
            })));
        }
        steps
    }

    async fn observe(&self) -> Result<Vec<Precondition>> {
        let found = self.world.pointer.read().await?;
        Ok(vec![precondition(found.as_ref())])
    }

    fn conclude(&self, outputs: &Outputs) -> Result<Conclusion> {
        let processes: Vec<uuid::Uuid> = outputs.get(FOLLOW)?;
        Ok(Conclusion::kept(json!({
            "environment": self.world.environment.name,
            "mode": self.inputs.mode,
            "before": self.inputs.before,
            "processes": processes,
        })))
    }
}
