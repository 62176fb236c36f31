//! Goes on with an open operation, from whatever is true now.

use super::executor::{Start, drive};
use super::journal::JournalView;
use super::{Conclusion, Operation, Progress, RecordKind, Run, StepContext, StepHistory};
use crate::failure::{Failure, FailureKind, Result};
use crate::guard::Approval;
use crate::names::StepName;

/// Resumes an open operation. The approval is a fresh one: another principal is asked again.
///
/// # Errors
/// When the operation is over, when somebody else runs it, or for whatever stops it this time.
pub async fn resume(
    run: &Run,
    view: &JournalView,
    approval: &Approval,
    operation: &dyn Operation,
) -> Result<Conclusion> {
    let plan = &view.plan;
    if !view.is_open() {
        return Err(
            Failure::refused(format!("{} is over already", plan.operation))
                .hint(format!("opsctl operation show {}", plan.operation)),
        );
    }
    if approval.plan_sha256() != plan.hash() {
        return Err(
            Failure::refused("the approval is for another plan").left("nothing was changed")
        );
    }
    let leases = super::locking::acquire(run, plan).await?;
    // Whoever ran it may have written on until its lease ended: only now does the journal stand still.
    let view = JournalView::read(run.store.as_ref(), &plan.operation).await?;
    if !view.is_open() {
        leases.release(run.store.as_ref(), None).await?;
        let what = format!("{} was finished meanwhile", plan.operation);
        return Err(Failure::new(FailureKind::Locked, what)
            .hint(format!("opsctl operation show {}", plan.operation)));
    }
    let mut start = Start::after(run.store.as_ref(), &view);
    let runner = run.runner.clone();
    start
        .journal
        .append(run.clock.now(), RecordKind::Resumed { runner })
        .await?;
    run.faults.reached("resumed");
    step_back(run, &view, operation, &mut start).await?;
    drive(run, plan, approval, operation, leases, start).await
}

/// Finished steps are re-checked, not trusted: the run goes on from the first that no longer holds.
async fn step_back(
    run: &Run,
    view: &JournalView,
    operation: &dyn Operation,
    start: &mut Start<'_>,
) -> Result<()> {
    let steps = operation.steps();
    let finished = |name: &StepName| match view.steps.get(name) {
        Some(StepHistory::Finished(output)) => Some(output),
        _ => None,
    };
    let first_asked = steps
        .iter()
        .rposition(|step| step.releases() && finished(&step.name()).is_some())
        .map_or(0, |position| position + 1);
    let mut broken = false;
    for step in steps.iter().skip(first_asked) {
        let name = step.name();
        let Some(output) = finished(&name) else {
            continue;
        };
        if !broken {
            let outputs = start.done.clone();
            let context = StepContext {
                operation: &view.plan.operation,
                outputs: &outputs,
                clock: run.clock.as_ref(),
                interrupt: &run.interrupt,
                failed: None,
                progress: Progress::new(
                    &name,
                    &view.plan.operation,
                    &run.events,
                    run.clock.as_ref(),
                ),
            };
            broken = !step.still_holds(&context, output).await?;
        }
        if broken {
            let record = RecordKind::SteppedBack { step: name.clone() };
            start.journal.append(run.clock.now(), record).await?;
            start.done.forget(&name);
        }
    }
    Ok(())
}
