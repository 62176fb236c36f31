//! The restore drill as an operation.

use async_trait::async_trait;

use super::DrillInputs;
use super::steps::{
    Chill, Discard, Fetch, Locate, Observe, Pin, ReadyStep, Restore, Start, Take, Unpin, Verify,
    WarmRestore, WriteEvidence, Written, names,
};
use crate::doctor::Reap;
use crate::engine::{Conclusion, ErasedStep, Operation, Outputs, Plan, Precondition, erase};
use crate::failure::Result;
use crate::ports::{DatabaseIdentity, World};
use crate::restore::in_time;

/// A restore drill, built from its plan.
pub struct DrillRestore {
    world: World,
    inputs: DrillInputs,
    plan: Plan,
}

impl DrillRestore {
    /// The drill that `plan` describes.
    ///
    /// # Errors
    /// When the plan's inputs have another form.
    pub fn new(plan: &Plan, world: &World) -> Result<Self> {
        Ok(Self {
            world: world.clone(),
            inputs: plan.inputs()?,
            plan: plan.clone(),
        })
    }
}

#[async_trait]
impl Operation for DrillRestore {
    fn steps(&self) -> Vec<Box<dyn ErasedStep>> {
        let (world, inputs) = (|| self.world.clone(), || self.inputs.clone());
        let mut steps = vec![erase(Take { world: world() })];
        steps.extend(restored_and_proven(&self.world, &self.inputs));
        steps.extend([
            erase(WarmRestore {
                world: world(),
                inputs: inputs(),
            }),
            erase(WriteEvidence {
                world: world(),
                inputs: inputs(),
                started_at: self.plan.created_at,
                opsctl_version: self.plan.opsctl_version.clone(),
                cost: self.plan.cost.clone(),
            }),
            erase(Discard { world: world() }),
            erase(Unpin {
                world: world(),
                inputs: inputs(),
            }),
            erase(Reap { world: world() }),
        ]);
        steps
    }

    async fn observe(&self) -> Result<Vec<Precondition>> {
        let planned = self.plan.preconditions.first().cloned();
        present_lineage(&self.world, &self.inputs, planned).await
    }

    fn conclude(&self, outputs: &Outputs) -> Result<Conclusion> {
        let written: Written = outputs.get(names::EVIDENCE)?;
        let verdict = written.verdict();
        let result = serde_json::json!({
            "evidence": written.place,
            "evidence_sha256": written.sha256,
            "document": written.document,
        });
        Ok(Conclusion { result, verdict })
    }
}

/// The middle of every drill that restores: from the incident to the first row that is read.
pub(crate) fn restored_and_proven(world: &World, inputs: &DrillInputs) -> Vec<Box<dyn ErasedStep>> {
    let choice = inputs.backup.clone();
    let (world, inputs) = (|| world.clone(), || inputs.clone());
    vec![
        erase(Observe {
            world: world(),
            inputs: inputs(),
        }),
        erase(Pin {
            world: world(),
            inputs: inputs(),
        }),
        erase(Locate {
            world: world(),
            choice,
        }),
        erase(Chill {
            world: world(),
            inputs: inputs(),
        }),
        erase(Fetch {
            world: world(),
            inputs: inputs(),
        }),
        erase(Restore { world: world() }),
        erase(Start { world: world() }),
        erase(Verify {
            world: world(),
            inputs: inputs(),
        }),
        erase(ReadyStep { world: world() }),
    ]
}

/// Which line of history the live database is of, as the plan named it. That it is away now is a finding of the drill and no
/// refusal: then what was planned counts.
pub(crate) async fn present_lineage(
    world: &World,
    inputs: &DrillInputs,
    planned: Option<Precondition>,
) -> Result<Vec<Precondition>> {
    let Some(location) = &inputs.source else {
        return Ok(Vec::new());
    };
    let asked = async {
        let source = world.databases.open(location).await?;
        let identity = source.identity().await;
        source.close().await;
        identity
    };
    let Ok(identity) = in_time(asked).await else {
        return Ok(planned.into_iter().collect());
    };
    let named = |identity: DatabaseIdentity| Precondition {
        name: "live lineage".into(),
        value: identity.lineage_id.to_string(),
        until: None,
    };
    Ok(identity.map(named).into_iter().collect())
}
