//! Before the restore: the incident, the backup and its pin.

use async_trait::async_trait;

use super::super::{Choice, DrillInputs, Incident};
use super::names;
use crate::drill::measured::Measured;
use crate::engine::{Step, StepContext, StepState};
use crate::failure::{Failure, Result};
use crate::guard::Permit;
use crate::names::StepName;
use crate::pins::{Pin as PinRecord, pin, pins_of};
use crate::ports::{BackupRecord, World};

/// Takes a backup, because there is none.
pub struct Take {
    pub world: World,
}

#[async_trait]
impl Step for Take {
    type Output = BackupRecord;

    fn name(&self) -> StepName {
        StepName::fixed(names::TAKE)
    }

    async fn check(&self, context: &StepContext<'_>) -> Result<StepState<BackupRecord>> {
        self.world.backups.check(&context.operation.backup()).await
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<BackupRecord> {
        let id = context.operation.backup();
        self.world
            .backups
            .create(permit, &id, &context.progress)
            .await
    }
}

/// Notes the time of the incident, by the source's clock.
pub struct Observe {
    pub world: World,
    pub inputs: DrillInputs,
}

#[async_trait]
impl Step for Observe {
    type Output = Incident;

    fn name(&self) -> StepName {
        StepName::fixed(names::OBSERVE)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Incident>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, context: &StepContext<'_>, _: &Permit<'_>) -> Result<Incident> {
        let without_source = Incident {
            at: context.clock.now(),
            newest_heartbeat: None,
            by_source_clock: false,
        };
        let Some(location) = &self.inputs.source else {
            return Ok(without_source);
        };
        let source = match self.world.databases.open(location).await {
            Ok(source) => source,
            Err(failure) => {
                context
                    .progress
                    .warn(format!("the live database does not answer: {failure}"));
                return Ok(without_source);
            }
        };
        let incident = Incident {
            at: source.now().await?,
            newest_heartbeat: source.heartbeat().await?,
            by_source_clock: true,
        };
        source.close().await;
        Ok(incident)
    }
}

/// Pins the backup for as long as the copy may live.
pub struct Pin {
    pub world: World,
    pub inputs: DrillInputs,
}

#[async_trait]
impl Step for Pin {
    type Output = PinRecord;

    fn name(&self) -> StepName {
        StepName::fixed(names::PIN)
    }

    async fn check(&self, context: &StepContext<'_>) -> Result<StepState<PinRecord>> {
        let store = self.world.store.as_ref();
        let pins = pins_of(store, self.inputs.backup.id(), context.clock.now()).await?;
        let ours = pins.into_iter().find(|pin| pin.owner == *context.operation);
        Ok(ours.map_or(StepState::Absent, StepState::Done))
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<PinRecord> {
        permit.check()?;
        let record = PinRecord {
            owner: context.operation.clone(),
            reason: "a drill restores it".into(),
            since: context.clock.now(),
            until: Some(self.inputs.expires_at),
        };
        pin(self.world.store.as_ref(), self.inputs.backup.id(), &record).await?;
        Ok(record)
    }
}

/// The backup that was found.
pub type Located = Measured<BackupRecord>;

/// Finds the backup: the first phase of a restore.
pub struct Locate {
    pub world: World,
    pub choice: Choice,
}

#[async_trait]
impl Step for Locate {
    type Output = Located;

    fn name(&self) -> StepName {
        StepName::fixed(names::LOCATE)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Located>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, _: &StepContext<'_>, _: &Permit<'_>) -> Result<Located> {
        Measured::of(async {
            let (complete, broken) = self.world.backups.list().await?;
            let wanted = self.choice.id();
            if let Some(record) = complete.into_iter().find(|record| record.id == *wanted) {
                return Ok(record);
            }
            let fault = broken.into_iter().find(|(id, _)| id == wanted);
            let failure = Failure::failed(format!("backup {wanted} can't be used"));
            Err(match fault {
                Some((_, finding)) => {
                    failure.cause(format!("{}: {}", finding.file, finding.detail))
                }
                None => failure.cause("it is gone"),
            })
        })
        .await
    }
}
