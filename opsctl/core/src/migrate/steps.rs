//! The steps of a migration: make the database where there is none, change it, say which one it is.

use async_trait::async_trait;

use super::{MigrateInputs, Migration, NewDatabase, Target};
use crate::engine::{Outputs, Step, StepContext, StepState};
use crate::failure::{Failure, Result};
use crate::guard::Permit;
use crate::lineage::{CurrentDatabase, LineageRegister};
use crate::names::StepName;
use crate::ports::{
    DatabaseIdentity, DatabaseRole, Descriptor, Effects, Location, Mode, Provisioned, World,
};

/// Makes the empty database.
pub(super) const CREATE: &str = "create-database";
/// Writes who it is.
pub(super) const IDENTIFY: &str = "identify-database";
/// Writes the descriptor.
pub(super) const POINT: &str = "write-descriptor";

/// Where the migrated database is; `None` while it does not exist.
pub(super) fn target_location(target: &Target, outputs: &Outputs) -> Result<Option<Location>> {
    match target {
        Target::Existing { location, .. } => Ok(Some(location.clone())),
        Target::New(_) => Ok(outputs
            .find::<Provisioned>(CREATE)?
            .map(|made| made.administrator)),
    }
}

pub(super) struct Create {
    pub world: World,
    pub new: NewDatabase,
}

#[async_trait]
impl Step for Create {
    type Output = Provisioned;

    fn name(&self) -> StepName {
        StepName::fixed(CREATE)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Provisioned>> {
        Ok(match self.world.pointer.read().await? {
            Some(known) if known.lineage_id != self.new.lineage_id => StepState::Foreign(format!(
                "the environment has a database, {}",
                known.lineage_id
            )),
            _ => StepState::Absent,
        })
    }

    async fn apply(&self, _: &StepContext<'_>, permit: &Permit<'_>) -> Result<Provisioned> {
        self.world
            .provision
            .create(permit, self.new.lineage_id)
            .await
    }
}

pub(super) struct OneMigration {
    pub step: StepName,
    pub world: World,
    pub migration: Migration,
    pub inputs: MigrateInputs,
}

impl OneMigration {
    fn location(&self, context: &StepContext<'_>) -> Result<Location> {
        target_location(&self.inputs.target, context.outputs)?
            .ok_or_else(|| Failure::failed("the database was not made"))
    }

    async fn has(&self, context: &StepContext<'_>) -> Result<bool> {
        let applied = self.world.schema.applied(&self.location(context)?).await?;
        Ok(applied
            .iter()
            .any(|has| has.version == self.migration.version))
    }
}

#[async_trait]
impl Step for OneMigration {
    type Output = String;

    fn name(&self) -> StepName {
        self.step.clone()
    }

    async fn check(&self, context: &StepContext<'_>) -> Result<StepState<String>> {
        let wanted = !self.inputs.down;
        let done = self.has(context).await? == wanted;
        Ok(if done {
            StepState::Done(self.migration.title())
        } else {
            StepState::Absent
        })
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<String> {
        let (location, schema) = (self.location(context)?, &self.world.schema);
        if self.inputs.down {
            schema.revert(permit, &location, &self.migration).await?;
        } else {
            schema.apply(permit, &location, &self.migration).await?;
        }
        Ok(self.migration.title())
    }

    async fn verify(&self, context: &StepContext<'_>, _: &String) -> Result<()> {
        if self.has(context).await? == self.inputs.down {
            let what = format!("{} is not as it should be", self.migration.title());
            return Err(Failure::new(crate::FailureKind::Unknown, what));
        }
        Ok(())
    }
}

pub(super) struct Identify {
    pub world: World,
    pub new: NewDatabase,
}

#[async_trait]
impl Step for Identify {
    type Output = DatabaseIdentity;

    fn name(&self) -> StepName {
        StepName::fixed(IDENTIFY)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<DatabaseIdentity>> {
        Ok(StepState::Absent)
    }

    async fn apply(
        &self,
        context: &StepContext<'_>,
        permit: &Permit<'_>,
    ) -> Result<DatabaseIdentity> {
        let made: Provisioned = context.outputs.get(CREATE)?;
        let identity = DatabaseIdentity {
            instance_id: self.new.instance_id,
            lineage_id: self.new.lineage_id,
            role: DatabaseRole::Primary,
            effects: Effects::Flowing,
            sessions_valid_after: None,
        };
        let database = self.world.databases.open(&made.administrator).await?;
        let written = database.set_identity(permit, &identity).await;
        database.close().await;
        written?;
        let current = CurrentDatabase {
            instance_id: self.new.instance_id,
            lineage_id: self.new.lineage_id,
            since: context.clock.now(),
            by: context.operation.clone(),
            copy: None,
        };
        LineageRegister::update(self.world.store.as_ref(), |register| {
            register.current.get_or_insert_with(|| current.clone());
        })
        .await?;
        Ok(identity)
    }
}

pub(super) struct Point {
    pub world: World,
    pub new: NewDatabase,
}

#[async_trait]
impl Step for Point {
    type Output = u64;

    fn name(&self) -> StepName {
        StepName::fixed(POINT)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<u64>> {
        Ok(match self.world.pointer.read().await? {
            None => StepState::Absent,
            Some(known) if known.lineage_id == self.new.lineage_id => {
                StepState::Done(known.generation)
            }
            Some(known) => StepState::Foreign(format!("the descriptor names {}", known.lineage_id)),
        })
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<u64> {
        let made: Provisioned = context.outputs.get(CREATE)?;
        let descriptor = Descriptor {
            version: Descriptor::VERSION,
            generation: 1,
            location: made.application,
            instance_id: self.new.instance_id,
            lineage_id: self.new.lineage_id,
            mode: Mode::Normal,
            other: serde_json::Map::new(),
        };
        self.world.pointer.replace(permit, 0, &descriptor).await?;
        Ok(descriptor.generation)
    }
}
