//! `opsctl drill failover` as an operation.

use std::sync::Arc;

use async_trait::async_trait;

use super::cache::{Recover, TakeOver};
use super::drill::{Drill, SharedDrill};
use super::multi_az::{Arrive, FailOver, Observe};
use super::names::{EVIDENCE, FAIL_OVER, MEASURE};
use super::prober::Felt;
use super::replica::{CatchUp, Demote, Discard, Follow, Open, Promote};
use super::steps::{Measure, Prepare, Probe, Tidy, WriteEvidence};
use super::{FailoverInputs, Kind};
use crate::drill::Written;
use crate::engine::{
    Conclusion, ErasedStep, Operation, OperationKind, Outputs, Plan, Precondition, erase,
};
use crate::failure::Result;
use crate::lineage::SetAside;
use crate::ports::World;
use crate::restore::names::{SET_ASIDE, step};
use crate::restore::{
    Crossing, Fence, Freeze, Prove, SetOldAside, SharedCrossing, Switch, Thaw, Unfence, Unfreeze,
    descriptor_precondition,
};

/// A failover drill, built from its plan.
pub struct DrillFailover {
    drill: SharedDrill,
    crossing: SharedCrossing,
}

impl DrillFailover {
    /// The drill that `plan` describes.
    ///
    /// # Errors
    /// When the plan's inputs have another form.
    pub fn from_plan(plan: &Plan, world: &World) -> Result<Self> {
        let drill = Drill::of(plan, world)?;
        let crossing = Crossing {
            world: world.clone(),
            operation: plan.operation.clone(),
            old: drill.inputs.old.clone(),
        };
        Ok(Self {
            drill: Arc::new(drill),
            crossing: Arc::new(crossing),
        })
    }

    /// Whether that plan is of a failover after which the application finds its database elsewhere.
    #[must_use]
    pub fn tells_the_application(plan: &Plan) -> bool {
        plan.kind == OperationKind::DrillFailover
            && plan
                .inputs::<FailoverInputs>()
                .is_ok_and(|inputs| inputs.kind == Kind::Replica)
    }

    fn to_a_replica(&self) -> Vec<Box<dyn ErasedStep>> {
        let drill = || Arc::clone(&self.drill);
        let crossing = || Arc::clone(&self.crossing);
        vec![
            erase(Prepare(drill())),
            erase(Follow(drill())),
            erase(Probe(drill())),
            self.drill.timed(Freeze(crossing())),
            self.drill.timed(Fence(crossing())),
            self.drill.timed(CatchUp(drill())),
            self.drill.timed(Open(drill())),
            self.drill.timed(Promote(drill())),
            self.drill.timed(Switch(crossing())),
            self.drill.timed(SetOldAside(crossing())),
            self.drill.timed(Prove(crossing())),
            self.drill.timed(Unfreeze(crossing())),
            erase(Measure(drill())),
            erase(WriteEvidence(drill())),
            erase(Demote(drill())),
            erase(Unfence(crossing())),
            erase(Thaw(crossing())),
            erase(Discard(drill())),
            erase(Tidy(drill())),
        ]
    }

    fn to_the_standby(&self) -> Vec<Box<dyn ErasedStep>> {
        let arrive = Arrive(Arc::clone(&self.drill));
        self.by_its_service([self.drill.timed(arrive)])
    }

    fn of_the_cache(&self) -> Vec<Box<dyn ErasedStep>> {
        let drill = || Arc::clone(&self.drill);
        self.by_its_service([
            self.drill.timed(TakeOver(drill())),
            self.drill.timed(Recover(drill())),
        ])
    }

    /// Its service is asked to fail it over, and `awaited` sees that it did.
    fn by_its_service<const N: usize>(
        &self,
        awaited: [Box<dyn ErasedStep>; N],
    ) -> Vec<Box<dyn ErasedStep>> {
        let drill = || Arc::clone(&self.drill);
        let mut steps = vec![
            erase(Prepare(drill())),
            erase(Observe(drill())),
            erase(Probe(drill())),
            self.drill.timed(FailOver(drill())),
        ];
        steps.extend(awaited);
        steps.extend([
            erase(Measure(drill())),
            erase(WriteEvidence(drill())),
            erase(Tidy(drill())),
        ]);
        steps
    }
}

#[async_trait]
impl Operation for DrillFailover {
    fn steps(&self) -> Vec<Box<dyn ErasedStep>> {
        match self.drill.inputs.kind {
            Kind::Replica => self.to_a_replica(),
            Kind::MultiAz => self.to_the_standby(),
            Kind::Cache => self.of_the_cache(),
        }
    }

    async fn observe(&self) -> Result<Vec<Precondition>> {
        let found = self.drill.world.pointer.read().await?;
        let mut descriptor = descriptor_precondition(found.as_ref());
        if self.drill.inputs.kind != Kind::Replica {
            descriptor.until = Some(step(FAIL_OVER));
        }
        Ok(vec![descriptor])
    }

    fn conclude(&self, outputs: &Outputs) -> Result<Conclusion> {
        let written: Written = outputs.get(EVIDENCE)?;
        let felt: Felt = outputs.get(MEASURE)?;
        let aside: Option<SetAside> = outputs.find(SET_ASIDE)?;
        let mut result = serde_json::json!({
            "evidence": written.place,
            "evidence_sha256": written.sha256,
            "felt": felt,
            "set_aside": aside,
            "document": written.document,
        });
        if let Some(cost) = &self.drill.cost {
            result["cost"] = serde_json::json!({
                "of": cost, "usd_per_day": cost.a_day(), "told": cost.while_kept(),
            });
        }
        let verdict = written.verdict();
        Ok(Conclusion { result, verdict })
    }
}
