//! A prune as an operation.

use async_trait::async_trait;

use crate::engine::{
    Conclusion, ErasedStep, Operation, Outputs, Plan, Precondition, StepState, erase,
};
use crate::failure::Result;
use crate::ports::World;

use super::PruneInputs;
use super::plan::{Doomed, step_name, still_there};
use super::step::{Delete, Deleted};

/// A prune that can run.
pub struct BackupPrune {
    world: World,
    inputs: PruneInputs,
}

impl BackupPrune {
    /// The prune that `plan` describes.
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
impl Operation for BackupPrune {
    fn steps(&self) -> Vec<Box<dyn ErasedStep>> {
        let deletes = self.inputs.delete.iter().enumerate();
        deletes
            .filter_map(|(index, doomed)| {
                let name = step_name(index).ok()?;
                Some(erase(Delete {
                    world: self.world.clone(),
                    doomed: doomed.clone(),
                    name,
                }))
            })
            .collect()
    }

    async fn observe(&self) -> Result<Vec<Precondition>> {
        let mut list = Vec::new();
        for good in &self.inputs.floor {
            if let StepState::Done(record) = self.world.backups.check(&good.backup).await? {
                list.push(still_there(&Doomed {
                    backup: record.id,
                    manifest_sha256: record.manifest_sha256,
                }));
            }
        }
        Ok(list)
    }

    fn conclude(&self, outputs: &Outputs) -> Result<Conclusion> {
        let (mut deleted, mut spared) = (Vec::new(), Vec::new());
        for (index, doomed) in self.inputs.delete.iter().enumerate() {
            match outputs.get::<Deleted>(step_name(index)?.as_str())? {
                Deleted::Gone => deleted.push(doomed.backup.clone()),
                Deleted::Spared { because } => spared.push(super::plan::Kept {
                    backup: doomed.backup.clone(),
                    because,
                }),
            }
        }
        Ok(Conclusion::kept(serde_json::json!({
            "deleted": deleted,
            "spared": spared,
            "kept": self.inputs.keep,
        })))
    }
}
