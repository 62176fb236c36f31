//! Keeping what is seen of a failure, before going back takes it away.

use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;

use crate::deploy::evidence::{Evidence, Sight, gather};
use crate::deploy::follow::Watching;
use crate::deploy::inputs::DeployInputs;
use crate::deploy::plan::{BASELINE, EVIDENCE};
use crate::deploy::release::{evidence, keep_evidence};
use crate::deploy::verdict::{CauseCode, Finding};
use crate::engine::{Step, StepContext, StepState, When};
use crate::failure::Result;
use crate::guard::Permit;
use crate::names::StepName;
use crate::ports::World;
use crate::workloads::{ObjectKind, ObjectRef};

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
    pub inputs: Arc<DeployInputs>,
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
        let findings: Vec<Finding> = self.migration_failed(context).into_iter().collect();
        let sight = Sight {
            board: &watching.board,
            namespace: &self.inputs.namespace,
            findings: &findings,
        };
        let found = gather(cluster, sight, context.clock.now()).await;
        keep_evidence(self.world.store.as_ref(), self.inputs.number, &found).await?;
        Ok(Kept::of(&found))
    }
}

impl KeepEvidence {
    /// A migration that was begun and not finished is what failed: nothing comes between it and the way back.
    fn migration_failed(&self, context: &StepContext<'_>) -> Option<Finding> {
        let done = |step: &str| matches!(context.outputs.find::<Value>(step), Ok(Some(_)));
        let mut steps = self.inputs.migration.iter().flat_map(|plan| &plan.actions);
        let step = steps.find(|action| action.when == When::Success && !done(action.step.as_str()));
        let step = step.filter(|_| done(BASELINE))?;
        let database = ObjectRef {
            kind: ObjectKind::new("", "migration"),
            namespace: None,
            name: step.object.clone(),
        };
        let words = context.failed?.causes.join(": ");
        Some(Finding::new(CauseCode::MigrationFailed, &database, words))
    }
}
