//! One walk down the steps of a plan, and back up when a step fails.

use std::collections::BTreeMap;
use std::time::Instant;

use serde_json::Value;

use super::executor::{Run, Start};
use super::{
    Action, Conclusion, ErasedStep, EventKind, Journal, Operation, Outputs, Plan, Progress,
    RecordKind, StepContext, StepState, StopReason, When,
};
use crate::failure::{Failure, FailureKind, Result};
use crate::guard::{Approval, Leases, Permit};
use crate::names::StepName;

/// How a walk ended.
pub(super) enum Walked {
    /// Every step is done.
    Done,
    /// A step failed, and every step that goes back succeeded.
    Undone(Failure),
    /// Somebody asked to stop.
    Stopped(StopReason),
    /// A step failed where there is no way back, or the way back failed.
    Stuck(Failure),
}

pub(super) struct Walk<'r, 's> {
    run: &'r Run,
    plan: &'r Plan,
    operation: &'r dyn Operation,
    approval: &'r Approval,
    leases: &'r Leases,
    steps: BTreeMap<StepName, Box<dyn ErasedStep>>,
    journal: Journal<'s>,
    outputs: Outputs,
    begun: Vec<StepName>,
    failure: Option<Failure>,
}

impl<'r, 's> Walk<'r, 's> {
    pub(super) fn new(
        run: &'r Run,
        plan: &'r Plan,
        approval: &'r Approval,
        operation: &'r dyn Operation,
        leases: &'r Leases,
        start: Start<'s>,
    ) -> Self {
        let steps = operation
            .steps()
            .into_iter()
            .map(|step| (step.name(), step))
            .collect();
        let Start {
            journal,
            done,
            begun,
            failure,
        } = start;
        Self {
            run,
            plan,
            operation,
            approval,
            leases,
            steps,
            journal,
            outputs: done,
            begun,
            failure,
        }
    }

    pub(super) const fn outputs(&self) -> &Outputs {
        &self.outputs
    }

    pub(super) async fn record(&mut self, kind: RecordKind) -> Result<()> {
        self.journal.append(self.run.clock.now(), kind).await
    }

    /// Notes why the run stopped. A journal that can't be written tells the same by its silence.
    pub(super) async fn record_stop(&mut self, answer: &Result<Conclusion>) {
        if let Err(failure) = answer {
            let reason = failure.what.clone();
            if self.record(RecordKind::Stopped { reason }).await.is_err() {
                tracing::warn!("the stop could not be journaled");
            }
        }
    }

    pub(super) async fn all(&mut self) -> Walked {
        let mut failure = self.failure.take();
        for (index, action) in self.plan.actions.iter().enumerate() {
            if self.is_done(&action.step) || !due(action, failure.is_some()) {
                continue;
            }
            if let Some(reason) = self.run.interrupt.requested() {
                match reason {
                    StopReason::Superseded { by } if failure.is_none() && self.can_go_back() => {
                        failure = Some(superseded(self.plan, &by));
                        continue;
                    }
                    // On the way back there is nothing to gain by stopping again.
                    StopReason::Superseded { .. } if failure.is_some() => {}
                    other => return Walked::Stopped(other),
                }
            }
            match self.one(index + 1, action, failure.as_ref()).await {
                Ok(()) => {}
                Err(new) if self.fenced() => return Walked::Stuck(new),
                Err(new) if new.kind == FailureKind::Stopped => {
                    let reason = self
                        .run
                        .interrupt
                        .requested()
                        .unwrap_or(StopReason::TimedOut);
                    return Walked::Stopped(reason);
                }
                Err(new) if failure.is_some() => return Walked::Stuck(going_back_failed(new)),
                Err(new) if !self.can_go_back() => return Walked::Stuck(new),
                Err(new) => failure = Some(new),
            }
        }
        failure.map_or(Walked::Done, Walked::Undone)
    }

    fn is_done(&self, step: &StepName) -> bool {
        matches!(self.outputs.find::<Value>(step.as_str()), Ok(Some(_)))
    }

    /// True when another runner may be at work: then nothing is written any more.
    fn fenced(&self) -> bool {
        self.journal.is_taken_over() || self.leases.check().is_err()
    }

    fn can_go_back(&self) -> bool {
        self.plan
            .point_of_no_return
            .as_ref()
            .is_none_or(|step| !self.begun.contains(step))
    }

