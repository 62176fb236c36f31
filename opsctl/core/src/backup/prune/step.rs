//! Deletes one backup, unless somebody came to need it.

use async_trait::async_trait;

use crate::engine::{Step, StepContext, StepState};
use crate::failure::{Failure, FailureKind, Result};
use crate::guard::Permit;
use crate::names::StepName;
use crate::ports::{Backups, World};
use crate::state::Key;

use super::super::forget_drills;
use super::observe::pins_that_count;
use super::plan::Doomed;

/// How it came out.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Deleted {
    /// It is gone.
    Gone,
    /// Somebody pinned it after the plan was made.
    Spared {
        /// Why, for each pin.
        because: Vec<String>,
    },
}

pub(super) struct Delete {
    pub(super) world: World,
    pub(super) doomed: Doomed,
    pub(super) name: StepName,
}

impl Delete {
    fn backups(&self) -> Result<&dyn Backups> {
        self.doomed.shelf.still(&self.world)
    }
}

#[async_trait]
impl Step for Delete {
    type Output = Deleted;

    fn name(&self) -> StepName {
        self.name.clone()
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Deleted>> {
        let id = &self.doomed.backup;
        Ok(match self.backups()?.check(id).await? {
            StepState::Done(record) if record.manifest_sha256 != self.doomed.manifest_sha256 => {
                StepState::Foreign(format!("backup '{id}' is not the one that was judged"))
            }
            StepState::Foreign(what) => StepState::Foreign(what),
            StepState::Unknown(why) => StepState::Unknown(why),
            // Even one that is gone already may have left marks.
            StepState::Absent | StepState::InFlight | StepState::Done(_) => StepState::Absent,
        })
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<Deleted> {
        let id = &self.doomed.backup;
        let because = pins_that_count(&self.world, id, context.clock.now()).await?;
        if !because.is_empty() {
            context
                .progress
                .warn(format!("backup '{id}' stays: it was pinned meanwhile"));
            return Ok(Deleted::Spared { because });
        }
        permit.check()?;
        self.backups()?.delete(permit, id).await?;
        let store = self.world.store.as_ref();
        for key in store.list(&Key::pins(id)).await? {
            store.delete(&key).await?;
        }
        forget_drills(store, id).await?;
        Ok(Deleted::Gone)
    }

    async fn verify(&self, _: &StepContext<'_>, output: &Deleted) -> Result<()> {
        let id = &self.doomed.backup;
        match (output, self.backups()?.check(id).await?) {
            (Deleted::Gone, StepState::Absent) | (Deleted::Spared { .. }, _) => Ok(()),
            _ => Err(Failure::new(
                FailureKind::Unknown,
                format!("backup '{id}' was deleted and is still there"),
            )),
        }
    }
}
