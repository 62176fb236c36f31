//! Tell the application its mode, wait until all follow, take it back.

use async_trait::async_trait;

use super::MaintenanceInputs;
use super::plan::{FOLLOW, TAKE_BACK, TELL};
use crate::engine::{Step, StepContext, StepState};
use crate::failure::{Failure, FailureKind, Result};
use crate::guard::Permit;
use crate::names::StepName;
use crate::ports::{Descriptor, Mode, World};
use crate::restore::{Wanted, everybody};

/// Writes the mode into the descriptor.
pub(super) struct Tell {
    pub world: World,
    pub mode: Mode,
}

impl Tell {
    async fn found(&self) -> Result<Descriptor> {
        self.world.pointer.read().await?.ok_or_else(|| {
            Failure::new(FailureKind::Unknown, "the database descriptor is gone")
                .hint("opsctl doctor")
        })
    }

    async fn tell(&self, permit: &Permit<'_>) -> Result<u64> {
        let found = self.found().await?;
        let new = Descriptor {
            generation: found.generation + 1,
            mode: self.mode,
            ..found.clone()
        };
        let pointer = &self.world.pointer;
        pointer.replace(permit, found.generation, &new).await?;
        Ok(new.generation)
    }

    async fn state(&self) -> Result<StepState<u64>> {
        let found = self.found().await?;
        Ok(match found.mode == self.mode {
            true => StepState::Done(found.generation),
            false => StepState::Absent,
        })
    }
}

#[async_trait]
impl Step for Tell {
    type Output = u64;

    fn name(&self) -> StepName {
        StepName::fixed(TELL)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<u64>> {
        self.state().await
    }

    async fn apply(&self, _: &StepContext<'_>, permit: &Permit<'_>) -> Result<u64> {
        self.tell(permit).await
    }

    async fn still_holds(&self, _: &StepContext<'_>, _: &u64) -> Result<bool> {
        Ok(self.found().await?.mode == self.mode)
    }
}

/// Waits until every process follows.
pub(super) struct Follow {
    pub world: World,
    pub inputs: MaintenanceInputs,
}

#[async_trait]
impl Step for Follow {
    type Output = Vec<uuid::Uuid>;

    fn name(&self) -> StepName {
        StepName::fixed(FOLLOW)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Self::Output>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, context: &StepContext<'_>, _: &Permit<'_>) -> Result<Self::Output> {
        let generation: u64 = context.outputs.get(TELL)?;
        let mode = self.inputs.mode;
        let what = format!("follow into the mode {}", mode.as_str());
        let wanted = Wanted {
            what: &what,
            done: &|process| process.generation >= generation && process.mode == mode,
            within: self.inputs.within.0,
        };
        let processes = everybody(&self.world, context.interrupt, &wanted).await?;
        Ok(processes.iter().map(|process| process.process_id).collect())
    }
}

/// Gives the application the mode back that it had.
pub(super) struct TakeBack(pub Tell);

#[async_trait]
impl Step for TakeBack {
    type Output = u64;

    fn name(&self) -> StepName {
        StepName::fixed(TAKE_BACK)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<u64>> {
        self.0.state().await
    }

    async fn apply(&self, _: &StepContext<'_>, permit: &Permit<'_>) -> Result<u64> {
        self.0.tell(permit).await
    }

    fn releases(&self) -> bool {
        true
    }
}