    async fn one(
        &mut self,
        number: usize,
        action: &Action,
        failed: Option<&Failure>,
    ) -> Result<()> {
        let name = &action.step;
        let Some(step) = self.steps.remove(name) else {
            return Err(Failure::usage(format!(
                "the plan names a step '{name}' that does not exist"
            ))
            .hint("plan again with this opsctl"));
        };
        let begun = Instant::now();
        let (step_name, summary) = (name.clone(), action.summary.clone());
        self.run.send(
            self.plan,
            EventKind::StepStarted {
                step: step_name,
                number,
                summary,
            },
        );
        let result = self.attempt(step.as_ref(), action, failed).await;
        self.steps.insert(name.clone(), step);
        match result {
            Ok(adopted) => {
                let seconds = begun.elapsed().as_secs_f64();
                let step = name.clone();
                self.run.send(
                    self.plan,
                    EventKind::StepFinished {
                        step,
                        seconds,
                        adopted,
                    },
                );
                Ok(())
            }
            Err(failure) => self.note_failure(name, failure).await,
        }
    }

    async fn note_failure(&mut self, name: &StepName, failure: Failure) -> Result<()> {
        let failure = failure.in_context(format!("step '{name}' of {}", self.plan.operation));
        let step = name.clone();
        let event = EventKind::StepFailed {
            step: step.clone(),
            failure: failure.clone(),
        };
        self.run.send(self.plan, event);
        // A step that stopped because it was asked to did not fail: it goes on at resume.
        if !self.fenced() && failure.kind != FailureKind::Stopped {
            self.record(RecordKind::StepFailed {
                step,
                failure: failure.clone(),
            })
            .await?;
        }
        Err(failure)
    }

    /// Returns whether an earlier run had done the step already.
    async fn attempt(
        &mut self,
        step: &dyn ErasedStep,
        action: &Action,
        failed: Option<&Failure>,
    ) -> Result<bool> {
        let name = step.name();
        // Stands for itself once begun: its own effect must not count as drift.
        let mut begun = self.begun.clone();
        begun.push(name.clone());
        if action.when == When::Success {
            self.plan.holds(&self.operation.observe().await?, &begun)?;
        }
        self.leases.check()?;
        self.record(RecordKind::StepStarted { step: name.clone() })
            .await?;
        self.begun = begun;
        self.reached(&name, "started");
        let (output, adopted) = self.act(step, failed).await?;
        self.reached(&name, "verified");
        let (step, done) = (name.clone(), output.clone());
        self.record(RecordKind::StepFinished {
            step,
            output: done,
            adopted,
        })
        .await?;
        self.outputs.put(&name, output);
        self.reached(&name, "finished");
        Ok(adopted)
    }

    async fn act(&self, step: &dyn ErasedStep, failed: Option<&Failure>) -> Result<(Value, bool)> {
        let name = step.name();
        let run = self.run;
        let operation = &self.plan.operation;
        let context = StepContext {
            operation,
            outputs: &self.outputs,
            clock: run.clock.as_ref(),
            interrupt: &run.interrupt,
            failed,
            progress: Progress::new(&name, operation, &run.events, run.clock.as_ref()),
        };
        let permit = Permit::new(self.approval, self.leases, operation);
        let (output, adopted) = match step.check(&context).await? {
            StepState::Done(output) => (output, true),
            StepState::Absent | StepState::InFlight => {
                permit.check()?;
                (step.apply(&context, &permit).await?, false)
            }
            StepState::Foreign(what) => return Err(foreign(&what)),
            StepState::Unknown(why) => return Err(Failure::new(FailureKind::Unknown, why)),
        };
        self.reached(&name, "applied");
        step.verify(&context, &output).await?;
        Ok((output, adopted))
    }

    fn reached(&self, step: &StepName, boundary: &str) {
        self.run.faults.reached(&format!("{step}:{boundary}"));
    }
}

const fn due(action: &Action, failed: bool) -> bool {
    match action.when {
        When::Success => !failed,
        When::Failure => failed,
        When::Always => true,
    }
}

fn foreign(what: &str) -> Failure {
    Failure::refused(format!(
        "something of somebody else stands in the way: {what}"
    ))
    .hint("look at it; opsctl never overwrites what it did not make")
}

fn superseded(plan: &Plan, by: &str) -> Failure {
    Failure::new(
        FailureKind::Failed,
        format!("{} was superseded by {by}", plan.operation),
    )
}

fn going_back_failed(failure: Failure) -> Failure {
    failure
        .in_context("going back failed")
        .with_kind(FailureKind::Unknown)
}
