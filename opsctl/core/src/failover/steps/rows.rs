//! The place for the prober's rows: made before, taken away after, however it went.

use async_trait::async_trait;

use super::super::drill::SharedDrill;
use super::super::names::{PREPARE, TIDY};
use crate::engine::{Step, StepContext, StepState};
use crate::failure::Result;
use crate::guard::Permit;
use crate::names::StepName;
use crate::restore::names::step;

/// Makes the place.
pub struct Prepare(pub SharedDrill);
/// Takes it away, wherever it went along to.
pub struct Tidy(pub SharedDrill);

#[async_trait]
impl Step for Prepare {
    type Output = ();

    fn name(&self) -> StepName {
        step(PREPARE)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<()>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, _: &StepContext<'_>, permit: &Permit<'_>) -> Result<()> {
        let prober = self.0.prober().await?;
        prober
            .prepare(permit, &self.0.inputs.old.administrator)
            .await
    }
}

#[async_trait]
impl Step for Tidy {
    type Output = ();

    fn name(&self) -> StepName {
        step(TIDY)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<()>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<()> {
        // A prober that is still at work would meet a place that is gone.
        drop(self.0.take());
        let (world, old) = (&self.0.world, &self.0.inputs.old);
        let prober = self.0.prober().await?;
        let serving = match world.pointer.read().await? {
            Some(descriptor) => world.pointer.administrator(&descriptor).await?,
            None => old.administrator.clone(),
        };
        prober.remove(permit, &serving).await?;
        if serving == old.administrator {
            return Ok(());
        }
        // It serves nobody: rows that stay there do no harm.
        if let Err(failure) = prober.remove(permit, &old.administrator).await {
            let lineage = old.lineage_id;
            let what = format!("the prober's rows stay in the database of lineage {lineage}");
            context.progress.warn(format!("{what}: {failure}"));
        }
        Ok(())
    }

    fn releases(&self) -> bool {
        true
    }
}
