//! What a prune does, backup by backup: first those at home, then the copies in the second place.

use std::time::Duration;

use crate::engine::{Action, Effect, When};
use crate::failure::Result;
use crate::names::{BackupId, StepName};

use super::super::retention::Policy;
use super::plan::{CopiesSorted, Doomed, Judged, PruneInputs};

/// Those at home.
pub(super) fn here(
    inputs: &PruneInputs,
    age: impl Fn(&BackupId) -> Duration,
) -> Result<Vec<Action>> {
    let numbered = inputs.delete.iter().enumerate();
    numbered
        .map(|(index, doomed)| {
            let what = format!("delete backup {}", doomed.backup);
            let old = age(&doomed.backup);
            Ok(action(
                step_name(index)?,
                doomed,
                what,
                (old, &inputs.policy),
            ))
        })
        .collect()
}

/// The copies.
pub(super) fn away(
    copies: &CopiesSorted,
    policy: &Policy,
    judged: &Judged<'_>,
) -> Result<Vec<Action>> {
    let numbered = copies.sorted.delete.iter().enumerate();
    numbered
        .map(|(index, doomed)| {
            let what = format!("delete the copy of {} in {}", doomed.backup, copies.place);
            let old = judged.age(&doomed.backup);
            Ok(action(copy_step_name(index)?, doomed, what, (old, policy)))
        })
        .collect()
}

fn action(
    step: StepName,
    doomed: &Doomed,
    what: String,
    (age, policy): (Duration, &Policy),
) -> Action {
    let age = humantime::format_duration(Duration::from_secs(age.as_secs()));
    Action {
        step,
        effect: Effect::Destroy,
        object: doomed.backup.to_string(),
        summary: format!(
            "{what}: {age} old, and {} is the retention",
            policy.retention
        ),
        when: When::Success,
    }
}

/// The name of the step that deletes the backup at this place of the inputs.
pub(super) fn step_name(index: usize) -> Result<StepName> {
    StepName::new(format!("delete-{:03}", index + 1))
}

/// The same of a copy.
pub(super) fn copy_step_name(index: usize) -> Result<StepName> {
    StepName::new(format!("delete-copy-{:03}", index + 1))
}
