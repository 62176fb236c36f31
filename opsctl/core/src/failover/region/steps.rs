//! The steps that are this drill's own: what is there, the way back, and the evidence.

use async_trait::async_trait;

use super::compose::{Frame, abroad_phases, compose};
use super::{Regions, abroad, fail_back, page};
use crate::clock::Timestamp;
use crate::costs::Cost;
use crate::drill::{SourceOf, Written, already_written, mark_passed};
use crate::engine::{Step, StepContext, StepState};
use crate::failover::names::{FAIL_BACK, READINESS};
use crate::failure::Result;
use crate::guard::Permit;
use crate::names::{OperationId, StepName};
use crate::ports::{Part, World};
use crate::restore::names::step;
use crate::state::{Key, StoreError};

use super::RegionInputs;

/// Looks at everything that a failover needs.
pub struct LookAround(pub World);

#[async_trait]
impl Step for LookAround {
    type Output = Vec<Part>;

    fn name(&self) -> StepName {
        step(READINESS)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Vec<Part>>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, context: &StepContext<'_>, _: &Permit<'_>) -> Result<Vec<Part>> {
        let parts = abroad::look(&self.0, self.0.away()?).await;
        for part in parts.iter().filter(|part| part.lacks()) {
            let what = format!("{}: {}", part.name, part.detail);
            context.progress.warn(what);
        }
        Ok(parts)
    }
}

/// Where the way back is kept.
pub fn fail_back_key(operation: &OperationId) -> Key {
    Key::of(&["failovers", operation.as_str(), "fail-back.md"])
}

/// Writes the way back down, beside the journal.
pub struct PlanFailBack {
    pub world: World,
    pub regions: Regions,
    pub made_at: Timestamp,
}

/// The way back as it was written.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct WayBack {
    /// Its place in the store.
    pub place: String,
    /// Its steps.
    pub steps: Vec<super::BackStep>,
}

#[async_trait]
impl Step for PlanFailBack {
    type Output = WayBack;

    fn name(&self) -> StepName {
        step(FAIL_BACK)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<WayBack>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<WayBack> {
        let environment = &self.world.environment.name;
        let key = fail_back_key(context.operation);
        let made = (context.operation, self.made_at);
        let text = page(environment, &self.regions, made);
        permit.check()?;
        // Whoever goes on after a death writes the same text.
        match self.world.store.create(&key, text.as_bytes()).await {
            Ok(()) | Err(StoreError::Conflict(_)) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(WayBack {
            place: key.to_string(),
            steps: fail_back(environment, &self.regions),
        })
    }
}

/// Signs what was seen.
pub struct WriteEvidence {
    pub world: World,
    pub inputs: RegionInputs,
    pub started_at: Timestamp,
    pub opsctl_version: String,
    /// What its copy costs.
    pub cost: Option<Cost>,
}

#[async_trait]
impl Step for WriteEvidence {
    type Output = Written;

    fn name(&self) -> StepName {
        step(crate::drill::names::EVIDENCE)
    }

    async fn check(&self, context: &StepContext<'_>) -> Result<StepState<Written>> {
        already_written(&self.world, context.operation).await
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<Written> {
        let frame = Frame {
            drill: crate::drill::Frame {
                operation: context.operation,
                environment: &self.world.environment,
                inputs: &self.inputs.drill,
                principal: permit.approval().principal(),
                opsctl_version: &self.opsctl_version,
                source: SourceOf::CountsAsLost,
                started_at: self.started_at,
                finished_at: context.clock.now(),
                further: abroad_phases(context.outputs)?,
                cost: self.cost.as_ref(),
            },
            workloads: self.inputs.workloads.as_ref(),
            regions: &self.inputs.region,
        };
        let document = compose(&frame, context.outputs)?;
        Written::sign(&self.world, permit, document).await
    }

    async fn verify(&self, context: &StepContext<'_>, written: &Written) -> Result<()> {
        mark_passed(&self.world, &written.document, context.outputs).await
    }
}
