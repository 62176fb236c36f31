//! Keeps the backup from being pruned while it is read.

use async_trait::async_trait;

use super::super::job::SharedJob;
use super::super::names::{PIN, UNPIN, step};
use crate::clock::Timestamp;
use crate::engine::{Step, StepContext, StepState};
use crate::failure::Result;
use crate::guard::Permit;
use crate::names::{OperationId, StepName};
use crate::state::{Key, StoreError, decode, encode};

/// Who reads a backup, and since when.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PinRecord {
    /// The operation.
    pub operation: OperationId,
    /// Since when.
    pub since: Timestamp,
    /// Why, in words.
    pub reason: String,
}

/// Pins the backup.
pub struct Pin(pub SharedJob);

/// Lets the backup go.
pub struct Unpin(pub SharedJob);

fn key(job: &SharedJob) -> Key {
    Key::pin(job.inputs.target.backup(), &job.operation)
}

#[async_trait]
impl Step for Pin {
    type Output = PinRecord;

    fn name(&self) -> StepName {
        step(PIN)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<PinRecord>> {
        let key = key(&self.0);
        Ok(match self.0.world.store.read(&key).await? {
            Some(bytes) => StepState::Done(decode(&key, &bytes)?),
            None => StepState::Absent,
        })
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<PinRecord> {
        permit.check()?;
        let record = PinRecord {
            operation: self.0.operation.clone(),
            since: context.clock.now(),
            reason: "a restore reads it".into(),
        };
        let bytes = encode(&record)?;
        match self.0.world.store.create(&key(&self.0), &bytes).await {
            Ok(()) | Err(StoreError::Conflict(_)) => Ok(record),
            Err(error) => Err(error.into()),
        }
    }

    async fn still_holds(&self, _: &StepContext<'_>, _: &PinRecord) -> Result<bool> {
        Ok(self.0.world.store.read(&key(&self.0)).await?.is_some())
    }
}

#[async_trait]
impl Step for Unpin {
    type Output = ();

    fn name(&self) -> StepName {
        step(UNPIN)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<()>> {
        Ok(match self.0.world.store.read(&key(&self.0)).await? {
            Some(_) => StepState::Absent,
            None => StepState::Done(()),
        })
    }

    async fn apply(&self, _: &StepContext<'_>, permit: &Permit<'_>) -> Result<()> {
        permit.check()?;
        Ok(self.0.world.store.delete(&key(&self.0)).await?)
    }

    fn releases(&self) -> bool {
        true
    }
}
