//! Makes the replica, waits for it, opens it; ends it when nothing came of it.

use async_trait::async_trait;

use super::super::drill::{Drill, SharedDrill};
use super::super::names::{CATCH_UP, FOLLOW, OPEN};
use crate::engine::{Step, StepContext, StepState};
use crate::failure::Result;
use crate::guard::Permit;
use crate::names::StepName;
use crate::ports::{Copy, CopyState, Following, Position, ReplicaState, Replicas};
use crate::restore::names::{DISCARD, step};

/// Copies the live database and lets the copy follow.
pub struct Follow(pub SharedDrill);
/// Waits until the replica has all that the fenced database ever wrote.
pub struct CatchUp(pub SharedDrill);
/// Opens the replica, quarantined.
pub struct Open(pub SharedDrill);
/// Removes the replica.
pub struct Discard(pub SharedDrill);

impl Drill {
    fn replicas(&self) -> Result<&dyn Replicas> {
        Ok(self.world.failover()?.replicas.as_ref())
    }

    async fn replica(&self) -> Result<ReplicaState> {
        self.replicas()?.state(&self.inputs.replica).await
    }

    /// True once the replica serves.
    async fn has_moved(&self) -> Result<bool> {
        let descriptor = self.world.pointer.read().await?;
        Ok(descriptor.is_some_and(|found| found.lineage_id != self.inputs.old.lineage_id))
    }
}

#[async_trait]
impl Step for Follow {
    type Output = Position;

    fn name(&self) -> StepName {
        step(FOLLOW)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Position>> {
        Ok(match self.0.replica().await? {
            ReplicaState::Absent => StepState::Absent,
            ReplicaState::Foreign(what) => StepState::Foreign(what),
            ReplicaState::Partial | ReplicaState::Follows | ReplicaState::Opened(_) => {
                StepState::InFlight
            }
        })
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<Position> {
        let inputs = &self.0.inputs;
        let wanted = Following {
            name: inputs.replica.clone(),
            source: inputs.old.lineage_id,
            expires_at: inputs.expires_at,
        };
        let replicas = self.0.replicas()?;
        replicas.follow(permit, &wanted, &context.progress).await
    }

    async fn still_holds(&self, _: &StepContext<'_>, _: &Position) -> Result<bool> {
        if self.0.has_moved().await? {
            return Ok(true);
        }
        let state = self.0.replica().await?;
        Ok(matches!(
            state,
            ReplicaState::Follows | ReplicaState::Opened(_)
        ))
    }
}

#[async_trait]
impl Step for CatchUp {
    type Output = Position;

    fn name(&self) -> StepName {
        step(CATCH_UP)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Position>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, _: &StepContext<'_>, _: &Permit<'_>) -> Result<Position> {
        let replicas = self.0.replicas()?;
        replicas.caught_up(&self.0.inputs.replica).await
    }
}

#[async_trait]
impl Step for Open {
    type Output = Copy;

    fn name(&self) -> StepName {
        step(OPEN)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Copy>> {
        Ok(match self.0.replica().await? {
            ReplicaState::Opened(copy) => StepState::Done(copy),
            ReplicaState::Foreign(what) => StepState::Foreign(what),
            _ => StepState::Absent,
        })
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<Copy> {
        let (replicas, name) = (self.0.replicas()?, &self.0.inputs.replica);
        replicas.open(permit, name, &context.progress).await
    }

    async fn still_holds(&self, _: &StepContext<'_>, _: &Copy) -> Result<bool> {
        let opened = matches!(self.0.replica().await?, ReplicaState::Opened(_));
        Ok(opened || self.0.has_moved().await?)
    }
}

#[async_trait]
impl Step for Discard {
    type Output = ();

    fn name(&self) -> StepName {
        step(DISCARD)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<()>> {
        let copies = &self.0.world.copies;
        Ok(match copies.state(&self.0.inputs.replica).await? {
            CopyState::Absent | CopyState::Foreign(_) => StepState::Done(()),
            _ => StepState::Absent,
        })
    }

    async fn apply(&self, _: &StepContext<'_>, permit: &Permit<'_>) -> Result<()> {
        let copies = &self.0.world.copies;
        copies.discard(permit, &self.0.inputs.replica).await
    }

    fn releases(&self) -> bool {
        true
    }
}
