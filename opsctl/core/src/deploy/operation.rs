//! A deploy, or a rollback, as an operation.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use serde_json::json;

use super::compare::compare;
use super::inputs::{DeployInputs, OnFailure, PlannedObject, precondition};
use super::live::Live;
use super::plan::{CLOSE, LATEST, newest, newest_release, same_cluster};
use super::preflight::preflight;
use super::release::{Closed, history};
use super::steps::{
    Close, CloseFailed, KeepEvidence, LookBefore, MoveLatest, Open, PlaceSecrets, Prove, Prune,
    RollBack, RollOut, TryOut,
};
use super::waves::Wave;
use crate::engine::{Conclusion, ErasedStep, Operation, Outputs, Plan, Precondition, erase};
use crate::failure::Result;
use crate::migrate::Migrate;
use crate::ports::World;
use crate::workloads::{Object, ObjectRef};

/// A deploy, built from its plan.
pub struct Deploy {
    world: World,
    /// One for all steps: it holds every object.
    inputs: Arc<DeployInputs>,
    plan_sha256: String,
    migration: Option<Migrate>,
    /// What the first look under the lock saw. Later each object proves itself as it is applied, by its version: asking
    /// for all of them again before every step would cost a question an object and prove less.
    seen: Mutex<Option<Vec<Precondition>>>,
}

impl Deploy {
    /// The deploy that `plan` describes.
    ///
    /// # Errors
    /// When the plan's inputs have another form, or the environment runs nothing on Kubernetes.
    pub fn from_plan(plan: &Plan, world: &World) -> Result<Self> {
        world.cluster()?;
        let inputs: DeployInputs = plan.inputs()?;
        let migration = inputs
            .migration
            .as_ref()
            .map(|plan| Migrate::new(plan, world));
        Ok(Self {
            world: world.clone(),
            migration: migration.transpose()?,
            inputs: Arc::new(inputs),
            plan_sha256: plan.hash(),
            seen: Mutex::new(None),
        })
    }

    fn changed(&self) -> impl Iterator<Item = &PlannedObject> {
        self.inputs
            .objects
            .iter()
            .filter(|planned| planned.changes())
    }

    /// A wave, measured before and after where a gate says so.
    fn of_wave(&self, wave: Wave) -> Vec<Box<dyn ErasedStep>> {
        let roll_out = || RollOut {
            world: self.world.clone(),
            inputs: self.inputs.clone(),
            wave,
        };
        let rolled = erase(roll_out());
        match self.inputs.gated_in(wave).next() {
            None => vec![rolled],
            Some(_) => vec![erase(TryOut(roll_out())), rolled, erase(Prove(roll_out()))],
        }
    }

    /// What applying would change now.
    async fn objects_now(&self) -> Result<Vec<Precondition>> {
        let cluster = self.world.cluster()?;
        let names: Vec<ObjectRef> = self.changed().map(|it| it.object.reference()).collect();
        let live = Live::read(cluster, names.iter()).await?;
        let manifests: Vec<Object> = self.changed().map(|it| it.object.clone()).collect();
        let compared = compare(cluster, manifests, &live).await?;
        let now = compared.objects.iter();
        Ok(now
            .map(|it| precondition(&it.object.reference(), it.wave, &it.change))
            .collect())
    }

    fn remembered(&self) -> Option<Vec<Precondition>> {
        let seen = self.seen.lock();
        seen.unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
    }
}

#[async_trait]
impl Operation for Deploy {
    fn steps(&self) -> Vec<Box<dyn ErasedStep>> {
        let (world, inputs) = (|| self.world.clone(), || Arc::clone(&self.inputs));
        let mut steps: Vec<Box<dyn ErasedStep>> = vec![
            erase(Open {
                world: world(),
                inputs: inputs(),
                plan_sha256: self.plan_sha256.clone(),
            }),
            erase(LookBefore {
                world: world(),
                inputs: inputs(),
            }),
        ];
        steps.extend(self.migration.iter().flat_map(Operation::steps));
        steps.push(erase(PlaceSecrets {
            world: world(),
            inputs: inputs(),
        }));
        steps.extend(
            self.inputs
                .waves()
                .into_iter()
                .flat_map(|wave| self.of_wave(wave)),
        );
        steps.push(erase(Prune {
            world: world(),
            inputs: inputs(),
        }));
        steps.push(erase(Close {
            world: world(),
            inputs: inputs(),
        }));
        if self.inputs.latest.is_some() {
            steps.push(erase(MoveLatest {
                world: world(),
                inputs: inputs(),
            }));
        }
        steps.push(erase(KeepEvidence {
            world: world(),
            inputs: inputs(),
        }));
        steps.push(erase(RollBack {
            world: world(),
            inputs: inputs(),
        }));
        steps.push(erase(CloseFailed {
            world: world(),
            inputs: inputs(),
        }));
        steps
    }

    async fn observe(&self) -> Result<Vec<Precondition>> {
        if let Some(seen) = self.remembered() {
            return Ok(seen);
        }
        let releases = history(self.world.store.as_ref()).await?;
        let identity = self.world.cluster()?.identity().await?;
        let mut seen = vec![
            newest_release(newest(&releases)),
            same_cluster(&identity.uid),
        ];
        if let Some(migration) = &self.migration {
            seen.extend(migration.observe().await?);
        }
        seen.extend(self.objects_now().await?);
        let mut keep = self
            .seen
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        *keep = Some(seen.clone());
        Ok(seen)
    }

    /// A plan may be old: what was there when it was made may be gone.
    async fn admits(&self) -> Result<()> {
        if let Some(migration) = &self.migration {
            migration.admits().await?;
        }
        let cluster = self.world.cluster()?;
        let names: Vec<ObjectRef> = self.changed().map(|it| it.object.reference()).collect();
        let live = Live::read(cluster, names.iter()).await?;
        let found = preflight(cluster, &self.inputs, &live, &[]).await?;
        found.pass(&self.world.environment.name)
    }

    fn conclude(&self, outputs: &Outputs) -> Result<Conclusion> {
        let closed: Closed = outputs.get(CLOSE)?;
        let applied: Vec<String> = self
            .changed()
            .map(|it| it.object.reference().to_string())
            .collect();
        Ok(Conclusion::kept(json!({
            "environment": self.world.environment.name,
            "release": self.inputs.number,
            "origin": self.inputs.origin,
            "images": self.inputs.images,
            "changed": applied,
            "pruned": self.inputs.prune,
            "unchanged": self.inputs.objects.len() - applied.len(),
            "verdict": closed.verdict,
            "closed_at": closed.at,
            "gate": closed.gate,
            "latest": outputs.find::<serde_json::Value>(LATEST)?,
            "rolls_back_by_itself": self.inputs.on_failure == OnFailure::RollBack,
        })))
    }
}
