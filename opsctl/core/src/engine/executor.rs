//! Carries out a plan, step by step.
//!
//! Owns the order of things: journal before act, check before apply, verify before finished; where to
//! stop, and how to go back. A short sequential loop; parallel work belongs inside a step.

use std::sync::Arc;
use std::time::Instant;

use serde_json::Value;

use super::journal::JournalView;
use super::{
    Event, EventKind, EventSink, FaultPoint, Interrupt, Journal, Operation, Outcome, Outputs, Plan,
    RecordKind, Runner, StopReason,
};
use crate::clock::Clock;
use crate::failure::{Failure, FailureKind, Result};
use crate::guard::{Approval, LeaseTerms, Leases};
use crate::names::StepName;
use crate::state::StateStore;

use super::walk::{Walk, Walked};

/// How an operation came out, when all of its steps were done.
#[derive(Debug, Clone, PartialEq)]
pub struct Conclusion {
    /// The result document: what stdout shows.
    pub result: Value,
    /// Whether the promises held.
    pub verdict: Verdict,
}

/// Whether the promises held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// All of them.
    Kept,
    /// Some did not; the most important reason first.
    Broken(Vec<String>),
}

impl Conclusion {
    /// All went well.
    #[must_use]
    pub const fn kept(result: Value) -> Self {
        Self {
            result,
            verdict: Verdict::Kept,
        }
    }
}

/// What a run needs beside the plan and the operation.
pub struct Run {
    /// Where locks and journals live.
    pub store: Arc<dyn StateStore>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Who hears what happens.
    pub events: EventSink,
    /// The wish to stop.
    pub interrupt: Interrupt,
    /// Where tests may kill us.
    pub faults: Arc<dyn FaultPoint>,
    /// Who runs it, and where.
    pub runner: Runner,
    /// How locks are held and waited for.
    pub terms: LeaseTerms,
    /// Ask whoever holds the lock to stop.
    pub supersede: bool,
}

impl Run {
    pub(super) fn send(&self, plan: &Plan, kind: EventKind) {
        let operation = plan.operation.clone();
        self.events.send(Event {
            at: self.clock.now(),
            operation,
            kind,
        });
    }
}

/// Runs an approved plan to its end.
///
/// # Errors
/// Whatever stopped it: a refusal, a lock, a failed step (undone or not), an interrupt.
pub async fn execute(
    run: &Run,
    plan: &Plan,
    approval: &Approval,
    operation: &dyn Operation,
) -> Result<Conclusion> {
    if approval.plan_sha256() != plan.hash() {
        return Err(
            Failure::refused("the approval is for another plan").left("nothing was changed")
        );
    }
    let leases = super::locking::acquire(run, plan).await?;
    // Between planning and locking somebody else may have worked: look again, under the lock.
    let admitted = async {
        plan.holds(&operation.observe().await?, &[])?;
        operation.admits().await
    };
    let begun = match admitted.await {
        Ok(()) => Journal::open(run.store.as_ref(), plan, &run.runner, run.clock.now()).await,
        Err(failure) => Err(failure),
    };
    match begun {
        Ok(journal) => {
            run.faults.reached("opened");
            let start = Start {
                journal,
                done: Outputs::default(),
                begun: Vec::new(),
                failure: None,
            };
            drive(run, plan, approval, operation, leases, start).await
        }
        Err(failure) => {
            leases.release(run.store.as_ref(), None).await?;
            Err(failure.left("nothing was changed"))
        }
    }
}

/// Where a run begins: at the start, or where an earlier one ended.
pub(super) struct Start<'a> {
    pub journal: Journal<'a>,
    pub done: Outputs,
    pub begun: Vec<StepName>,
    pub failure: Option<Failure>,
}

