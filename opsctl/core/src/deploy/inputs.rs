//! What the plan of a deploy carries: every object as it will be applied, and what that changes.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::between::Difference;
use super::diff::FieldChange;
use super::gate::gated;
use super::latest::LatestMove;
use super::release::{Origin, ReleaseNumber};
use super::waves::Wave;
use crate::engine::{Plan, Precondition};
use crate::environment::{GateSettings, Patience};
use crate::names::StepName;
use crate::workloads::{Object, ObjectRef};

/// So many fields are told in words.
const TOLD: usize = 2;

/// What becomes of an object.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum ObjectChange {
    /// It is as it shall be.
    Same,
    /// It is not there yet.
    Create,
    /// Fields of it change.
    Change {
        /// The live object's id.
        uid: String,
        /// The live object's version when it was looked at.
        resource_version: String,
        /// The fields.
        fields: Vec<FieldChange>,
    },
}

/// One object of the release.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct PlannedObject {
    /// As it is applied, without the marks.
    pub object: Object,
    /// When.
    pub wave: Wave,
    /// What that changes.
    #[serde(flatten)]
    pub change: ObjectChange,
}

impl PlannedObject {
    /// Whether anything is written.
    #[must_use]
    pub fn changes(&self) -> bool {
        self.change != ObjectChange::Same
    }

    /// From what is live to what it becomes.
    #[must_use]
    pub fn difference(&self) -> Difference {
        let object = self.object.reference();
        match &self.change {
            ObjectChange::Change { fields, .. } => Difference::Changed {
                object,
                fields: fields.clone(),
            },
            ObjectChange::Create | ObjectChange::Same => Difference::New { object },
        }
    }

    /// What must still be so when it is applied: the very fields that were planned, from what they were to what they
    /// shall be. Fields that nobody planned may drift.
    #[must_use]
    pub fn precondition(&self) -> Precondition {
        precondition(&self.object.reference(), self.wave, &self.change)
    }
}

/// See [`PlannedObject::precondition`].
#[must_use]
pub fn precondition(object: &ObjectRef, wave: Wave, change: &ObjectChange) -> Precondition {
    let value = match change {
        ObjectChange::Same => "as planned".into(),
        ObjectChange::Create => "absent".into(),
        ObjectChange::Change { uid, fields, .. } => {
            // Who wrote a value, and when, is no matter, as long as it is the same value.
            let values = fields.iter().map(FieldChange::values);
            let values: Vec<_> = values.collect();
            let what = serde_json::json!([uid, values]).to_string();
            let digest = hex::encode(Sha256::digest(what));
            format!("{} (sha256 {})", summary(fields), &digest[..16])
        }
    };
    Precondition {
        name: object.to_string(),
        value,
        until: StepName::new(wave.step()).ok(),
    }
}

/// Few fields in words, of many their number.
fn summary(fields: &[FieldChange]) -> String {
    match fields.len() {
        0..=TOLD => {
            let told: Vec<String> = fields.iter().map(ToString::to_string).collect();
            told.join(", ")
        }
        many => format!("{many} fields"),
    }
}

/// An object that an earlier release made and this one no longer has.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Pruned {
    /// The object.
    pub object: ObjectRef,
    /// Its id: another object of the same name is not meant.
    pub uid: String,
}

/// What happens when the release fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// Back to the last release that served.
    #[default]
    RollBack,
    /// It stays, to be looked at.
    Keep,
}

/// The inputs of the plan.
#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeployInputs {
    /// The number that the release will have.
    pub number: ReleaseNumber,
    /// How it comes about.
    pub origin: Origin,
    /// The id of the cluster.
    pub cluster: String,
    /// The namespace that is watched.
    pub namespace: String,
    /// The images, by the name that the manifests use.
    pub images: BTreeMap<String, String>,
    /// The migrations that come first, as their own plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub migration: Option<Box<Plan>>,
    /// Every object, in the order in which they are applied.
    pub objects: Vec<PlannedObject>,
    /// Secrets that the pods are handed, by name alone.
    pub secrets: Vec<ObjectRef>,
    /// What is deleted at the end.
    pub prune: Vec<Pruned>,
    /// The release that a failure goes back to: the last one that served.
    pub back: Option<ReleaseNumber>,
    /// What a failure leads to.
    pub on_failure: OnFailure,
    /// How long things may take.
    pub patience: Patience,
    /// What new pods are measured by; absent: they are not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<GateSettings>,
    /// Why it is deployed although the environment is frozen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub override_freeze: Option<String>,
    /// What `latest` names when the release serves; absent: what it named before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latest: Option<LatestMove>,
}

impl DeployInputs {
    /// The waves in which something changes, in order.
    #[must_use]
    pub fn waves(&self) -> Vec<Wave> {
        let mut waves: Vec<Wave> = self
            .objects
            .iter()
            .filter(|planned| planned.changes())
            .map(|planned| planned.wave)
            .collect();
        waves.sort();
        waves.dedup();
        waves
    }

    /// What changes in a wave.
    pub fn changed_in(&self, wave: Wave) -> impl Iterator<Item = &PlannedObject> {
        let all = self.objects.iter();
        all.filter(move |planned| planned.wave == wave && planned.changes())
    }

    /// Whose roll-out in a wave is measured. Going back is not: what served before is not held up.
    pub fn gated_in(&self, wave: Wave) -> impl Iterator<Item = &PlannedObject> {
        let gate = self
            .gate
            .as_ref()
            .filter(|_| self.origin == Origin::Manifests);
        let changed = self.changed_in(wave);
        changed.filter(move |planned| gate.is_some_and(|gate| gated(planned, gate)))
    }

    /// The waves in which something is measured, in order.
    #[must_use]
    pub fn gated_waves(&self) -> Vec<Wave> {
        let mut waves = self.waves();
        waves.retain(|wave| self.gated_in(*wave).next().is_some());
        waves
    }

    /// What changes, object by object.
    #[must_use]
    pub fn differences(&self) -> Vec<Difference> {
        let changed = self.objects.iter().filter(|planned| planned.changes());
        let pruned = self.prune.iter().map(|it| Difference::Gone {
            object: it.object.clone(),
        });
        changed
            .map(PlannedObject::difference)
            .chain(pruned)
            .collect()
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let quiet = self.migration.is_none() && self.prune.is_empty();
        quiet && !self.objects.iter().any(PlannedObject::changes)
    }
}
