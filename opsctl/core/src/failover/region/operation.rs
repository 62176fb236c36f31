//! `opsctl drill failover --kind region` as an operation: the restore drill's steps in the world as the backup region sees it.

use async_trait::async_trait;

use super::RegionInputs;
use super::abroad::{Admit, Clear, Deploy, Dismiss, Switch, Visit};
use super::plan::lineage;
use super::steps::{LookAround, PlanFailBack, WayBack, WriteEvidence};
use crate::doctor::Reap;
use crate::drill::steps::{Discard, Unpin, Written, names};
use crate::drill::{present_lineage, restored_and_proven};
use crate::engine::{Conclusion, ErasedStep, Operation, Outputs, Plan, Precondition, erase};
use crate::failover::names::FAIL_BACK;
use crate::failure::Result;
use crate::ports::World;

/// A drill of a lost region, built from its plan.
pub struct DrillRegion {
    /// As the backup region sees it.
    world: World,
    inputs: RegionInputs,
    plan: Plan,
}

impl DrillRegion {
    /// Whether a plan of a failover drill is one of these.
    #[must_use]
    pub fn is_of(plan: &Plan) -> bool {
        plan.inputs.get("region").is_some()
    }

    /// The drill that `plan` describes.
    ///
    /// # Errors
    /// When the plan's inputs have another form, or there is no second place.
    pub fn from_plan(plan: &Plan, world: &World) -> Result<Self> {
        Ok(Self {
            world: world.seen_from_away()?,
            inputs: plan.inputs()?,
            plan: plan.clone(),
        })
    }
}

impl DrillRegion {
    /// The workloads on the copy, until a user is answered; nothing, where opsctl is told of no place for them.
    fn brought_up(&self) -> Vec<Box<dyn ErasedStep>> {
        let world = || self.world.clone();
        let Some(inputs) = &self.inputs.workloads else {
            return Vec::new();
        };
        vec![
            erase(Admit { world: world() }),
            erase(Deploy {
                world: world(),
                inputs: inputs.clone(),
                expires_at: self.inputs.drill.expires_at,
            }),
            erase(Switch {
                world: world(),
                inputs: inputs.clone(),
            }),
            erase(Visit { world: world() }),
        ]
    }
}

#[async_trait]
impl Operation for DrillRegion {
    fn steps(&self) -> Vec<Box<dyn ErasedStep>> {
        let world = || self.world.clone();
        let mut steps = vec![erase(LookAround(world()))];
        steps.extend(restored_and_proven(&self.world, &self.inputs.drill));
        steps.extend(self.brought_up());
        steps.extend([
            erase(PlanFailBack {
                world: world(),
                regions: self.inputs.region.clone(),
                made_at: self.plan.created_at,
            }),
            erase(WriteEvidence {
                world: world(),
                inputs: self.inputs.clone(),
                started_at: self.plan.created_at,
                opsctl_version: self.plan.opsctl_version.clone(),
                cost: self.plan.cost.clone(),
            }),
        ]);
        if self.inputs.workloads.is_some() {
            steps.push(erase(Dismiss { world: world() }));
        }
        steps.extend([
            erase(Discard { world: world() }),
            erase(Unpin {
                world: world(),
                inputs: self.inputs.drill.clone(),
            }),
        ]);
        if let Some(inputs) = self.inputs.workloads.clone() {
            let world = world();
            steps.push(erase(Clear { world, inputs }));
        }
        steps.push(erase(Reap { world: world() }));
        steps
    }

    async fn observe(&self) -> Result<Vec<Precondition>> {
        let planned = lineage(&self.inputs.drill);
        present_lineage(&self.world, &self.inputs.drill, planned).await
    }

    fn conclude(&self, outputs: &Outputs) -> Result<Conclusion> {
        let written: Written = outputs.get(names::EVIDENCE)?;
        let back: WayBack = outputs.get(FAIL_BACK)?;
        let verdict = written.verdict();
        let result = serde_json::json!({
            "evidence": written.place,
            "evidence_sha256": written.sha256,
            "fail_back": back,
            "document": written.document,
        });
        Ok(Conclusion { result, verdict })
    }
}
