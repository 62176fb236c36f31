//! `--plan FILE`: carrying out a plan that was made, and perhaps approved, earlier.

use std::path::Path;

use opsctl_core::engine::Plan;
use opsctl_core::operations::rebuild;
use opsctl_core::{Failure, Result};

use super::drive::drive;
use super::report;
use crate::session::Session;

/// Reads a plan.
///
/// # Errors
/// When the file can't be read, or was not written by this version of `--plan-out`.
pub fn read(file: &Path) -> Result<Plan> {
    let wrong = |what: &str| Failure::usage(format!("{} {what}", file.display()));
    let bytes = std::fs::read(file).map_err(|error| wrong("can't be read").because(error))?;
    let plan: Plan = serde_json::from_slice(&bytes).map_err(|error| {
        wrong("is not a plan")
            .because(error)
            .hint("make it with --plan-out")
    })?;
    if plan.format != Plan::FORMAT {
        return Err(wrong(&format!("is a plan of format {}", plan.format))
            .cause(format!("this opsctl knows format {}", Plan::FORMAT)));
    }
    Ok(plan)
}

/// Reads a plan for the session's environment.
///
/// # Errors
/// When it can't be read, or is for another one.
pub fn read_for(session: &Session, file: &Path) -> Result<Plan> {
    let (plan, own) = (read(file)?, &session.environment.name);
    if plan.environment == *own {
        return Ok(plan);
    }
    let meant = &plan.environment;
    Err(Failure::refused(format!("the plan is for '{meant}'"))
        .cause(format!("this command is for '{own}'"))
        .left("nothing was changed")
        .hint(format!("add --env {meant}")))
}

/// Runs a plan from its file: the same object, proven again against the world as it is now.
///
/// # Errors
/// When the plan is for another environment, or for whatever stops the operation.
pub async fn run(session: &Session, file: &Path) -> Result<u8> {
    let plan = read_for(session, file)?;
    let operation = rebuild(&plan, &session.world_for(&plan).await?)?;
    drive(session, &plan, operation.as_ref(), |result| {
        report::of(plan.kind, result)
    })
    .await
}
