//! What every operation has in common, from its plan to its report.

use std::sync::Arc;

use opsctl_core::engine::{
    Conclusion, Interrupt, JournalView, Operation, Plan, Run, StopReason, Verdict, execute, resume,
};
use opsctl_core::guard::{Answer, Approval, LeaseTerms, Rules, approve};
use opsctl_core::{FailureKind, Result};
use serde_json::Value;

use super::{runbook, show};
use crate::confirm::Terminal;
use crate::faults;
use crate::notify;
use crate::session::Session;
use crate::signals::{self, Listening};

/// Shows, keeps or runs a plan, as the flags say; `report` turns the result into text.
///
/// # Errors
/// Whatever stopped the operation.
pub async fn drive(
    session: &Session,
    plan: &Plan,
    operation: &dyn Operation,
    report: impl Fn(&Value) -> String,
) -> Result<u8> {
    let kept = session.global.plan_out.as_deref();
    if session.global.dry_run || kept.is_some() {
        // Whoever is asked to approve the file reads here what is in it.
        session
            .output
            .plan(plan, || show::plan(plan, session.output.width()));
        return kept.map_or(Ok(0), |file| show::keep_plan(session, plan, file));
    }
    if session.global.verbose || plan.severity != opsctl_core::engine::Severity::Mild {
        session
            .output
            .say(&show::plan(plan, session.output.width()));
    } else if let Some(cost) = show::cost(plan) {
        session.output.say(&cost);
    }
    let conclusion = carry_out(session, plan, operation).await?;
    Ok(tell(session, plan, &conclusion, report))
}

/// Asks and runs; the result is for the caller, who goes on with it.
///
/// # Errors
/// Whatever stopped the operation.
pub async fn carry_out(
    session: &Session,
    plan: &Plan,
    operation: &dyn Operation,
) -> Result<Conclusion> {
    let attempt = async {
        let approval = approval(session, plan).await?;
        let (run, _listening) = run_of(session, plan)?;
        let run = execute(&run, plan, &approval, operation);
        notify::through(session, plan, run).await
    };
    let answer = attempt.await;
    answer.map_err(|failure| failure.or_runbook(plan.kind.runbook()))
}

/// Goes on with an open operation.
///
/// # Errors
/// Whatever stops it this time.
pub async fn go_on(
    session: &Session,
    view: &JournalView,
    operation: &dyn Operation,
    report: impl Fn(&Value) -> String,
) -> Result<u8> {
    let attempt = async {
        let approval = approval_to_resume(session, view).await?;
        let (run, _listening) = run_of(session, &view.plan)?;
        let run = resume(&run, view, &approval, operation);
        notify::through(session, &view.plan, run).await
    };
    let answer = attempt.await;
    let conclusion = answer.map_err(|failure| failure.or_runbook(view.plan.kind.runbook()))?;
    Ok(tell(session, &view.plan, &conclusion, report))
}

/// Asks whoever runs this, as the flags and the rules of the environment say.
async fn approval(session: &Session, plan: &Plan) -> Result<Approval> {
    let answer = Answer {
        yes: session.global.yes,
        confirm: session.global.confirm.clone(),
    };
    approved_by(session, plan, &answer).await
}

/// Whoever began the operation has said yes to it already; another principal is asked again.
async fn approval_to_resume(session: &Session, view: &JournalView) -> Result<Approval> {
    let same = view
        .began()
        .is_some_and(|who| who.name == session.runner.principal.name);
    if !same {
        return approval(session, &view.plan).await;
    }
    let answer = Answer {
        yes: true,
        confirm: Some(view.plan.environment.to_string()),
    };
    approved_by(session, &view.plan, &answer).await
}

async fn approved_by(session: &Session, plan: &Plan, answer: &Answer) -> Result<Approval> {
    let guard = &session.environment.settings.guard;
    let rules = Rules {
        unattended: guard.unattended.clone(),
        approvers: guard.approvers,
    };
    let (store, who) = (session.store.as_ref(), &session.runner.principal);
    approve(store, plan, who, &rules, answer, &Terminal, session.now()).await
}

fn run_of(session: &Session, plan: &Plan) -> Result<(Run, Listening)> {
    let interrupt = Interrupt::default();
    let id = &plan.operation;
    let resume = format!("opsctl --env {} operation resume {id}", plan.environment);
    let listening = signals::listen(interrupt.clone(), session.output.clone(), resume);
    if let Some(limit) = session.global.timeout {
        let interrupt = interrupt.clone();
        tokio::spawn(async move {
            tokio::time::sleep(limit.0).await;
            interrupt.request(StopReason::TimedOut);
        });
    }
    let run = Run {
        store: Arc::clone(&session.store),
        clock: Arc::clone(&session.clock),
        events: session.output.events(),
        interrupt,
        faults: faults::from_environment()?,
        runner: session.runner.clone(),
        terms: LeaseTerms {
            lease: session.environment.settings.lock.lease.0,
            wait: session.global.lock_wait.0,
        },
        supersede: session.global.supersede,
    };
    Ok((run, listening))
}

/// Writes the result; a broken promise comes first.
fn tell(
    session: &Session,
    plan: &Plan,
    conclusion: &Conclusion,
    report: impl Fn(&Value) -> String,
) -> u8 {
    let code = match &conclusion.verdict {
        Verdict::Kept => 0,
        Verdict::Broken(reasons) => {
            for reason in reasons {
                session.output.say(&format!("promise broken: {reason}"));
            }
            session.output.say(&runbook::line(plan.kind.runbook()));
            FailureKind::PromiseBroken.exit_code()
        }
    };
    session
        .output
        .conclude(&conclusion.result, || report(&conclusion.result));
    code
}
