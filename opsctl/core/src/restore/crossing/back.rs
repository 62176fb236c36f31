//! The way back, before the switch: the old database takes writes again, and so does the application.

use async_trait::async_trait;

use super::side::{Held, SharedCrossing};
use crate::engine::{Step, StepContext, StepState};
use crate::failure::{Failure, FailureKind, Result};
use crate::guard::Permit;
use crate::names::StepName;
use crate::restore::Source;
use crate::restore::names::{THAW, UNFENCE, step};

/// Takes the fence of the old database away.
pub struct Unfence(pub SharedCrossing);

/// Gives the application its mode back.
pub struct Thaw(pub SharedCrossing);

#[async_trait]
impl Step for Unfence {
    type Output = ();

    fn name(&self) -> StepName {
        step(UNFENCE)
    }

    /// The fence comes after the freeze: where nothing is frozen by us, nothing was fenced by us.
    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<()>> {
        let descriptor = self.0.descriptor().await?;
        Ok(if self.0.is_ours(&descriptor) {
            StepState::InFlight
        } else {
            StepState::Done(())
        })
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<()> {
        let old = &self.0.old;
        let unfenced = async {
            let database = self.0.world.databases.open(&old.administrator).await?;
            let answer = match database.unfence(permit).await {
                Ok(()) => match database.try_write().await? {
                    None => Ok(()),
                    Some(refusal) => Err(Failure::new(
                        FailureKind::Unknown,
                        "the old database still refuses writes",
                    )
                    .cause(refusal)),
                },
                Err(failure) => Err(failure),
            };
            database.close().await;
            answer
        };
        match unfenced.await {
            Err(failure) if old.source == Source::Unreachable => {
                context
                    .progress
                    .warn(format!("the old database still does not answer: {failure}"));
                Ok(())
            }
            answer => answer,
        }
    }
}

#[async_trait]
impl Step for Thaw {
    type Output = ();

    fn name(&self) -> StepName {
        step(THAW)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<()>> {
        let descriptor = self.0.descriptor().await?;
        Ok(if self.0.is_ours(&descriptor) {
            StepState::InFlight
        } else {
            StepState::Done(())
        })
    }

    /// Does not wait for the processes: one that hangs may be why we go back.
    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<()> {
        let mode = self.0.old.mode;
        self.0
            .write_mode(context, permit, mode, Held::ByNobody)
            .await
            .map(|_| ())
    }

    fn releases(&self) -> bool {
        true
    }
}