impl<'a> Start<'a> {
    pub(super) fn after(store: &'a dyn StateStore, view: &JournalView) -> Self {
        Self {
            journal: Journal::after(store, view),
            done: view.outputs(),
            // Past the point of no return a failed step is tried again; before it, the way back goes on.
            failure: view
                .failure()
                .filter(|_| view.plan.can_go_back(&view.begun()))
                .cloned(),
            begun: view.begun(),
        }
    }
}

pub(super) async fn drive(
    run: &Run,
    plan: &Plan,
    approval: &Approval,
    operation: &dyn Operation,
    leases: Leases,
    start: Start<'_>,
) -> Result<Conclusion> {
    let begun = Instant::now();
    let resumed = !start.begun.is_empty();
    run.send(
        plan,
        EventKind::Started {
            resumed,
            steps: plan.actions.len(),
        },
    );
    let mut walk = Walk::new(run, plan, approval, operation, &leases, start);
    let walked = walk.all().await;
    let ending = close(run, plan, operation, &mut walk, walked).await;
    drop(walk);
    let (open, word, answer) = match ending {
        Ok(Ending {
            outcome: Some(outcome),
            answer,
        }) => (false, outcome.word(), answer),
        Ok(Ending {
            outcome: None,
            answer,
        }) => (true, "stopped", answer),
        Err(failure) => (true, "stopped", Err(failure)),
    };
    let released = leases
        .release(run.store.as_ref(), open.then_some(&plan.operation))
        .await;
    let seconds = begun.elapsed().as_secs_f64();
    run.send(
        plan,
        EventKind::Finished {
            outcome: word.to_owned(),
            seconds,
        },
    );
    answer.and_then(|conclusion| released.map(|()| conclusion))
}

struct Ending {
    /// How the journal was closed; `None` when the operation stays open.
    outcome: Option<Outcome>,
    answer: Result<Conclusion>,
}

async fn close(
    run: &Run,
    plan: &Plan,
    operation: &dyn Operation,
    walk: &mut Walk<'_, '_>,
    walked: Walked,
) -> Result<Ending> {
    let (outcome, answer) = match walked {
        Walked::Done => {
            let conclusion = operation.conclude(walk.outputs())?;
            let result = conclusion.result.clone();
            let outcome = match &conclusion.verdict {
                Verdict::Kept => Outcome::Done { result },
                Verdict::Broken(reasons) => Outcome::PromiseBroken {
                    result,
                    reasons: reasons.clone(),
                },
            };
            (Some(outcome), Ok(conclusion))
        }
        Walked::Undone(failure) => {
            let failure = failure.left("nothing was changed, or the change was undone");
            (
                Some(Outcome::Failed {
                    failure: failure.clone(),
                }),
                Err(failure),
            )
        }
        Walked::Stopped(reason) => (None, Err(stopped(plan, &reason))),
        Walked::Stuck(failure) => (None, Err(stuck(plan, failure))),
    };
    match &outcome {
        Some(outcome) => walk.record(RecordKind::Closed(outcome.clone())).await?,
        None => walk.record_stop(&answer).await,
    }
    run.faults.reached("closed");
    Ok(Ending { outcome, answer })
}

fn stopped(plan: &Plan, reason: &StopReason) -> Failure {
    let id = &plan.operation;
    Failure::new(
        FailureKind::Stopped,
        format!("{id} stopped at a step boundary: {reason}"),
    )
    .left("what was done is journaled; the operation is open")
    .hint(format!(
        "opsctl --env {} operation resume {id}",
        plan.environment
    ))
}

fn stuck(plan: &Plan, failure: Failure) -> Failure {
    let id = &plan.operation;
    let kind = match failure.kind {
        kind @ (FailureKind::Unknown | FailureKind::Locked) => kind,
        _ => FailureKind::Stopped,
    };
    failure
        .with_kind(kind)
        .left("stopped midway; what was done is journaled; the operation is open")
        .hint(format!(
            "opsctl --env {} operation show {id}",
            plan.environment
        ))
        .hint(format!(
            "opsctl --env {} operation resume {id}",
            plan.environment
        ))
}
