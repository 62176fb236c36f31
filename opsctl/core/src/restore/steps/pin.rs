//! Keeps the backup from being pruned while it is read.

use async_trait::async_trait;

use super::super::job::{Job, SharedJob};
use super::super::names::{PIN, UNPIN, step};
use crate::backup::{self, pins_of};
use crate::engine::{Step, StepContext, StepState};
use crate::failure::Result;
use crate::guard::Permit;
use crate::names::StepName;

/// Pins the backup.
pub struct Pin(pub SharedJob);

/// Lets the backup go.
pub struct Unpin(pub SharedJob);

/// This operation's own pin.
async fn ours(job: &Job) -> Result<Option<backup::Pin>> {
    let store = job.world.store.as_ref();
    let pins = pins_of(store, job.inputs.target.backup()).await?;
    Ok(pins.into_iter().find(|pin| pin.operation == job.operation))
}

#[async_trait]
impl Step for Pin {
    type Output = backup::Pin;

    fn name(&self) -> StepName {
        step(PIN)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<backup::Pin>> {
        Ok(ours(&self.0)
            .await?
            .map_or(StepState::Absent, StepState::Done))
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<backup::Pin> {
        permit.check()?;
        let record = backup::Pin {
            operation: self.0.operation.clone(),
            since: context.clock.now(),
            reason: "a restore reads it".into(),
            expires_at: Some(self.0.inputs.expires_at),
        };
        let store = self.0.world.store.as_ref();
        backup::pin(store, self.0.inputs.target.backup(), &record).await?;
        Ok(record)
    }

    async fn still_holds(&self, _: &StepContext<'_>, _: &backup::Pin) -> Result<bool> {
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
        Ok(match ours(&self.0).await? {
            Some(_) => StepState::Absent,
            None => StepState::Done(()),
        })
    }

    async fn apply(&self, _: &StepContext<'_>, permit: &Permit<'_>) -> Result<()> {
        permit.check()?;
        let store = self.0.world.store.as_ref();
        backup::unpin(store, self.0.inputs.target.backup(), &self.0.operation).await
    }

    fn releases(&self) -> bool {
        true
    }
}
