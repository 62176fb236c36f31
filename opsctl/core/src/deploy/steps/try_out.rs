//! Letting the first new pods serve, and no more of them until they are measured.

use std::time::Duration;

use async_trait::async_trait;

use super::measure::{Window, has_begun};
use super::roll_out::RollOut;
use crate::deploy::apply::apply;
use crate::deploy::court::judge_of;
use crate::deploy::follow::{Following, Watching};
use crate::deploy::gate::{GateReport, HELD, Hold, Stance};
use crate::deploy::plan::BASELINE;
use crate::deploy::settle::OPERATION;
use crate::deploy::verdict::{Baseline, State};
use crate::engine::{Step, StepContext, StepState};
use crate::environment::{GateSettings, Patience, Span};
use crate::failure::{Failure, FailureKind, Result};
use crate::guard::Permit;
use crate::names::StepName;
use crate::workloads::{Object, ObjectRef};

/// The first pods of a wave.
pub struct TryOut(pub RollOut);

#[async_trait]
impl Step for TryOut {
    type Output = Vec<GateReport>;

    fn name(&self) -> StepName {
        StepName::new(self.0.wave.try_out()).expect("a wave's word and number are a valid name")
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Self::Output>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<Self::Output> {
        let gate = self.0.gate()?;
        let applied = self.hold(context, permit, gate, None).await?;
        let names: Vec<ObjectRef> = applied.iter().map(Object::reference).collect();
        let baseline: Baseline = context.outputs.get(BASELINE)?;
        let mut judge = judge_of(applied.iter(), baseline, self.patience(gate));
        let cluster = self.0.world.cluster()?;
        let mut watching = Watching::begin(cluster, &self.0.inputs.namespace).await?;
        let mut following = Following::begin();
        let begun = watching.until(&mut judge, &mut following, context, |board| {
            names.iter().all(|name| has_begun(board, name))
        });
        let judgement = begun.await?;
        if let State::Failed(finding) = &judgement.state {
            let seen = &judgement.findings;
            self.0.keep(context, permit, &watching.board, seen).await?;
            return Err(self.0.failed(finding));
        }
        let mut window = Window::of_first(&self.0.world, gate, names);
        let measured = window.pass(&mut watching, &mut judge, &mut following, context);
        let (judgement, reports) = measured.await?;
        let decided = self
            .0
            .decide(context, permit, &watching.board, (judgement, &reports));
        if let Err(failure) = decided.await {
            if failure.kind == FailureKind::Stopped {
                self.hold(context, permit, gate, Some(Stance::Stands))
                    .await?;
            }
            return Err(failure);
        }
        Ok(reports)
    }
}

impl TryOut {
    /// Applies what is measured so that it goes no further than its first pods. One that stands still already is left so.
    async fn hold(
        &self,
        context: &StepContext<'_>,
        permit: &Permit<'_>,
        gate: &GateSettings,
        wanted: Option<Stance>,
    ) -> Result<Vec<Object>> {
        let cluster = self.0.world.cluster()?;
        let mut applied = Vec::new();
        for planned in self.0.inputs.gated_in(self.0.wave) {
            let live = cluster.get(&planned.object.reference()).await?;
            let stands = live.is_some_and(|live| stands(&live, context));
            let stance = match wanted {
                Some(stance) => stance,
                None if stands => Stance::Stands,
                None => Stance::Waits,
            };
            let mut stamp = self.0.stamp(context);
            stamp.hold = Some(Hold {
                span: self.span(gate),
                stance,
            });
            applied.push(apply(cluster, permit, planned, &stamp).await?);
        }
        match applied.is_empty() {
            true => Err(Failure::failed("there is nothing to measure")),
            false => Ok(applied),
        }
    }

    /// Until the last of them serves, and for the window. Whoever is killed meanwhile has that long to resume.
    fn span(&self, gate: &GateSettings) -> Duration {
        self.0.inputs.patience.deadline.0 + gate.window.0
    }

    /// Being held is no standstill.
    fn patience(&self, gate: &GateSettings) -> Patience {
        Patience {
            deadline: Span(self.span(gate)),
            ..self.0.inputs.patience
        }
    }
}

fn stands(live: &Object, context: &StepContext<'_>) -> bool {
    let ours = live.annotation(OPERATION) == Some(context.operation.as_str());
    ours && live.annotation(HELD).is_some() && live.0["spec"]["paused"] == true
}
