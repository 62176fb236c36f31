//! The release's own records: opened before anything is applied, closed when all is decided.

use std::sync::Arc;

use async_trait::async_trait;

use crate::deploy::evidence::Evidence;
use crate::deploy::gate::GateReport;
use crate::deploy::inputs::{DeployInputs, OnFailure};
use crate::deploy::pinned::pin;
use crate::deploy::plan::{CLOSE, CLOSE_FAILED, OPEN};
use crate::deploy::release::{Closed, Opened, Verdict, close, evidence, open, show};
use crate::engine::{Step, StepContext, StepState};
use crate::failure::{Failure, Result};
use crate::guard::Permit;
use crate::names::StepName;
use crate::ports::World;
use crate::workloads::Object;

/// Takes the number, and keeps what will be applied.
pub struct Open {
    pub world: World,
    pub inputs: Arc<DeployInputs>,
    pub plan_sha256: String,
}

#[async_trait]
impl Step for Open {
    type Output = Opened;

    fn name(&self) -> StepName {
        StepName::fixed(OPEN)
    }

    async fn check(&self, context: &StepContext<'_>) -> Result<StepState<Opened>> {
        let store = self.world.store.as_ref();
        Ok(match show(store, self.inputs.number).await {
            Ok(found) if found.opened.operation == *context.operation => {
                StepState::Done(found.opened)
            }
            Ok(found) => StepState::Foreign(format!(
                "release {} of {}",
                self.inputs.number, found.opened.operation
            )),
            Err(_) => StepState::Absent,
        })
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<Opened> {
        permit.check()?;
        pin(self.world.store.as_ref(), &self.inputs.cluster).await?;
        let objects: Vec<Object> = self
            .inputs
            .objects
            .iter()
            .map(|it| it.object.clone())
            .collect();
        let opened = Opened {
            number: self.inputs.number,
            operation: context.operation.clone(),
            at: context.clock.now(),
            plan_sha256: self.plan_sha256.clone(),
            origin: self.inputs.origin,
            images: self.inputs.images.clone(),
            inventory: objects.iter().map(Object::reference).collect(),
        };
        open(self.world.store.as_ref(), &opened, &objects).await?;
        Ok(opened)
    }
}

/// Says that the release serves.
pub struct Close {
    pub world: World,
    pub inputs: Arc<DeployInputs>,
}

#[async_trait]
impl Step for Close {
    type Output = Closed;

    fn name(&self) -> StepName {
        StepName::fixed(CLOSE)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Closed>> {
        found(&self.world, &self.inputs).await
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<Closed> {
        permit.check()?;
        let closed = Closed {
            at: context.clock.now(),
            verdict: Verdict::Succeeded,
            causes: Vec::new(),
            gate: gate(&self.inputs, context)?,
        };
        close(self.world.store.as_ref(), self.inputs.number, &closed).await?;
        Ok(closed)
    }
}

/// Says that the release failed, and why.
pub struct CloseFailed {
    pub world: World,
    pub inputs: Arc<DeployInputs>,
}

#[async_trait]
impl Step for CloseFailed {
    type Output = Option<Closed>;

    fn name(&self) -> StepName {
        StepName::fixed(CLOSE_FAILED)
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Option<Closed>>> {
        Ok(match found(&self.world, &self.inputs).await? {
            StepState::Done(closed) => StepState::Done(Some(closed)),
            _ => StepState::Absent,
        })
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<Self::Output> {
        permit.check()?;
        let (store, number) = (self.world.store.as_ref(), self.inputs.number);
        // A release that was never opened has nothing to close.
        if show(store, number).await.is_err() {
            return Ok(None);
        }
        let seen: Option<Evidence> = evidence(store, number).await?;
        let mut gate = gate(&self.inputs, context)?;
        gate.extend(seen.iter().flat_map(|seen| seen.gate.clone()));
        let closed = Closed {
            gate,
            at: context.clock.now(),
            verdict: match self.inputs.on_failure {
                OnFailure::RollBack => Verdict::RolledBack,
                OnFailure::Keep => Verdict::Kept,
            },
            causes: causes(seen.as_ref(), context.failed),
        };
        close(store, number, &closed).await?;
        Ok(Some(closed))
    }

    fn releases(&self) -> bool {
        true
    }
}

/// What the gate saw in the steps that came to their end.
fn gate(inputs: &DeployInputs, context: &StepContext<'_>) -> Result<Vec<GateReport>> {
    let mut all = Vec::new();
    for wave in inputs.gated_waves() {
        for step in [wave.try_out(), wave.prove()] {
            let reports: Option<Vec<GateReport>> = context.outputs.find(&step)?;
            all.extend(reports.into_iter().flatten());
        }
    }
    Ok(all)
}

/// What was seen in the cluster; where nothing was, what stopped the release.
fn causes(seen: Option<&Evidence>, failed: Option<&Failure>) -> Vec<String> {
    let seen = seen.map(Evidence::causes).unwrap_or_default();
    match failed {
        Some(failure) if seen.is_empty() => vec![failure.to_string()],
        _ => seen,
    }
}

async fn found(world: &World, inputs: &DeployInputs) -> Result<StepState<Closed>> {
    let release = show(world.store.as_ref(), inputs.number).await;
    let closed = release.ok().and_then(|release| release.closed);
    Ok(closed.map_or(StepState::Absent, StepState::Done))
}
