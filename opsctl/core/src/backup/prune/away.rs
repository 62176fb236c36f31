//! Deletes one copy in the second place, unless somebody came to need it. The marks and pins stay: they are the backup's.

use async_trait::async_trait;

use crate::engine::{Step, StepContext, StepState};
use crate::failure::{Failure, FailureKind, Result};
use crate::guard::Permit;
use crate::names::StepName;
use crate::ports::World;

use super::observe::pins_that_count;
use super::plan::Doomed;
use super::step::Deleted;

pub(super) struct DeleteCopy {
    pub(super) world: World,
    pub(super) doomed: Doomed,
    pub(super) name: StepName,
}

#[async_trait]
impl Step for DeleteCopy {
    type Output = Deleted;

    fn name(&self) -> StepName {
        self.name.clone()
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Deleted>> {
        let id = &self.doomed.backup;
        Ok(match self.world.backups.check_away(id).await? {
            StepState::Done(record) if record.manifest_sha256 != self.doomed.manifest_sha256 => {
                StepState::Foreign(format!("the copy of '{id}' is not the one that was judged"))
            }
            StepState::Foreign(what) => StepState::Foreign(what),
            StepState::Unknown(why) => StepState::Unknown(why),
            StepState::Absent => StepState::Done(Deleted::Gone),
            StepState::InFlight | StepState::Done(_) => StepState::Absent,
        })
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<Deleted> {
        let id = &self.doomed.backup;
        let because = pins_that_count(&self.world, id, context.clock.now()).await?;
        if !because.is_empty() {
            let what = format!("the copy of '{id}' stays: it was pinned meanwhile");
            context.progress.warn(what);
            return Ok(Deleted::Spared { because });
        }
        permit.check()?;
        self.world.backups.delete_away(permit, id).await?;
        Ok(Deleted::Gone)
    }

    async fn verify(&self, _: &StepContext<'_>, output: &Deleted) -> Result<()> {
        let id = &self.doomed.backup;
        match (output, self.world.backups.check_away(id).await?) {
            (Deleted::Gone, StepState::Absent) | (Deleted::Spared { .. }, _) => Ok(()),
            _ => Err(Failure::new(
                FailureKind::Unknown,
                format!("the copy of '{id}' was deleted and is still there"),
            )),
        }
    }
}
