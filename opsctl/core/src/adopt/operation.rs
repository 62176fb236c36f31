//! An adoption as an operation.

use async_trait::async_trait;
use serde_json::json;

use super::AdoptInputs;
use super::plan::{ask, preconditions};
use super::steps::{Identify, Point, RecordIt};
use crate::engine::{Conclusion, ErasedStep, Operation, Outputs, Plan, Precondition, erase};
use crate::failure::Result;
use crate::ports::{Engine, World};

/// An adoption, built from its plan.
pub struct Adopt {
    world: World,
    inputs: AdoptInputs,
}

impl Adopt {
    /// The adoption that `plan` describes.
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
impl Operation for Adopt {
    fn steps(&self) -> Vec<Box<dyn ErasedStep>> {
        let (world, inputs) = (|| self.world.clone(), || self.inputs.clone());
        vec![
            erase(Identify {
                world: world(),
                inputs: inputs(),
            }),
            erase(Point {
                world: world(),
                inputs: inputs(),
            }),
            erase(RecordIt {
                world: world(),
                inputs: inputs(),
            }),
        ]
    }

    async fn observe(&self) -> Result<Vec<Precondition>> {
        let found = self.world.pointer.read().await?;
        let identity = ask(&self.world, &self.inputs.administrator).await?;
        Ok(preconditions(found.as_ref(), identity.as_ref()))
    }

    fn conclude(&self, _: &Outputs) -> Result<Conclusion> {
        let environment = &self.world.environment;
        let name = &environment.name;
        // A log without a base backup below it brings nothing back.
        let next = match environment.settings.database.engine() {
            Engine::Postgres => Some(format!("opsctl --env {name} backup create")),
            Engine::Sqlite => None,
        };
        Ok(Conclusion::kept(json!({
            "environment": name,
            "begin_restore_window": next,
            "instance_id": self.inputs.instance_id,
            "lineage_id": self.inputs.lineage_id,
            "reason": self.inputs.reason,
        })))
    }
}
