//! What the steps of a crossing share.

use std::sync::Arc;

use super::super::CrossingInputs;
use crate::clock::Timestamp;
use crate::engine::{Outputs, StepContext};
use crate::failure::{Failure, FailureKind, Result};
use crate::guard::Permit;
use crate::names::{InstanceId, LineageId, OperationId, ScratchName};
use crate::ports::{Descriptor, Location, Mode, World};
use crate::restore::names::PROMOTE;

/// The field of the descriptor that says which operation froze the application.
pub const FROZEN_BY: &str = "frozen_by";

/// One crossing: from the database that serves to the one that was promoted.
pub struct Crossing {
    /// The outside.
    pub world: World,
    /// The operation.
    pub operation: OperationId,
    /// The database that serves when it begins.
    pub old: CrossingInputs,
}

/// Shared by the steps.
pub type SharedCrossing = Arc<Crossing>;

/// The database that takes over, as the step `promote` left it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Promoted {
    /// The instance.
    pub instance_id: InstanceId,
    /// Its line of history.
    pub lineage_id: LineageId,
    /// Where the application will connect.
    pub location: Location,
    /// Where an administrator connects.
    pub administrator: Location,
    /// The copy that it was restored as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy: Option<ScratchName>,
    /// Sessions that began before are refused, by its own clock; `None`: all of them go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sessions_valid_after: Option<Timestamp>,
}

impl Crossing {
    /// The database that takes over.
    pub fn new_side(outputs: &Outputs) -> Result<Promoted> {
        outputs.get(PROMOTE)
    }

    /// The descriptor, which must exist.
    pub async fn descriptor(&self) -> Result<Descriptor> {
        self.world.pointer.read().await?.ok_or_else(|| {
            Failure::new(FailureKind::Unknown, "the database descriptor is gone")
                .hint("opsctl doctor")
        })
    }

    /// True once the descriptor names another database than the old one.
    pub async fn has_switched(&self) -> Result<bool> {
        Ok(self.descriptor().await?.lineage_id != self.old.lineage_id)
    }

    /// True when this operation froze the application.
    pub fn is_ours(&self, descriptor: &Descriptor) -> bool {
        frozen_by(descriptor) == Some(self.operation.as_str())
    }

    /// Writes the mode, and who holds it; returns the generation that says so.
    pub async fn write_mode(
        &self,
        context: &StepContext<'_>,
        permit: &Permit<'_>,
        mode: Mode,
        held: Held,
    ) -> Result<u64> {
        let found = self.descriptor().await?;
        let mut new = found.clone();
        new.mode = mode;
        new.generation = found.generation + 1;
        match held {
            Held::ByUs => {
                let ours = self.operation.as_str().into();
                new.other.insert(FROZEN_BY.into(), ours);
            }
            Held::ByNobody => {
                new.other.remove(FROZEN_BY);
            }
        }
        context.progress.note(format!("mode: {}", mode.as_str()));
        self.world
            .pointer
            .replace(permit, found.generation, &new)
            .await?;
        Ok(new.generation)
    }

    /// The mode while frozen: who was closed altogether stays closed.
    pub const fn frozen_mode(&self) -> Mode {
        match self.old.mode {
            Mode::Maintenance => Mode::Maintenance,
            Mode::Normal | Mode::ReadOnly => Mode::ReadOnly,
        }
    }
}

/// Whether a mode is held by an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// This operation will take it back.
    ByUs,
    /// It is the application's own again.
    ByNobody,
}

/// Which operation froze the application; `None` when none did.
pub fn frozen_by(descriptor: &Descriptor) -> Option<&str> {
    descriptor.other.get(FROZEN_BY)?.as_str()
}
