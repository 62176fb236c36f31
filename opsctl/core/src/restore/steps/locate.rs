//! Finds the backup, and that it is still the one that was planned.

use async_trait::async_trait;

use super::super::job::SharedJob;
use super::super::names::{LOCATE, step};
use crate::engine::{Step, StepContext, StepState};
use crate::failure::{Failure, FailureKind, Result};
use crate::guard::Permit;
use crate::names::StepName;
use crate::ports::BackupRecord;

/// Reads the backup's record.
pub struct Locate(pub SharedJob);

#[async_trait]
impl Step for Locate {
    type Output = BackupRecord;

    fn name(&self) -> StepName {
        step(LOCATE)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<BackupRecord>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, _: &StepContext<'_>, _: &Permit<'_>) -> Result<BackupRecord> {
        let inputs = &self.0.inputs;
        let id = inputs.target.backup();
        match self.0.world.backups.check(id).await? {
            StepState::Done(record) if record.manifest_sha256 == inputs.manifest_sha256 => {
                Ok(record)
            }
            StepState::Done(_) => Err(Failure::new(
                FailureKind::PromiseBroken,
                format!("backup '{id}' is not the one that was planned"),
            )
            .cause("its manifest has another checksum")
            .hint(format!("opsctl backup verify {id}"))),
            StepState::Unknown(why) | StepState::Foreign(why) => Err(Failure::new(
                FailureKind::PromiseBroken,
                format!("backup '{id}' can't be used"),
            )
            .cause(why)
            .hint(format!("opsctl backup verify {id}"))),
            StepState::Absent | StepState::InFlight => {
                Err(Failure::failed(format!("backup '{id}' is gone")).hint("opsctl backup list"))
            }
        }
    }
}
