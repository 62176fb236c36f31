//! Freezes the application's writes, and opens them again.

use async_trait::async_trait;

use super::acknowledge::{Wanted, all};
use super::side::{Held, SharedCrossing};
use crate::engine::{Step, StepContext, StepState};
use crate::failure::Result;
use crate::guard::Permit;
use crate::names::StepName;
use crate::ports::{Descriptor, Mode};
use crate::restore::names::{FREEZE, UNFREEZE, step};

/// Writes are refused by every process.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Frozen {
    /// The generation that says so.
    pub generation: u64,
    /// Who acknowledged it.
    pub processes: Vec<uuid::Uuid>,
}

/// Freezes writes and waits until every process has let its last one end.
pub struct Freeze(pub SharedCrossing);

/// Gives the application its mode back.
pub struct Unfreeze(pub SharedCrossing);

impl Freeze {
    fn is_frozen(&self, descriptor: &Descriptor) -> bool {
        self.0.is_ours(descriptor) && descriptor.mode != Mode::Normal
    }

    async fn wait(&self, context: &StepContext<'_>, generation: u64) -> Result<Frozen> {
        let wanted = Wanted {
            what: "stop writing",
            done: &|process| process.generation >= generation && process.mode != Mode::Normal,
            within: self.0.old.acknowledge_within.0,
        };
        let processes = all(&self.0.world, context.interrupt, &wanted).await?;
        Ok(Frozen {
            generation,
            processes: processes.iter().map(|process| process.process_id).collect(),
        })
    }
}

#[async_trait]
impl Step for Freeze {
    type Output = Frozen;

    fn name(&self) -> StepName {
        step(FREEZE)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Frozen>> {
        let descriptor = self.0.descriptor().await?;
        Ok(if self.is_frozen(&descriptor) {
            StepState::InFlight
        } else {
            StepState::Absent
        })
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<Frozen> {
        let found = self.0.descriptor().await?;
        let generation = if self.is_frozen(&found) {
            found.generation
        } else {
            let mode = self.0.frozen_mode();
            self.0.write_mode(context, permit, mode, Held::ByUs).await?
        };
        self.wait(context, generation).await
    }

    async fn still_holds(&self, _: &StepContext<'_>, _: &Frozen) -> Result<bool> {
        Ok(self.is_frozen(&self.0.descriptor().await?))
    }
}

#[async_trait]
impl Step for Unfreeze {
    type Output = u64;

    fn name(&self) -> StepName {
        step(UNFREEZE)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<u64>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<u64> {
        let found = self.0.descriptor().await?;
        let generation = if self.0.is_ours(&found) {
            self.0
                .write_mode(context, permit, self.0.old.mode, Held::ByNobody)
                .await?
        } else {
            found.generation
        };
        let wanted = Wanted {
            what: "open again",
            done: &|process| process.generation >= generation,
            within: self.0.old.acknowledge_within.0,
        };
        all(&self.0.world, context.interrupt, &wanted).await?;
        Ok(generation)
    }

    fn releases(&self) -> bool {
        true
    }
}
