//! A push or a promotion as an operation.

use async_trait::async_trait;
use serde_json::json;

use super::ShipInputs;
use super::plan::{BLOBS, names_now, precondition};
use super::steps::{Attach, Blobs, Carried, Manifests, PutTag, Sent};
use crate::engine::{Conclusion, ErasedStep, Operation, Outputs, Plan, Precondition, erase};
use crate::failure::Result;
use crate::image::ImageReference;
use crate::ports::World;

/// A push or a promotion, built from its plan.
pub struct Ship {
    world: World,
    inputs: ShipInputs,
}

impl Ship {
    /// The push or promotion that `plan` describes.
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
impl Operation for Ship {
    fn steps(&self) -> Vec<Box<dyn ErasedStep>> {
        let carried = || Carried {
            registry: self.world.registry.clone(),
            inputs: self.inputs.clone(),
        };
        let mut steps: Vec<Box<dyn ErasedStep>> = Vec::new();
        if !self.inputs.stays() {
            steps.push(erase(Blobs(carried())));
            steps.push(erase(Manifests(carried())));
        }
        if !self.inputs.stays() && !self.inputs.freight.attached.is_empty() {
            steps.push(erase(Attach(carried())));
        }
        steps.push(erase(PutTag(carried())));
        steps
    }

    async fn observe(&self) -> Result<Vec<Precondition>> {
        let ShipInputs { into, tag, .. } = &self.inputs;
        let named = names_now(self.world.registry.as_ref(), into, tag).await?;
        Ok(vec![precondition(&self.inputs.target(), named.as_ref())])
    }

    fn conclude(&self, outputs: &Outputs) -> Result<Conclusion> {
        let inputs = &self.inputs;
        let digest = &inputs.freight.image.digest;
        let sent: Option<Sent> = outputs.find(BLOBS)?;
        Ok(Conclusion::kept(json!({
            "environment": self.world.environment.name,
            "image": ImageReference {
                digest: Some(digest.clone()),
                ..inputs.target()
            },
            "repository": inputs.into,
            "tag": inputs.tag,
            "digest": digest,
            "before": inputs.before,
            "blobs": sent.unwrap_or_default(),
        })))
    }
}
