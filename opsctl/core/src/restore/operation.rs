//! `opsctl restore` as an operation: from its plan back to steps.

use std::sync::Arc;

use async_trait::async_trait;

use super::RestoreInputs;
use super::crossing::{
    Account, Crossing, Fence, Freeze, Prove, SetOldAside, SharedCrossing, Switch, Thaw, Unfence,
    Unfreeze,
};
use super::job::{Job, SharedJob};
use super::names::{VERIFY, VERIFY_AGAIN};
use super::promote::{Demote, Promote};
use super::steps::{Depth, Discard, Fetch, Locate, Pin, Settle, Start, Unpin, Verify};
use super::{facts, report};
use crate::costs::Cost;
use crate::engine::{
    Conclusion, ErasedStep, Operation, Outputs, Plan, Precondition, StepState, erase,
};
use crate::failure::Result;
use crate::ports::World;

/// A restore that can run.
pub struct Restore {
    job: SharedJob,
    crossing: Option<SharedCrossing>,
    cost: Option<Cost>,
}

impl Restore {
    /// The restore that `plan` describes.
    ///
    /// # Errors
    /// When the plan's inputs have another form.
    pub fn from_plan(plan: &Plan, world: &World) -> Result<Self> {
        let inputs: RestoreInputs = plan.inputs()?;
        let world = match &inputs.away {
            Some(_) => &world.seen_from_away()?,
            None => world,
        };
        let job = Arc::new(Job {
            world: world.clone(),
            operation: plan.operation.clone(),
            inputs,
        });
        let crossing = job.inputs.crossing.clone().map(|old| {
            Arc::new(Crossing {
                world: world.clone(),
                operation: plan.operation.clone(),
                old,
            })
        });
        Ok(Self {
            job,
            crossing,
            cost: plan.cost.clone(),
        })
    }
}

#[async_trait]
impl Operation for Restore {
    fn steps(&self) -> Vec<Box<dyn ErasedStep>> {
        let job = || Arc::clone(&self.job);
        // What takes the live database's place is looked at before anybody is asked to stop writing.
        let depth = match self.crossing {
            Some(_) => Depth::Whole,
            None => Depth::Identity,
        };
        let mut steps = vec![
            erase(Settle(job())),
            erase(Pin(job())),
            erase(Locate(job())),
            erase(Fetch(job())),
            erase(Start(job())),
            erase(Verify(job(), VERIFY, depth)),
        ];
        if let Some(crossing) = &self.crossing {
            let crossing = || Arc::clone(crossing);
            steps.extend([
                erase(Freeze(crossing())),
                erase(Fence(crossing())),
                erase(Account(crossing(), None)),
                erase(Verify(job(), VERIFY_AGAIN, Depth::Identity)),
                erase(Promote(job())),
                erase(Switch(crossing())),
                erase(SetOldAside(crossing())),
                erase(Prove(crossing())),
                erase(Unfreeze(crossing())),
                erase(Demote(job())),
                erase(Unfence(crossing())),
                erase(Thaw(crossing())),
            ]);
        }
        steps.extend([erase(Discard(job())), erase(Unpin(job()))]);
        steps
    }

    async fn observe(&self) -> Result<Vec<Precondition>> {
        let world = &self.job.world;
        let backup = self.job.inputs.target.backup();
        let mut list = Vec::new();
        if let StepState::Done(record) = world.backups.check(backup).await? {
            list.push(Precondition {
                name: facts::BACKUP.into(),
                value: record.manifest_sha256,
                until: None,
            });
        }
        if self.crossing.is_some() {
            let found = world.pointer.read().await?;
            list.push(facts::descriptor_precondition(found.as_ref()));
        }
        Ok(list)
    }

    fn conclude(&self, outputs: &Outputs) -> Result<Conclusion> {
        let world = &self.job.world;
        report::conclude(
            &world.environment.name,
            &self.job,
            self.cost.as_ref(),
            outputs,
        )
    }
}
