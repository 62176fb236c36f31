//! Applying one wave, and following it until every workload of it serves or one of them can't.

use std::sync::Arc;

use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt};

use crate::deploy::apply::apply;
use crate::deploy::court::judge_of;
use crate::deploy::evidence::{Sight, gather};
use crate::deploy::follow::Watching;
use crate::deploy::ground::served;
use crate::deploy::inputs::DeployInputs;
use crate::deploy::plan::BASELINE;
use crate::deploy::release::keep_evidence;
use crate::deploy::settle::Stamp;
use crate::deploy::verdict::{Baseline, Board, Finding, State};
use crate::deploy::waves::Wave;
use crate::engine::{Step, StepContext, StepState};
use crate::failure::{Failure, FailureKind, Result};
use crate::guard::Permit;
use crate::names::StepName;
use crate::ports::World;
use crate::workloads::{Object, ObjectRef};

/// So many objects are on their way at once.
const AT_ONCE: usize = 8;

/// What a wave came to.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct RolledOut {
    /// What was applied.
    pub applied: Vec<ObjectRef>,
    /// How long it took until all served, in seconds.
    pub seconds: f64,
}

/// One wave.
pub struct RollOut {
    pub world: World,
    pub inputs: Arc<DeployInputs>,
    pub wave: Wave,
}

#[async_trait]
impl Step for RollOut {
    type Output = RolledOut;

    fn name(&self) -> StepName {
        StepName::new(self.wave.step()).expect("a wave's word and number are a valid name")
    }

    /// Applying again what an earlier run applied changes nothing, and following it is due in any case.
    async fn check(&self, _: &StepContext<'_>) -> Result<StepState<RolledOut>> {
        Ok(StepState::Absent)
    }

    async fn apply(&self, context: &StepContext<'_>, permit: &Permit<'_>) -> Result<RolledOut> {
        let began = context.clock.monotonic();
        let applied = self.apply_all(context, permit).await?;
        if self.wave == Wave::Ground {
            served(self.world.cluster()?, &applied).await?;
        }
        if self.wave.is_watched() {
            self.follow(context, permit, &applied).await?;
        }
        Ok(RolledOut {
            applied: applied.iter().map(Object::reference).collect(),
            seconds: began.elapsed().as_secs_f64(),
        })
    }
}

impl RollOut {
    pub(super) fn stamp<'a>(&'a self, context: &'a StepContext<'_>) -> Stamp<'a> {
        Stamp {
            environment: &self.world.environment.name,
            release: self.inputs.number,
            operation: context.operation,
            hold: None,
        }
    }

    async fn apply_all(
        &self,
        context: &StepContext<'_>,
        permit: &Permit<'_>,
    ) -> Result<Vec<Object>> {
        let stamp = self.stamp(context);
        let cluster = self.world.cluster()?;
        let one = |planned| apply(cluster, permit, planned, &stamp);
        let all: Vec<_> = self.inputs.changed_in(self.wave).map(one).collect();
        futures::stream::iter(all)
            .buffered(AT_ONCE)
            .try_collect()
            .await
    }

    async fn follow(
        &self,
        context: &StepContext<'_>,
        permit: &Permit<'_>,
        applied: &[Object],
    ) -> Result<()> {
        let cluster = self.world.cluster()?;
        let baseline: Baseline = context.outputs.get(BASELINE)?;
        let mut judge = judge_of(applied.iter(), baseline, self.inputs.patience);
        let mut watching = Watching::begin(cluster, &self.inputs.namespace).await?;
        let judgement = watching.until_decided(&mut judge, context).await?;
        let State::Failed(finding) = &judgement.state else {
            return Ok(());
        };
        let findings = &judgement.findings;
        self.keep(context, permit, &watching.board, findings)
            .await?;
        Err(self.failed(finding))
    }

    /// Keeps what is seen, at once: going back takes the failing pods away.
    pub(super) async fn keep(
        &self,
        context: &StepContext<'_>,
        permit: &Permit<'_>,
        board: &Board,
        findings: &[Finding],
    ) -> Result<()> {
        let at = context.clock.now();
        let sight = Sight {
            board,
            namespace: &self.inputs.namespace,
            findings,
        };
        let seen = gather(self.world.cluster()?, sight, at).await;
        permit.check()?;
        keep_evidence(self.world.store.as_ref(), self.inputs.number, &seen).await
    }

    pub(super) fn failed(&self, finding: &Finding) -> Failure {
        let number = self.inputs.number;
        Failure::new(
            FailureKind::PromiseBroken,
            format!("release {number} can't serve"),
        )
        .cause(finding.to_string())
        .hint(finding.hint.clone())
        .hint(format!("opsctl history show {number}"))
    }
}
