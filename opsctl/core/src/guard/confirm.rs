//! The guard's question: may this plan run?
//!
//! No terminal never means yes. `--yes` answers moderate questions only; severe ones want the
//! environment's name, typed or given by `--confirm`.

use async_trait::async_trait;

use super::{Approval, Principal, approvals_of};
use crate::clock::Timestamp;
use crate::engine::{OperationKind, Plan, Severity};
use crate::failure::{Failure, Result};
use crate::names::EnvironmentName;
use crate::state::StateStore;

/// What the command line said about confirming.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// `--yes`: answers moderate questions.
    pub yes: bool,
    /// `--confirm <environment>`: answers severe ones.
    pub confirm: Option<String>,
}

/// What `opsctl.yaml` says about this environment.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// What may run with nobody watching (a CronJob's backup).
    pub unattended: Vec<OperationKind>,
    /// How many approvers a plan needs, beside the one who runs it.
    pub approvers: u32,
}

/// A question to a human.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// y or n; n is the default.
    Proceed,
    /// The environment's name must be typed.
    TypeName(EnvironmentName),
}

/// Somebody at a terminal, or nobody.
#[async_trait]
pub trait Confirmation: Send + Sync {
    /// Asks; `None` when nobody is there to answer.
    async fn ask(&self, question: &Question) -> Option<String>;
}

/// Lets the plan pass, or refuses.
///
/// # Errors
/// [`crate::FailureKind::Refused`], naming the flag or the command that would let it pass.
pub async fn approve(
    store: &dyn StateStore,
    plan: &Plan,
    principal: &Principal,
    rules: &Rules,
    answer: &Answer,
    human: &dyn Confirmation,
    now: Timestamp,
) -> Result<Approval> {
    enough_approvers(store, plan, principal, rules, now).await?;
    let unattended = rules.unattended.contains(&plan.kind);
    let said_yes = match plan.severity {
        Severity::Mild => true,
        Severity::Moderate => answer.yes || named(plan, answer)? || unattended,
        Severity::Severe => named(plan, answer)? || unattended,
    };
    if !said_yes {
        ask(plan, human).await?;
    }
    Ok(Approval {
        principal: principal.clone(),
        plan_sha256: plan.hash(),
    })
}

async fn enough_approvers(
    store: &dyn StateStore,
    plan: &Plan,
    principal: &Principal,
    rules: &Rules,
    now: Timestamp,
) -> Result<()> {
    if rules.approvers == 0 || plan.severity == Severity::Mild {
        return Ok(());
    }
    let given = approvals_of(store, plan, now).await?;
    let others = given
        .iter()
        .filter(|record| record.principal.name != principal.name)
        .count();
    if others >= rules.approvers as usize {
        return Ok(());
    }
    Err(Failure::refused(format!(
        "the plan of {} needs {} approver(s) beside {}, and has {others}",
        plan.operation, rules.approvers, principal.name
    ))
    .left("nothing was changed")
    .hint(format!(
        "opsctl --env {} approve <plan file>",
        plan.environment
    )))
}

fn named(plan: &Plan, answer: &Answer) -> Result<bool> {
    match &answer.confirm {
        None => Ok(false),
        Some(name) if name == plan.environment.as_str() => Ok(true),
        Some(name) => Err(Failure::refused(format!(
            "--confirm names '{name}', but the plan is for '{}'",
            plan.environment
        ))
        .left("nothing was changed")),
    }
}

async fn ask(plan: &Plan, human: &dyn Confirmation) -> Result<()> {
    let (question, flag) = match plan.severity {
        Severity::Mild | Severity::Moderate => (Question::Proceed, "--yes".to_owned()),
        Severity::Severe => {
            let name = plan.environment.clone();
            let flag = format!("--confirm {name}");
            (Question::TypeName(name), flag)
        }
    };
    let answer = human.ask(&question).await;
    let agreed = match (&question, answer.as_deref().map(str::trim)) {
        (Question::Proceed, Some(text)) => matches!(text, "y" | "Y" | "yes"),
        (Question::TypeName(name), Some(text)) => text == name.as_str(),
        (_, None) => {
            return Err(Failure::refused(format!("{} was not confirmed", plan.kind))
                .cause("there is no terminal to ask on")
                .left("nothing was changed")
                .hint(format!(
                    "add {flag} once you have read the plan (--dry-run shows it)"
                )));
        }
    };
    if agreed {
        Ok(())
    } else {
        Err(Failure::refused(format!("{} was not confirmed", plan.kind))
            .left("nothing was changed"))
    }
}
