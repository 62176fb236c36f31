//! The same restore again, with caches as the first pass left them.

use async_trait::async_trait;

use super::super::DrillInputs;
use super::{copy::first_answer, names};
use crate::drill::measured::Measured;
use crate::engine::{Step, StepContext, StepState};
use crate::evidence::Phase;
use crate::failure::Result;
use crate::guard::Permit;
use crate::names::StepName;
use crate::ports::{RecoveryTarget, World};

/// The phases of the warm pass.
pub type WarmPass = Measured<Vec<Phase>>;

/// Discards the copy and restores it again.
pub struct WarmRestore {
    pub world: World,
    pub inputs: DrillInputs,
}

#[async_trait]
impl Step for WarmRestore {
    type Output = WarmPass;

    fn name(&self) -> StepName {
        StepName::fixed(names::WARM)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<WarmPass>> {
        Ok(StepState::InFlight)
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<WarmPass> {
        if context
            .outputs
            .get::<Measured<()>>(names::START)?
            .worked()
            .is_none()
        {
            return Ok(Measured::skipped());
        }
        self.world
            .copies
            .discard(permit, &context.operation.scratch())
            .await?;
        Measured::of(self.pass(context, permit)).await
    }

    fn releases(&self) -> bool {
        true
    }
}

impl WarmRestore {
    async fn pass(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<Vec<Phase>> {
        let (copies, scratch) = (&self.world.copies, context.operation.scratch());
        let target = RecoveryTarget::Backup {
            id: self.inputs.backup.id().clone(),
        };
        let (expires, progress) = (self.inputs.expires_at, &context.progress);
        let begun = std::time::Instant::now();
        copies
            .fetch(permit, &scratch, &target, expires, progress)
            .await?;
        let fetched = begun.elapsed();
        let copy = copies.start(permit, &scratch, progress).await?;
        let restored = begun.elapsed();
        first_answer(&self.world, &copy).await?;
        let started = begun.elapsed();
        let phase = |name: &str, span: std::time::Duration| Phase {
            name: name.to_owned(),
            seconds: span.as_secs_f64(),
        };
        Ok(vec![
            phase(names::FETCH, fetched),
            phase(names::RESTORE, restored - fetched),
            phase(names::START, started - restored),
        ])
    }
}
