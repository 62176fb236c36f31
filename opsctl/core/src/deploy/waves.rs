//! In which order objects are applied: what others need comes first.

use crate::workloads::{Object, ObjectKind};

/// A group of objects that is applied, and waited for, before the next.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case", tag = "wave", content = "place")]
pub enum Wave {
    /// Namespaces and definitions of kinds: everything else lives in them.
    Ground,
    /// Accounts, rights, configuration, services, limits: what workloads refer to.
    Surroundings,
    /// Jobs that must end well before the workloads change.
    Hooks,
    /// What runs, by its place.
    Workloads(u32),
    /// What acts on running workloads: scaling, load balancers.
    Attachments,
}

/// The annotation that gives a workload its place; 0 without it.
pub const PLACE: &str = "opsctl/place";

impl Wave {
    /// The wave of an object.
    #[must_use]
    pub fn of(object: &Object) -> Self {
        let place = object.annotation(PLACE).and_then(|text| text.parse().ok());
        match object.text("/kind") {
            "Namespace" | "CustomResourceDefinition" => Self::Ground,
            "Job" => Self::Hooks,
            "Deployment" | "StatefulSet" | "DaemonSet" | "CronJob" => {
                Self::Workloads(place.unwrap_or_default())
            }
            "HorizontalPodAutoscaler" | "TargetGroupBinding" | "Ingress" => Self::Attachments,
            _ => Self::Surroundings,
        }
    }

    /// Whether what is in it is waited for.
    #[must_use]
    pub const fn is_watched(self) -> bool {
        matches!(self, Self::Hooks | Self::Workloads(_))
    }

    /// The name of the step that lets the first of it serve and measures that.
    #[must_use]
    pub fn try_out(self) -> String {
        format!("try-{}", self.step())
    }

    /// The name of the step that measures all of it.
    #[must_use]
    pub fn prove(self) -> String {
        format!("prove-{}", self.step())
    }

    /// The name of the step that applies it.
    #[must_use]
    pub fn step(self) -> String {
        match self {
            Self::Ground => "apply-ground".into(),
            Self::Surroundings => "apply-surroundings".into(),
            Self::Hooks => "run-hooks".into(),
            Self::Workloads(place) => format!("roll-out-{place}"),
            Self::Attachments => "apply-attachments".into(),
        }
    }
}

/// The kinds whose roll-out is followed.
#[must_use]
pub fn watched_kinds() -> Vec<ObjectKind> {
    [
        ("apps/v1", "Deployment"),
        ("apps/v1", "StatefulSet"),
        ("apps/v1", "DaemonSet"),
        ("apps/v1", "ReplicaSet"),
        ("batch/v1", "Job"),
        ("v1", "PersistentVolumeClaim"),
        ("v1", "Pod"),
        ("v1", "Event"),
    ]
    .map(|(version, kind)| ObjectKind::new(version, kind))
    .into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn wave(kind: &str, place: Option<&str>) -> Wave {
        let annotations = place.map(|place| json!({ PLACE: place }));
        Wave::of(&Object(json!({
            "kind": kind, "metadata": {"annotations": annotations}
        })))
    }

    #[test]
    fn what_others_need_comes_first() {
        let kinds = [
            "Namespace",
            "ConfigMap",
            "Job",
            "Deployment",
            "HorizontalPodAutoscaler",
        ];
        let waves = kinds.map(|kind| wave(kind, None));
        assert!(waves.is_sorted(), "{waves:?}");
    }

    #[test]
    fn a_workload_with_a_place_waits_for_those_before_it() {
        assert!(wave("Deployment", None) < wave("Deployment", Some("1")));
        assert_eq!(wave("Deployment", Some("1")).step(), "roll-out-1");
    }
}
