//! A prune as an operation.

use async_trait::async_trait;

use crate::engine::{
    Conclusion, ErasedStep, Operation, Outputs, Plan, Precondition, StepState, erase,
};
use crate::failure::Result;
use crate::ports::World;

use super::PruneInputs;
use super::actions::{copy_step_name, step_name};
use super::away::DeleteCopy;
use super::plan::{Doomed, copy_still_there, still_there};
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

    /// The copies that go.
    fn copies(&self) -> &[Doomed] {
        let copies = self.inputs.copies.as_ref();
        copies.map_or(&[], |it| it.sorted.delete.as_slice())
    }
}

#[async_trait]
impl Operation for BackupPrune {
    fn steps(&self) -> Vec<Box<dyn ErasedStep>> {
        let deletes = self.inputs.delete.iter().enumerate();
        let copies = self.copies().iter().enumerate();
        let copies = copies.filter_map(|(index, doomed)| {
            let name = copy_step_name(index).ok()?;
            Some(erase(DeleteCopy {
                world: self.world.clone(),
                doomed: doomed.clone(),
                name,
            }))
        });
        deletes
            .filter_map(|(index, doomed)| {
                let name = step_name(index).ok()?;
                Some(erase(Delete {
                    world: self.world.clone(),
                    doomed: doomed.clone(),
                    name,
                }))
            })
            .chain(copies)
            .collect()
    }

    async fn observe(&self) -> Result<Vec<Precondition>> {
        let mut list = Vec::new();
        for good in &self.inputs.floor {
            let backups = good.shelf.still(&self.world)?;
            if let StepState::Done(record) = backups.check(&good.backup).await? {
                list.push(still_there(&Doomed {
                    shelf: good.shelf,
                    backup: record.id,
                    manifest_sha256: record.manifest_sha256,
                }));
            }
        }
        for good in self.inputs.copies.iter().flat_map(|it| &it.sorted.floor) {
            if let StepState::Done(record) = self.world.backups.check_away(&good.backup).await? {
                list.push(copy_still_there(&Doomed {
                    shelf: good.shelf,
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
        let mut copies = Vec::new();
        for (index, doomed) in self.copies().iter().enumerate() {
            match outputs.get::<Deleted>(copy_step_name(index)?.as_str())? {
                Deleted::Gone => copies.push(doomed.backup.clone()),
                Deleted::Spared { because } => spared.push(super::plan::Kept {
                    backup: doomed.backup.clone(),
                    because,
                }),
            }
        }
        let kept_away = self.inputs.copies.as_ref().map(|it| &it.sorted.keep);
        Ok(Conclusion::kept(serde_json::json!({
            "deleted": deleted,
            "spared": spared,
            "kept": self.inputs.keep,
            "copies_deleted": copies,
            "copies_kept": kept_away,
        })))
    }
}
