//! Measuring all new pods, when the old ones are gone.

use async_trait::async_trait;

use super::measure::Window;
use super::roll_out::RollOut;
use crate::deploy::court::judge_of;
use crate::deploy::follow::{Following, Watching};
use crate::deploy::gate::GateReport;
use crate::deploy::plan::BASELINE;
use crate::deploy::verdict::Baseline;
use crate::engine::{Step, StepContext, StepState};
use crate::environment::{Patience, Span};
use crate::failure::Result;
use crate::guard::Permit;
use crate::names::StepName;
use crate::workloads::Object;

/// All pods of a wave, beside what the old ones did while the first new ones were tried out.
pub struct Prove(pub RollOut);

#[async_trait]
impl Step for Prove {
    type Output = Vec<GateReport>;

    fn name(&self) -> StepName {
        StepName::new(self.0.wave.prove()).expect("a wave's word and number are a valid name")
    }

    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<Self::Output>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<Self::Output> {
        let (gate, patience) = (self.0.gate()?, self.0.inputs.patience);
        let first: Vec<GateReport> = context.outputs.get(&self.0.wave.try_out())?;
        let baseline: Baseline = context.outputs.get(BASELINE)?;
        let cluster = self.0.world.cluster()?;
        let mut watching = Watching::begin(cluster, &self.0.inputs.namespace).await?;
        let board = &watching.board;
        let live = first.iter().filter_map(|it| board.get(&it.deployment));
        let live: Vec<Object> = live.cloned().collect();
        let longer = Patience {
            deadline: Span(patience.deadline.0 + gate.window.0),
            ..patience
        };
        let mut judge = judge_of(live.iter(), baseline, longer);
        let mut following = Following::begin();
        let mut window = Window::of_all(&self.0.world, gate, first);
        let measured = window.pass(&mut watching, &mut judge, &mut following, context);
        let (judgement, reports) = measured.await?;
        let decided = self
            .0
            .decide(context, permit, &watching.board, (judgement, &reports));
        decided.await?;
        Ok(reports)
    }
}
