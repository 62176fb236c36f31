//! What a prune will do. Pure: what was observed in, a plan out.

use std::time::Duration;

use crate::engine::{Action, Effect, Fact, OperationKind, Plan, Precondition, Severity, When};
use crate::environment::Environment;
use crate::failure::{Failure, Result};
use crate::names::{BackupId, ResourceName, StepName};

use super::super::retention::{Candidate, Decision, Health, Keep, Policy, decide};
use super::observe::{PruneObserved, policy};

/// A backup that is to go.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Doomed {
    /// Which.
    pub backup: BackupId,
    /// Its manifest's sum: another backup of the same name is not the one that was judged.
    pub manifest_sha256: String,
}

/// A backup that stays.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// Which.
    pub backup: BackupId,
    /// Why, in words.
    pub because: Vec<String>,
}

/// The inputs of the plan.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PruneInputs {
    /// The rules.
    pub policy: Policy,
    /// What goes, oldest data first.
    pub delete: Vec<Doomed>,
    /// The good ones that are left, whatever happens: they must still be there when one goes.
    pub floor: Vec<Doomed>,
    /// What stays, and why.
    pub keep: Vec<Kept>,
}

/// Plans a prune.
///
/// # Errors
/// When no good backup would be left to delete another for.
pub fn plan_prune(observed: &PruneObserved, environment: &Environment) -> Result<Plan> {
    let policy = policy(environment);
    let decisions = decide(&observed.candidates, &policy, observed.now);
    let judged: Vec<(&Candidate, &Decision)> = observed.candidates.iter().zip(&decisions).collect();
    let inputs = inputs(observed, policy, &judged);
    if !inputs.delete.is_empty() && inputs.floor.is_empty() {
        return Err(no_good_one(&judged));
    }
    let actions = actions(&inputs, &judged)?;
    Ok(Plan {
        format: Plan::FORMAT,
        operation: observed.operation.clone(),
        kind: OperationKind::BackupPrune,
        environment: environment.name.clone(),
        created_at: observed.now,
        opsctl_version: observed.opsctl_version.clone(),
        severity: if actions.is_empty() {
            Severity::Mild
        } else {
            Severity::Moderate
        },
        resources: vec![ResourceName::new("backups")?],
        preconditions: inputs.floor.iter().map(still_there).collect(),
        context: context(observed, &policy, &inputs),
        unchecked: Vec::new(),
        // What is deleted does not come back.
        point_of_no_return: actions.first().map(|action| action.step.clone()),
        actions,
        inputs: serde_json::to_value(&inputs)
            .map_err(|error| Failure::failed("the inputs can't be written").because(error))?,
    })
}

fn inputs(
    observed: &PruneObserved,
    policy: Policy,
    judged: &[(&Candidate, &Decision)],
) -> PruneInputs {
    let doomed = |(candidate, _): &(&Candidate, &Decision)| Doomed {
        backup: candidate.record.id.clone(),
        manifest_sha256: candidate.record.manifest_sha256.clone(),
    };
    let mut by_age = judged.to_vec();
    by_age.sort_by_key(|(candidate, _)| candidate.record.recovery_point.taken_at);
    let stands = |(candidate, decision): &&(&Candidate, &Decision)| {
        candidate.health == Health::Good && decision.keep.contains(&Keep::Floor)
    };
    let mut keep: Vec<Kept> = by_age
        .iter()
        .filter(|(_, decision)| !decision.goes())
        .map(|(candidate, decision)| kept(candidate, decision))
        .collect();
    keep.extend(observed.unreadable.iter().map(|broken| Kept {
        backup: broken.id.clone(),
        because: vec![format!("its age is not known: {}", broken.finding.detail)],
    }));
    PruneInputs {
        policy,
        delete: by_age
            .iter()
            .filter(|(_, decision)| decision.goes())
            .map(doomed)
            .collect(),
        floor: by_age.iter().filter(stands).map(doomed).collect(),
        keep,
    }
}

fn kept(candidate: &Candidate, decision: &Decision) -> Kept {
    let mut because: Vec<String> = decision.keep.iter().map(ToString::to_string).collect();
    if let Health::Broken(fault) = &candidate.health {
        because.push(format!("it is damaged and does not count as good: {fault}"));
    }
    Kept {
        backup: candidate.record.id.clone(),
        because,
    }
}

fn actions(inputs: &PruneInputs, judged: &[(&Candidate, &Decision)]) -> Result<Vec<Action>> {
    let mut actions = Vec::with_capacity(inputs.delete.len());
    for (index, doomed) in inputs.delete.iter().enumerate() {
        let of = |(candidate, _): &&(&Candidate, &Decision)| candidate.record.id == doomed.backup;
        let age = judged
            .iter()
            .find(of)
            .map_or(Duration::ZERO, |(_, d)| d.age);
        actions.push(Action {
            step: step_name(index)?,
            effect: Effect::Destroy,
            object: doomed.backup.to_string(),
            summary: format!(
                "delete backup {}: {} old, and {} is the retention",
                doomed.backup,
                humantime::format_duration(Duration::from_secs(age.as_secs())),
                inputs.policy.retention
            ),
            when: When::Success,
        });
    }
    Ok(actions)
}

/// The name of the step that deletes the backup at this place of the inputs.
pub(super) fn step_name(index: usize) -> Result<StepName> {
    StepName::new(format!("delete-{:03}", index + 1))
}

/// A good backup that the floor stands on.
pub(super) fn still_there(doomed: &Doomed) -> Precondition {
    Precondition {
        name: format!("good backup {}", doomed.backup),
        value: doomed.manifest_sha256.clone(),
        until: None,
    }
}

fn context(observed: &PruneObserved, policy: &Policy, inputs: &PruneInputs) -> Vec<Fact> {
    let fact = |name: String, value: String| Fact { name, value };
    let mut facts = vec![fact(
        "rules".to_owned(),
        format!(
            "older than {} goes; the {} newest good ones, the newest drilled one, pinned ones and those \
             in use stay",
            policy.retention,
            policy.floor()
        ),
    )];
    facts.extend(
        inputs
            .keep
            .iter()
            .map(|kept| fact(format!("keep {}", kept.backup), kept.because.join("; "))),
    );
    let newest = observed
        .candidates
        .iter()
        .map(|candidate| candidate.record.recovery_point.taken_at)
        .filter(|taken| *taken <= observed.now)
        .max();
    if let Some(newest) = newest.filter(|taken| taken.age(observed.now) > policy.stale_after.0) {
        facts.push(fact(
            "clock".to_owned(),
            format!("the newest backup is of {newest}: backups have stopped, or a clock jumped"),
        ));
    }
    facts
}

fn no_good_one(judged: &[(&Candidate, &Decision)]) -> Failure {
    let mut failure =
        Failure::refused("no backup is good: none is deleted").left("nothing was changed");
    failure.causes = judged
        .iter()
        .filter_map(|(candidate, _)| match &candidate.health {
            Health::Broken(fault) => Some(format!("backup '{}': {fault}", candidate.record.id)),
            _ => None,
        })
        .collect();
    failure
        .hint("opsctl backup create")
        .runbook("runbooks/backup.md")
}
