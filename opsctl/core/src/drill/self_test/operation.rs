//! The self-test as an operation.

use async_trait::async_trait;

use super::super::DrillRestore;
use super::super::steps::{Discard, Pin, Take, Unpin, Written, names};
use super::evidence::WriteSelfTest;
use super::plan::SelfTestInputs;
use super::round::{AFTER, BEFORE, Round, Treatment};
use super::trial::{Trial, step_name};
use crate::engine::{
    Conclusion, ErasedStep, Operation, Outputs, Plan, Precondition, Verdict, erase,
};
use crate::failure::Result;
use crate::integrity::{Damage, DamageKind};
use crate::ports::World;

/// A self-test of the restore drill, built from its plan.
pub struct DrillSelfTest {
    world: World,
    inputs: SelfTestInputs,
    plan: Plan,
}

impl DrillSelfTest {
    /// The self-test that `plan` describes.
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

    fn round(&self, treatment: Treatment) -> Box<dyn ErasedStep> {
        erase(Round {
            world: self.world.clone(),
            inputs: self.inputs.drill.clone(),
            treatment,
        })
    }

    fn damages(&self) -> impl Iterator<Item = Damage> {
        let seed = self.inputs.seed;
        DamageKind::ALL
            .into_iter()
            .zip(0_u64..)
            .map(move |(kind, number)| Damage {
                kind,
                seed: seed.wrapping_add(number),
            })
    }
}

#[async_trait]
impl Operation for DrillSelfTest {
    fn steps(&self) -> Vec<Box<dyn ErasedStep>> {
        let (world, inputs) = (|| self.world.clone(), || self.inputs.drill.clone());
        let mut steps = vec![
            erase(Take { world: world() }),
            erase(Pin {
                world: world(),
                inputs: inputs(),
            }),
            self.round(Treatment::Control(BEFORE)),
        ];
        steps.extend(
            self.damages()
                .map(|damage| self.round(Treatment::Damage(damage))),
        );
        steps.push(self.round(Treatment::Control(AFTER)));
        steps.push(erase(WriteSelfTest {
            world: world(),
            inputs: self.inputs.clone(),
            started_at: self.plan.created_at,
            opsctl_version: self.plan.opsctl_version.clone(),
        }));
        steps.push(erase(Discard { world: world() }));
        steps.push(erase(Unpin {
            world: world(),
            inputs: inputs(),
        }));
        steps
    }

    async fn observe(&self) -> Result<Vec<Precondition>> {
        let mut plan = self.plan.clone();
        plan.inputs = serde_json::to_value(&self.inputs.drill).unwrap_or_default();
        DrillRestore::new(&plan, &self.world)?.observe().await
    }

    fn conclude(&self, outputs: &Outputs) -> Result<Conclusion> {
        let mut trials = trials(outputs)?;
        let written: Written = outputs.get(names::EVIDENCE)?;
        let complaints: Vec<String> = trials.iter().filter_map(Trial::complaint).collect();
        for trial in &mut trials {
            trial.fingerprints.clear();
        }
        let result = serde_json::json!({
            "backup_id": self.inputs.drill.backup.id(),
            "seed": self.inputs.seed,
            "trials": trials,
            "evidence": written.place,
        });
        let verdict = match complaints.is_empty() {
            true => Verdict::Kept,
            false => Verdict::Broken(complaints),
        };
        Ok(Conclusion { result, verdict })
    }
}

/// Every trial, in its order.
///
/// # Errors
/// When one is missing.
pub(super) fn trials(outputs: &Outputs) -> Result<Vec<Trial>> {
    let mut trials: Vec<Trial> = vec![outputs.get(BEFORE)?];
    for kind in DamageKind::ALL {
        trials.push(outputs.get(step_name(kind))?);
    }
    trials.push(outputs.get(AFTER)?);
    Ok(trials)
}
