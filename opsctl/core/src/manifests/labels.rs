//! The field `labels`: pairs for every object, and where asked for also for the pods that it makes and the pods that it chooses.

use super::Manifest;
use super::kustomization::Labels;
use super::walk::{Missing, each_map};

/// A place for labels in objects of some kinds.
struct Place {
    path: &'static str,
    missing: Missing,
    kinds: &'static [&'static str],
}

/// Pods that an object makes.
const TEMPLATES: [Place; 4] = [
    Place {
        path: "spec/template/metadata/labels",
        missing: Missing::Create,
        kinds: &[
            "DaemonSet",
            "Deployment",
            "Job",
            "ReplicaSet",
            "ReplicationController",
            "StatefulSet",
        ],
    },
    Place {
        path: "spec/volumeClaimTemplates[]/metadata/labels",
        missing: Missing::Create,
        kinds: &["StatefulSet"],
    },
    Place {
        path: "spec/jobTemplate/metadata/labels",
        missing: Missing::Create,
        kinds: &["CronJob"],
    },
    Place {
        path: "spec/jobTemplate/spec/template/metadata/labels",
        missing: Missing::Create,
        kinds: &["CronJob"],
    },
];

const SPREAD: &[&str] = &["Deployment", "StatefulSet"];
const POLICY: &[&str] = &["NetworkPolicy"];

/// Pods that an object chooses.
const SELECTORS: [Place; 12] = [
    place(
        "spec/selector",
        Missing::Create,
        &["ReplicationController", "Service"],
    ),
    place(
        "spec/selector/matchLabels",
        Missing::Create,
        &["DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"],
    ),
    place(
        "spec/selector/matchLabels",
        Missing::Skip,
        &["Job", "PodDisruptionBudget"],
    ),
    place(
        "spec/jobTemplate/spec/selector/matchLabels",
        Missing::Skip,
        &["CronJob"],
    ),
    place(
        "spec/template/spec/affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels",
        Missing::Skip,
        SPREAD,
    ),
    place(
        "spec/template/spec/affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels",
        Missing::Skip,
        SPREAD,
    ),
    place(
        "spec/template/spec/affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels",
        Missing::Skip,
        SPREAD,
    ),
    place(
        "spec/template/spec/affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels",
        Missing::Skip,
        SPREAD,
    ),
    place(
        "spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels",
        Missing::Skip,
        SPREAD,
    ),
    place("spec/podSelector/matchLabels", Missing::Skip, POLICY),
    place(
        "spec/ingress/from/podSelector/matchLabels",
        Missing::Skip,
        POLICY,
    ),
    place(
        "spec/egress/to/podSelector/matchLabels",
        Missing::Skip,
        POLICY,
    ),
];

const fn place(path: &'static str, missing: Missing, kinds: &'static [&'static str]) -> Place {
    Place {
        path,
        missing,
        kinds,
    }
}

/// Sets them.
pub fn apply(manifests: &mut [Manifest], labels: &Labels) {
    let templates = labels.include_templates || labels.include_selectors;
    let of_pods = TEMPLATES.iter().filter(|_| templates);
    let chosen = SELECTORS.iter().filter(|_| labels.include_selectors);
    let places: Vec<&Place> = of_pods.chain(chosen).collect();
    for manifest in manifests {
        set(manifest, "metadata/labels", Missing::Create, labels);
        for place in &places {
            if place.kinds.contains(&manifest.kind()) {
                set(manifest, place.path, place.missing, labels);
            }
        }
    }
}

fn set(manifest: &mut Manifest, path: &str, missing: Missing, labels: &Labels) {
    each_map(manifest.value_mut(), path, missing, &mut |map| {
        for (label, value) in &labels.pairs {
            map.insert(label.clone(), value.as_str().into());
        }
    });
}
