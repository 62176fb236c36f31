//! Keeping what is seen of a failure, before going back takes it away.

use async_trait::async_trait;

use crate::deploy::evidence::{Evidence, gather};
use crate::deploy::follow::Watching;
use crate::deploy::inputs::DeployInputs;
use crate::deploy::plan::EVIDENCE;
use crate::deploy::release::{evidence, keep_evidence};
use crate::engine::{Step, StepContext, StepState};
use crate::failure::Result;
use crate::guard::Permit;
use crate::names::StepName;
use crate::ports::World;

/// What was kept, in short.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Kept {
    /// The causes, in a line each.
    pub causes: Vec<String>,
    /// How many logs.
    pub logs: usize,
    /// How many events.
    pub events: usize,
}

impl Kept {
    fn of(evidence: &Evidence) -> Self {
        Self {
            causes: evidence.causes(),
            logs: evidence.pods.iter().map(|pod| pod.logs.len()).sum(),
            events: evidence.events.len(),
        }
    }
}

/// Keeps evidence, unless the step that failed has done so itself.
pub struct KeepEvidence {
    pub world: World,
    pub inputs: DeployInputs,
}

#[async_trait]
impl Step for KeepEvidence {
    type Output = Kept;

    fn name(&self) -> StepName {
        StepName::fixed(EVIDENCE)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Kept>> {
        let found: Option<Evidence> =
            evidence(self.world.store.as_ref(), self.inputs.number).await?;
        Ok(found.map_or(StepState::Absent, |found| StepState::Done(Kept::of(&found))))
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<Kept> {
        permit.check()?;
        let cluster = self.world.cluster()?;
        let watching = Watching::begin(cluster, &self.inputs.namespace).await?;
        let found = gather(cluster, &watching.board, &[], context.clock.now()).await;
        keep_evidence(self.world.store.as_ref(), self.inputs.number, &found).await?;
        Ok(Kept::of(&found))
    }
}
