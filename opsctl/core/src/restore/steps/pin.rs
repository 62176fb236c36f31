//! Keeps the backup from being pruned while it is read.

use async_trait::async_trait;

use super::super::job::{Job, SharedJob};
use super::super::names::{PIN, UNPIN, step};
use crate::engine::{Step, StepContext, StepState};
use crate::failure::Result;
use crate::guard::Permit;
use crate::names::StepName;
use crate::pins;

/// Pins the backup.
pub struct Pin(pub SharedJob);

/// Lets the backup go.
pub struct Unpin(pub SharedJob);

/// This operation's own pin.
async fn ours(job: &Job) -> Result<Option<pins::Pin>> {
    let store = job.world.store.as_ref();
    let now = job.world.clock.now();
    let found = pins::pins_of(store, job.inputs.target.backup(), now).await?;
    Ok(found.into_iter().find(|pin| pin.owner == job.operation))
}

#[async_trait]
impl Step for Pin {
    type Output = pins::Pin;

    fn name(&self) -> StepName {
        step(PIN)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<pins::Pin>> {
        Ok(ours(&self.0)
            .await?
            .map_or(StepState::Absent, StepState::Done))
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<pins::Pin> {
        permit.check()?;
        let record = pins::Pin {
            owner: self.0.operation.clone(),
            since: context.clock.now(),
            reason: "a restore reads it".into(),
            until: Some(self.0.inputs.expires_at),
        };
        let store = self.0.world.store.as_ref();
        pins::pin(store, self.0.inputs.target.backup(), &record).await?;
        Ok(record)
    }

    async fn still_holds(&self, _: &StepContext<'_>, _: &pins::Pin) -> Result<bool> {
        Ok(ours(&self.0).await?.is_some())
    }
}

#[async_trait]
impl Step for Unpin {
    type Output = ();

    fn name(&self) -> StepName {
        step(UNPIN)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<()>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, _: &StepContext<'_>, permit: &Permit<'_>) -> Result<()> {
        permit.check()?;
        let store = self.0.world.store.as_ref();
        pins::unpin(store, self.0.inputs.target.backup(), &self.0.operation).await
    }

    fn releases(&self) -> bool {
        true
    }
}
