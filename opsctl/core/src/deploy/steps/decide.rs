//! What follows from what the gate saw: going on, standing still, or going back with the evidence.

use super::measure::new_pods;
use super::roll_out::RollOut;
use crate::deploy::evidence::{Sight, gather};
use crate::deploy::gate::{GateReport, GateVerdict};
use crate::deploy::release::keep_evidence;
use crate::deploy::verdict::{Board, CauseCode, Finding, Judgement, State};
use crate::engine::{StepContext, StopReason};
use crate::environment::{GateSettings, OnUnavailable};
use crate::failure::{Failure, FailureKind, Result};
use crate::guard::Permit;

impl RollOut {
    /// The gate of the release.
    ///
    /// # Errors
    /// When it has none: no plan of ours names such a step then.
    pub(super) fn gate(&self) -> Result<&GateSettings> {
        let gate = self.inputs.gate.as_ref();
        gate.ok_or_else(|| Failure::usage("the plan measures, and says not by what"))
    }

    /// Says what was seen, and decides.
    ///
    /// # Errors
    /// When the release has failed, or has to wait for a person.
    pub(super) async fn decide(
        &self,
        context: &StepContext<'_>,
        permit: &Permit<'_>,
        board: &Board,
        (judgement, reports): (Judgement, &[GateReport]),
    ) -> Result<()> {
        for report in reports {
            match report.verdict {
                GateVerdict::Pass => context.progress.note(report.to_string()),
                _ => context.progress.warn(report.to_string()),
            }
        }
        // A pod that dies is a clearer cause than the errors that its death makes.
        if let State::Failed(finding) = &judgement.state {
            self.keep(context, permit, board, &judgement.findings)
                .await?;
            return Err(self.failed(finding));
        }
        let failed: Vec<Finding> = reports.iter().filter_map(finding).collect();
        if let Some(first) = failed.first() {
            let at = context.clock.now();
            let sight = Sight {
                board,
                namespace: &self.inputs.namespace,
                findings: &failed,
            };
            let mut seen = gather(self.world.cluster()?, sight, at).await;
            for finding in &failed {
                let pods = new_pods(board, &finding.object);
                seen.add_pods(self.world.cluster()?, pods).await;
            }
            seen.gate = reports.to_vec();
            permit.check()?;
            keep_evidence(self.world.store.as_ref(), self.inputs.number, &seen).await?;
            return Err(self.failed(first));
        }
        self.hold_or_go_on(context, reports)
    }

    fn hold_or_go_on(&self, context: &StepContext<'_>, reports: &[GateReport]) -> Result<()> {
        let unknown = |it: &&GateReport| matches!(it.verdict, GateVerdict::Unavailable { .. });
        let Some(report) = reports.iter().find(unknown) else {
            return Ok(());
        };
        if self.gate()?.on_unavailable == OnUnavailable::Warn {
            return Ok(());
        }
        let why = format!("the gate can't tell whether {} is good", report.deployment);
        context
            .interrupt
            .request(StopReason::Held { why: why.clone() });
        Err(Failure::new(FailureKind::Stopped, why).cause(report.verdict.why()))
    }
}

fn finding(report: &GateReport) -> Option<Finding> {
    let fails = matches!(report.verdict, GateVerdict::Fail { .. });
    fails.then(|| {
        Finding::new(
            CauseCode::GateFailed,
            &report.deployment,
            report.verdict.why(),
        )
    })
}
