//! What a prune will do. Pure: what was observed in, a plan out.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::engine::{Fact, OperationKind, Plan, Precondition, Severity};
use crate::environment::Environment;
use crate::failure::{Failure, Result};
use crate::names::{BackupId, ResourceName};

use super::super::retention::{Candidate, Decision, Health, Keep, Policy, decide};
use super::actions;
use super::observe::{PruneObserved, policy};
use super::shelf::Shelf;

/// A backup that is to go.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Doomed {
    /// Where it lies.
    #[serde(default, skip_serializing_if = "Shelf::is_backups")]
    pub shelf: Shelf,
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

/// What becomes of the backups in one place.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sorted {
    /// What goes, oldest data first.
    pub delete: Vec<Doomed>,
    /// The good ones that are left, whatever happens: they must still be there when one goes.
    pub floor: Vec<Doomed>,
    /// What stays, and why.
    pub keep: Vec<Kept>,
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
    /// The same of the copies in the second place, which have a floor of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copies: Option<CopiesSorted>,
}

/// What becomes of the copies.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CopiesSorted {
    /// Where they lie.
    pub place: String,
    /// Which go and which stay.
    pub sorted: Sorted,
}

/// Plans a prune.
///
/// # Errors
/// When no good backup would be left to delete another for.
pub fn plan_prune(observed: &PruneObserved, environment: &Environment) -> Result<Plan> {
    let policy = policy(environment);
    let here = Judged::of(&observed.candidates, &policy, observed.now);
    let exports = Judged::of(&observed.exports, &policy, observed.now);
    let inputs = inputs(observed, policy, (&here, &exports))?;
    let mut actions = actions::here(&inputs, |id| here.age(id).max(exports.age(id)))?;
    if let (Some(away), Some(copies)) = (&observed.away, &inputs.copies) {
        let there = Judged::of(&away.candidates, &policy, observed.now);
        actions.extend(actions::away(copies, &policy, &there)?);
    }
    let copied = inputs.copies.iter().flat_map(|it| &it.sorted.floor);
    let floors = inputs.floor.iter().map(still_there);
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
        preconditions: floors.chain(copied.map(copy_still_there)).collect(),
        context: context(observed, &policy, &inputs),
        cost: None,
        unchecked: Vec::new(),
        // What is deleted does not come back.
        point_of_no_return: actions.first().map(|action| action.step.clone()),
        actions,
        inputs: serde_json::to_value(&inputs)
            .map_err(|error| Failure::failed("the inputs can't be written").because(error))?,
    })
}

/// Candidates with what is decided of each.
pub(super) struct Judged<'a>(pub Vec<(&'a Candidate, Decision)>);

impl<'a> Judged<'a> {
    fn of(candidates: &'a [Candidate], policy: &Policy, now: Timestamp) -> Self {
        let decisions = decide(candidates, policy, now);
        Self(candidates.iter().zip(decisions).collect())
    }

    /// How old a backup counts.
    pub(super) fn age(&self, id: &BackupId) -> Duration {
        let found = self.0.iter().find(|(it, _)| it.record.id == *id);
        found.map_or(Duration::ZERO, |(_, decision)| decision.age)
    }

    fn sorted(&self, shelf: Shelf) -> Sorted {
        let doomed = |(candidate, _): &&(&Candidate, Decision)| Doomed {
            shelf,
            backup: candidate.record.id.clone(),
            manifest_sha256: candidate.record.manifest_sha256.clone(),
        };
        let mut by_age: Vec<_> = self.0.iter().collect();
        by_age.sort_by_key(|(candidate, _)| candidate.record.recovery_point.taken_at);
        let all = || by_age.iter().copied();
        let stands = |(candidate, decision): &&(&Candidate, Decision)| {
            candidate.health == Health::Good && decision.keep.contains(&Keep::Floor)
        };
        Sorted {
            delete: all()
                .filter(|(_, it)| it.goes())
                .map(|it| doomed(&it))
                .collect(),
            floor: all().filter(stands).map(|it| doomed(&it)).collect(),
            keep: all()
                .filter(|(_, it)| !it.goes())
                .map(|(candidate, decision)| kept(candidate, decision))
                .collect(),
        }
    }

    /// The same, where something good is left to delete another for.
    fn sorted_safely(&self, shelf: Shelf) -> Result<Sorted> {
        let sorted = self.sorted(shelf);
        match !sorted.delete.is_empty() && sorted.floor.is_empty() {
            true => Err(no_good_one(&self.0)),
            false => Ok(sorted),
        }
    }
}

fn inputs(
    observed: &PruneObserved,
    policy: Policy,
    (here, exports): (&Judged<'_>, &Judged<'_>),
) -> Result<PruneInputs> {
    let mut all = here.sorted_safely(Shelf::Backups)?;
    // Backups and exports each have a floor of their own.
    let exported = exports.sorted_safely(Shelf::Exports)?;
    all.delete.extend(exported.delete);
    all.floor.extend(exported.floor);
    all.keep.extend(exported.keep);
    let Sorted {
        delete,
        floor,
        mut keep,
    } = all;
    keep.extend(observed.unreadable.iter().map(|broken| Kept {
        backup: broken.id.clone(),
        because: vec![format!("its age is not known: {}", broken.finding.detail)],
    }));
    Ok(PruneInputs {
        policy,
        delete,
        floor,
        keep,
        copies: observed.away.as_ref().map(|away| CopiesSorted {
            place: away.place.clone(),
            sorted: Judged::of(&away.candidates, &policy, observed.now).sorted(Shelf::Backups),
        }),
    })
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

/// A good backup that the floor stands on.
pub(super) fn still_there(doomed: &Doomed) -> Precondition {
    Precondition {
        name: format!("good backup {}", doomed.backup),
        value: doomed.manifest_sha256.clone(),
        until: None,
    }
}

/// The same of a copy in the second place.
pub(super) fn copy_still_there(doomed: &Doomed) -> Precondition {
    Precondition {
        name: format!("good copy of {}", doomed.backup),
        ..still_there(doomed)
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
    if let Some(copies) = &inputs.copies {
        let place = &copies.place;
        facts.extend(copies.sorted.keep.iter().map(|kept| {
            let name = format!("keep copy of {} in {place}", kept.backup);
            fact(name, kept.because.join("; "))
        }));
    }
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

fn no_good_one(judged: &[(&Candidate, Decision)]) -> Failure {
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
