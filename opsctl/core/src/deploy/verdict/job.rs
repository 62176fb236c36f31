//! A job that has given up: by its own budget of failures, its deadline or its policy.

use super::cause::CauseCode;
use super::finding::{Finding, Suspicion};
use super::judge::Role;
use crate::workloads::Object;

/// That a job has failed, in its own words.
pub fn failure(job: &Object, role: Role) -> Option<Finding> {
    let conditions = job.items("/status/conditions").iter();
    let mut failed = conditions.filter(|it| {
        (it["type"] == "Failed" || it["type"] == "FailureTarget") && it["status"] == "True"
    });
    let condition = failed.next()?;
    let code = match role {
        Role::Migration => CauseCode::MigrationFailed,
        Role::Hook | Role::Workload => CauseCode::JobFailed,
    };
    let reason = condition["reason"].as_str().unwrap_or("Failed");
    let words = condition["message"].as_str().unwrap_or_default();
    Some(Finding::new(
        code,
        &job.reference(),
        format!("{reason}: {words}"),
    ))
}

/// What a pod of a job was last seen to die of; the controller takes pods away when it gives up.
pub fn death(suspicions: &[Suspicion]) -> Option<String> {
    let findings = suspicions.iter().map(|suspicion| &suspicion.finding);
    let worst = findings.min_by_key(|finding| finding.code)?;
    Some(format!("{}: {}", worst.object.name, worst.message))
}
