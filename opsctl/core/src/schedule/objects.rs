//! The CronJob of a task.

use serde_json::{Value, json};

use super::Task;
use super::margin::LATEST_START;
use super::surroundings::labels;
use crate::environment::Timing;
use crate::runner::Errand;
use crate::workloads::Object;

/// A plan is made within that; what its task takes is the time of those who carry it out.
const PLANNING: u64 = 3600;
/// So many Jobs of each sort can be looked at.
const KEPT: u32 = 3;

/// The CronJob that runs `errand` at the task's times.
pub fn cron_job(task: Task, timing: &Timing, errand: &Errand<'_>) -> Object {
    let deadline = match task {
        Task::FailoverPlan => PLANNING,
        _ => timing.takes.0.as_secs(),
    };
    let pod = json!({"metadata": {"labels": labels()}, "spec": errand.pod()});
    // A run that failed is looked at by a person, or comes again at its next time: it is never tried anew at once.
    let job = json!({"backoffLimit": 0, "activeDeadlineSeconds": deadline, "template": pod});
    let metadata: Value = json!({
        "name": task.cron_job(),
        "namespace": errand.settings.namespace,
        "labels": labels(),
    });
    Object(json!({
        "apiVersion": "batch/v1", "kind": "CronJob", "metadata": metadata,
        "spec": {
            "schedule": timing.at.to_string(),
            "timeZone": "Etc/UTC",
            "concurrencyPolicy": "Forbid",
            "startingDeadlineSeconds": LATEST_START.as_secs(),
            "successfulJobsHistoryLimit": KEPT,
            "failedJobsHistoryLimit": KEPT,
            "jobTemplate": {"metadata": {"labels": labels()}, "spec": job},
        },
    }))
}
