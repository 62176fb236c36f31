//! What the steps of one failover drill share, and how long each of them took.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use async_trait::async_trait;

use super::FailoverInputs;
use super::prober::Running;
use crate::clock::Timestamp;
use crate::costs::{Cost, Spent};
use crate::engine::{ErasedStep, Plan, Step, StepContext, StepState, erase};
use crate::evidence::Phase;
use crate::failure::Result;
use crate::guard::Permit;
use crate::names::{OperationId, StepName};
use crate::ports::{Prober, World};

/// One drill.
pub struct Drill {
    pub world: World,
    pub operation: OperationId,
    pub inputs: FailoverInputs,
    pub started_at: Timestamp,
    pub opsctl_version: String,
    pub cost: Option<Cost>,
    /// The prober lives as long as this run: a run that dies takes it along.
    running: Mutex<Option<Running>>,
    phases: Mutex<Vec<Phase>>,
}

/// Shared by the steps.
pub type SharedDrill = Arc<Drill>;

impl Drill {
    pub fn of(plan: &Plan, world: &World) -> Result<Self> {
        Ok(Self {
            world: world.clone(),
            operation: plan.operation.clone(),
            inputs: plan.inputs()?,
            started_at: plan.created_at,
            opsctl_version: plan.opsctl_version.clone(),
            cost: plan.cost.clone(),
            running: Mutex::default(),
            phases: Mutex::default(),
        })
    }

    /// Who stands in for users of what fails over.
    pub async fn prober(&self) -> Result<Arc<dyn Prober>> {
        match &self.inputs.through {
            Some(through) => self.cache()?.visitors.by(through).await,
            None => Ok(Arc::clone(&self.world.failover()?.prober)),
        }
    }

    /// What the second instance cost so far.
    pub fn spent(&self) -> Option<Spent> {
        let cost = self.cost.as_ref()?;
        Some(cost.between(self.started_at, self.world.clock.now()))
    }

    /// Whether the prober is at work.
    pub fn is_probed(&self) -> bool {
        let running = self.running.lock();
        running.unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Keeps the prober; the one before ends.
    pub fn keep(&self, new: Running) {
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = Some(new);
    }

    /// Hands the prober over.
    pub fn take(&self) -> Option<Running> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.take()
    }

    /// The steps of this run, and how long each took.
    pub fn phases(&self) -> Vec<Phase> {
        let phases = self.phases.lock();
        phases.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A step that is a phase of the failover: its time goes into the evidence.
    pub fn timed<S: Step + 'static>(self: &Arc<Self>, step: S) -> Box<dyn ErasedStep> {
        erase(Timed {
            drill: Arc::clone(self),
            step,
        })
    }
}

struct Timed<S> {
    drill: SharedDrill,
    step: S,
}

#[async_trait]
impl<S: Step> Step for Timed<S> {
    type Output = S::Output;

    fn name(&self) -> StepName {
        self.step.name()
    }

    async fn check(&self, context: &StepContext<'_>) -> Result<StepState<S::Output>> {
        self.step.check(context).await
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<S::Output> {
        let begun = Instant::now();
        let output = self.step.apply(context, permit).await?;
        let phase = Phase {
            name: self.step.name().to_string(),
            seconds: begun.elapsed().as_secs_f64(),
        };
        let phases = self.drill.phases.lock();
        phases.unwrap_or_else(PoisonError::into_inner).push(phase);
        Ok(output)
    }

    async fn verify(&self, context: &StepContext<'_>, output: &S::Output) -> Result<()> {
        self.step.verify(context, output).await
    }

    async fn still_holds(&self, context: &StepContext<'_>, output: &S::Output) -> Result<bool> {
        self.step.still_holds(context, output).await
    }

    fn releases(&self) -> bool {
        self.step.releases()
    }
}
