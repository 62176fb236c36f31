//! The database, the descriptor and the record, brought together in this order.

use async_trait::async_trait;

use super::AdoptInputs;
use super::plan::{IDENTIFY, POINT, RECORD, ask};
use crate::engine::{Step, StepContext, StepState};
use crate::failure::{Failure, FailureKind, Result};
use crate::guard::Permit;
use crate::lineage::{CurrentDatabase, LineageRegister};
use crate::names::StepName;
use crate::ports::{DatabaseIdentity, DatabaseRole, Descriptor, Effects, Location, Mode, World};

/// Gives a database an identity that has none.
pub(super) struct Identify {
    pub world: World,
    pub inputs: AdoptInputs,
}

#[async_trait]
impl Step for Identify {
    type Output = ();

    fn name(&self) -> StepName {
        StepName::fixed(IDENTIFY)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<()>> {
        let wanted = (self.inputs.instance_id, self.inputs.lineage_id);
        let found = ask(&self.world, &self.inputs.administrator).await?;
        Ok(match found {
            None => StepState::Absent,
            Some(found) if (found.instance_id, found.lineage_id) == wanted => StepState::Done(()),
            Some(found) => StepState::Foreign(format!("lineage {} answers", found.lineage_id)),
        })
    }

    async fn apply(&self, _: &StepContext<'_>, permit: &Permit<'_>) -> Result<()> {
        let identity = DatabaseIdentity {
            instance_id: self.inputs.instance_id,
            lineage_id: self.inputs.lineage_id,
            role: DatabaseRole::Primary,
            effects: Effects::Flowing,
            sessions_valid_after: None,
        };
        let at = &self.inputs.administrator;
        let database = self.world.databases.open(at).await?;
        let written = database.set_identity(permit, &identity).await;
        database.close().await;
        written
    }
}

/// Lets the descriptor name the database as it names itself.
pub(super) struct Point {
    pub world: World,
    pub inputs: AdoptInputs,
}

impl Point {
    /// What the descriptor says now, and the generation that a new one replaces.
    async fn found(&self) -> Result<(u64, Descriptor)> {
        match (self.world.pointer.read().await?, &self.inputs.application) {
            (Some(found), _) => Ok((found.generation, found)),
            (None, Some(application)) => Ok((0, self.first(application.clone()))),
            (None, None) => Err(Failure::new(
                FailureKind::Unknown,
                "the database descriptor is gone",
            )
            .hint("opsctl doctor")),
        }
    }

    fn first(&self, location: Location) -> Descriptor {
        Descriptor {
            version: Descriptor::VERSION,
            generation: 0,
            location,
            instance_id: self.inputs.instance_id,
            lineage_id: self.inputs.lineage_id,
            mode: Mode::Normal,
            other: serde_json::Map::new(),
        }
    }
}

#[async_trait]
impl Step for Point {
    type Output = u64;

    fn name(&self) -> StepName {
        StepName::fixed(POINT)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<u64>> {
        let (generation, found) = self.found().await?;
        let wanted = (self.inputs.instance_id, self.inputs.lineage_id);
        let same = (found.instance_id, found.lineage_id) == wanted;
        Ok(match same && generation > 0 {
            true => StepState::Done(generation),
            false => StepState::Absent,
        })
    }

    async fn apply(&self, _: &StepContext<'_>, permit: &Permit<'_>) -> Result<u64> {
        let (generation, found) = self.found().await?;
        let new = Descriptor {
            generation: generation + 1,
            instance_id: self.inputs.instance_id,
            lineage_id: self.inputs.lineage_id,
            ..found
        };
        let pointer = &self.world.pointer;
        pointer.replace(permit, generation, &new).await?;
        Ok(new.generation)
    }
}

/// Keeps on record which database is the environment's own.
pub(super) struct RecordIt {
    pub world: World,
    pub inputs: AdoptInputs,
}

#[async_trait]
impl Step for RecordIt {
    type Output = ();

    fn name(&self) -> StepName {
        StepName::fixed(RECORD)
    }

    async fn check(&self, context: &StepContext<'_>) -> Result<StepState<()>> {
        let register = LineageRegister::load(self.world.store.as_ref()).await?;
        let ours = register
            .current
            .is_some_and(|current| current.by == *context.operation);
        Ok(match ours {
            true => StepState::Done(()),
            false => StepState::Absent,
        })
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<()> {
        permit.check()?;
        let lineage = self.inputs.lineage_id;
        let current = CurrentDatabase {
            instance_id: self.inputs.instance_id,
            lineage_id: lineage,
            since: context.clock.now(),
            by: context.operation.clone(),
            copy: None,
        };
        LineageRegister::update(self.world.store.as_ref(), |register| {
            let known = register.current.take();
            // A database that was once restored stays the copy that it was restored as.
            let copy = known
                .filter(|known| known.lineage_id == lineage)
                .and_then(|known| known.copy);
            register
                .set_aside
                .retain(|aside| aside.lineage_id != lineage);
            register.current = Some(CurrentDatabase {
                copy,
                ..current.clone()
            });
        })
        .await?;
        Ok(())
    }
}
