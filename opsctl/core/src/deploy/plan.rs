//! What a deploy does, decided before anything happens.

use super::inputs::{DeployInputs, ObjectChange, OnFailure, PlannedObject};
use super::listed::listed;
use super::release::{Origin, Release, ReleaseNumber};
use super::waves::Wave;
use crate::engine::{
    Action, Basis, Effect, Fact, OperationKind, Plan, Precondition, Severity, When,
};
use crate::environment::Protection;
use crate::failure::Result;
use crate::names::{ResourceName, StepName};
use crate::workloads::ObjectRef;

pub(super) const OPEN: &str = "open-release";
pub(super) const BASELINE: &str = "look-before";
pub(super) const SECRETS: &str = "place-secrets";
pub(super) const PRUNE: &str = "prune";
pub(super) const CLOSE: &str = "close-release";
pub(super) const LATEST: &str = "move-latest";
pub(super) const EVIDENCE: &str = "keep-evidence";
pub(super) const ROLL_BACK: &str = "roll-back";
pub(super) const CLOSE_FAILED: &str = "close-failed-release";
/// The precondition that nobody else deployed meanwhile.
const NEWEST: &str = "newest release";
/// The precondition that the cluster is the same.
const CLUSTER: &str = "cluster";

/// Plans a deploy from its inputs.
///
/// # Errors
/// Never for inputs of this module.
pub fn plan(inputs: &DeployInputs, basis: &Basis<'_>) -> Result<Plan> {
    let kind = match inputs.origin {
        Origin::Manifests => OperationKind::Deploy,
        Origin::Release { .. } => OperationKind::Rollback,
    };
    let severity = match basis.environment.settings.protection {
        Protection::Open => Severity::Moderate,
        Protection::Protected => Severity::Severe,
    };
    Ok(Plan {
        severity,
        resources: resources(inputs)?,
        actions: actions(inputs)?,
        preconditions: preconditions(inputs),
        context: facts(inputs),
        ..Plan::of(kind, basis, inputs)?
    })
}

/// Nobody else deployed, the cluster is the same, and each object still changes exactly as planned.
fn preconditions(inputs: &DeployInputs) -> Vec<Precondition> {
    let changed = inputs.objects.iter().filter(|planned| planned.changes());
    let gated: Vec<ObjectRef> = inputs
        .gated_waves()
        .into_iter()
        .flat_map(|wave| inputs.gated_in(wave))
        .map(|planned| planned.object.reference())
        .collect();
    let objects = changed.map(|planned| until_first_touched(planned, &gated));
    let newest = ReleaseNumber(inputs.number.0 - 1);
    let schema = inputs.migration.iter().flat_map(|plan| &plan.preconditions);
    [newest_release(newest), same_cluster(&inputs.cluster)]
        .into_iter()
        .chain(schema.cloned())
        .chain(objects)
        .collect()
}

/// A roll-out that is tried out first is touched by that.
fn until_first_touched(planned: &PlannedObject, gated: &[ObjectRef]) -> Precondition {
    let precondition = planned.precondition();
    match gated.contains(&planned.object.reference()) {
        true => Precondition {
            until: StepName::new(planned.wave.try_out()).ok(),
            ..precondition
        },
        false => precondition,
    }
}

pub(super) fn newest_release(number: ReleaseNumber) -> Precondition {
    Precondition {
        name: NEWEST.into(),
        value: number.to_string(),
        until: Some(StepName::fixed(OPEN)),
    }
}

pub(super) fn same_cluster(uid: &str) -> Precondition {
    Precondition {
        name: CLUSTER.into(),
        value: uid.into(),
        until: None,
    }
}

/// The number of the newest release; 0 when there is none.
#[must_use]
pub fn newest(history: &[Release]) -> ReleaseNumber {
    history
        .last()
        .map_or(ReleaseNumber(0), |release| release.opened.number)
}

/// What is locked: the database only where its schema changes.
fn resources(inputs: &DeployInputs) -> Result<Vec<ResourceName>> {
    let mut resources = vec![ResourceName::new("workloads")?];
    for resource in inputs.migration.iter().flat_map(|plan| &plan.resources) {
        resources.push(resource.clone());
    }
    resources.sort();
    Ok(resources)
}

fn actions(inputs: &DeployInputs) -> Result<Vec<Action>> {
    let release = format!("release {}", inputs.number);
    let mut actions = vec![
        action(OPEN, Effect::Create, &release, format!("open {release}")),
        action(
            BASELINE,
            Effect::Read,
            &inputs.namespace,
            "note what fails already".into(),
        ),
    ];
    let migrations = inputs.migration.iter().flat_map(|plan| &plan.actions);
    actions.extend(migrations.cloned());
    let waves = inputs.waves();
    let (ground, rest) = waves.split_at(waves.partition_point(|wave| *wave == Wave::Ground));
    actions.extend(of_waves(inputs, ground)?);
    if !inputs.secrets.is_empty() {
        let names: Vec<String> = inputs.secrets.iter().map(ToString::to_string).collect();
        let names = listed(&names);
        let summary = format!("hand the pods their secrets: {names}");
        actions.push(action(SECRETS, Effect::Change, &names, summary));
    }
    actions.extend(of_waves(inputs, rest)?);
    if !inputs.prune.is_empty() {
        let names: Vec<String> = inputs
            .prune
            .iter()
            .map(|it| it.object.to_string())
            .collect();
        let summary = format!("delete what {release} no longer has: {}", listed(&names));
        actions.push(action(PRUNE, Effect::Destroy, &listed(&names), summary));
    }
    actions.push(action(
        CLOSE,
        Effect::Create,
        &release,
        format!("close {release}: succeeded"),
    ));
    if let Some(latest) = &inputs.latest {
        let object = format!("{}:latest", latest.repository);
        let summary = format!("let 'latest' name {}", latest.version);
        actions.push(action(LATEST, Effect::Change, &object, summary));
    }
    actions.extend(ways_back(inputs, &release));
    Ok(actions)
}

