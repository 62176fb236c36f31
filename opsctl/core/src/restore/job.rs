//! What every step of one restore shares.

use std::sync::Arc;

use super::RestoreInputs;
use crate::failure::Result;
use crate::names::OperationId;
use crate::ports::World;

/// One restore: the world it works on and what it was asked for.
pub struct Job {
    /// The outside.
    pub world: World,
    /// The operation.
    pub operation: OperationId,
    /// What the plan says.
    pub inputs: RestoreInputs,
}

/// Shared by the steps.
pub type SharedJob = Arc<Job>;

impl Job {
    /// True once the copy serves: from then on it is not scratch that may be made again.
    pub async fn has_switched(&self) -> Result<bool> {
        let Some(old) = &self.inputs.crossing else {
            return Ok(false);
        };
        let descriptor = self.world.pointer.read().await?;
        Ok(descriptor.is_some_and(|found| found.lineage_id != old.lineage_id))
    }
}