fn of_waves(inputs: &DeployInputs, waves: &[Wave]) -> Result<Vec<Action>> {
    let mut actions = Vec::new();
    for wave in waves {
        let (first, last) = measured(inputs, *wave)?.unzip();
        actions.extend(first);
        actions.push(Action {
            step: StepName::new(wave.step())?,
            effect: Effect::Change,
            object: objects_of(inputs, *wave),
            summary: summary(inputs, *wave),
            when: When::Success,
        });
        actions.extend(last);
    }
    Ok(actions)
}

/// What is measured before and after a wave, where something is.
fn measured(inputs: &DeployInputs, wave: Wave) -> Result<Option<(Action, Action)>> {
    let names: Vec<String> = inputs
        .gated_in(wave)
        .map(|planned| planned.object.reference().to_string())
        .collect();
    let Some(gate) = inputs.gate.as_ref().filter(|_| !names.is_empty()) else {
        return Ok(None);
    };
    let (names, window) = (names.join(", "), gate.window);
    let action = |step: String, effect, summary: String| -> Result<Action> {
        Ok(Action {
            step: StepName::new(step)?,
            effect,
            object: names.clone(),
            summary,
            when: When::Success,
        })
    };
    let first = format!(
        "let the first new pods serve, and measure them beside the old ones for {window}: {names}"
    );
    let last = format!("measure all new pods for {window}: {names}");
    Ok(Some((
        action(wave.try_out(), Effect::Change, first)?,
        action(wave.prove(), Effect::Read, last)?,
    )))
}

/// What happens after a failure.
fn ways_back(inputs: &DeployInputs, release: &str) -> Vec<Action> {
    let on_failure = |step, effect, object: &str, summary: String| Action {
        when: When::Failure,
        ..action(step, effect, object, summary)
    };
    let keep = "keep logs, events and states of what fails".to_owned();
    let mut actions = vec![on_failure(EVIDENCE, Effect::Read, &inputs.namespace, keep)];
    if inputs.on_failure == OnFailure::RollBack {
        let (object, summary) = match inputs.back {
            Some(back) => (
                format!("release {back}"),
                format!("go back to release {back}"),
            ),
            None => (release.to_owned(), format!("delete what {release} made")),
        };
        actions.push(on_failure(ROLL_BACK, Effect::Change, &object, summary));
    }
    let close = format!("close {release}: failed");
    actions.push(on_failure(CLOSE_FAILED, Effect::Create, release, close));
    actions
}

fn action(step: &'static str, effect: Effect, object: &str, summary: String) -> Action {
    Action {
        step: StepName::fixed(step),
        effect,
        object: object.to_owned(),
        summary,
        when: When::Success,
    }
}

fn objects_of(inputs: &DeployInputs, wave: Wave) -> String {
    let names = inputs.changed_in(wave);
    let names: Vec<String> = names.map(|it| it.object.reference().to_string()).collect();
    listed(&names)
}

fn summary(inputs: &DeployInputs, wave: Wave) -> String {
    let (mut made, mut changed) = (0, 0);
    for planned in inputs.changed_in(wave) {
        match planned.change {
            ObjectChange::Create => made += 1,
            _ => changed += 1,
        }
    }
    let what = match (made, changed) {
        (made, 0) => format!("create {made}"),
        (0, changed) => format!("change {changed}"),
        (made, changed) => format!("create {made}, change {changed}"),
    };
    let wait = if wave.is_watched() {
        ", and wait until they serve"
    } else {
        ""
    };
    format!("{what}: {}{wait}", objects_of(inputs, wave))
}

fn facts(inputs: &DeployInputs) -> Vec<Fact> {
    let same = inputs.objects.iter().filter(|it| !it.changes()).count();
    let back = inputs.back.map_or_else(
        || "nothing: it is the first".to_owned(),
        |it| format!("release {it}"),
    );
    let mut facts = vec![
        ("unchanged objects", same.to_string()),
        ("a failure goes back to", back),
    ];
    let overriding = inputs.override_freeze.iter();
    facts.extend(overriding.map(|reason| ("deployed although frozen", reason.clone())));
    let images = inputs.images.iter();
    facts.extend(images.map(|(name, reference)| ("image", format!("{name} = {reference}"))));
    facts
        .into_iter()
        .map(|(name, value)| Fact {
            name: name.into(),
            value,
        })
        .collect()
}
