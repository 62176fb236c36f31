//! Which kinds of objects there are, and whether they stand in a namespace: what Kubernetes serves, what the platform's
//! controllers add, and whatever else the caller knows of.

use std::collections::BTreeMap;

use super::Manifest;
use super::manifest::group_of;
use super::walk::at;

/// Where objects of a kind stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Cluster,
    Namespace,
}

/// Kinds that stand in a namespace, by `apiVersion`; of Kubernetes 1.34.
const IN_NAMESPACES: [(&str, &[&str]); 15] = [
    (
        "v1",
        &[
            "ConfigMap",
            "Endpoints",
            "Event",
            "LimitRange",
            "PersistentVolumeClaim",
            "Pod",
            "PodTemplate",
            "ReplicationController",
            "ResourceQuota",
            "Secret",
            "Service",
            "ServiceAccount",
        ],
    ),
    (
        "apps/v1",
        &[
            "ControllerRevision",
            "DaemonSet",
            "Deployment",
            "ReplicaSet",
            "StatefulSet",
        ],
    ),
    ("autoscaling/v1", &["HorizontalPodAutoscaler"]),
    ("autoscaling/v2", &["HorizontalPodAutoscaler"]),
    ("batch/v1", &["CronJob", "Job"]),
    ("coordination.k8s.io/v1", &["Lease"]),
    ("discovery.k8s.io/v1", &["EndpointSlice"]),
    ("events.k8s.io/v1", &["Event"]),
    ("networking.k8s.io/v1", &["Ingress", "NetworkPolicy"]),
    ("policy/v1", &["PodDisruptionBudget"]),
    ("rbac.authorization.k8s.io/v1", &["Role", "RoleBinding"]),
    (
        "resource.k8s.io/v1",
        &["ResourceClaim", "ResourceClaimTemplate"],
    ),
    ("storage.k8s.io/v1", &["CSIStorageCapacity"]),
    // Of the platform's controllers.
    ("cert-manager.io/v1", &["Certificate", "Issuer"]),
    ("elbv2.k8s.aws/v1beta1", &["TargetGroupBinding"]),
];

/// Kinds that stand in none.
const IN_THE_CLUSTER: [(&str, &[&str]); 12] = [
    ("v1", &["Namespace", "Node", "PersistentVolume"]),
    (
        "admissionregistration.k8s.io/v1",
        &[
            "MutatingWebhookConfiguration",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
            "ValidatingWebhookConfiguration",
        ],
    ),
    ("apiextensions.k8s.io/v1", &["CustomResourceDefinition"]),
    ("apiregistration.k8s.io/v1", &["APIService"]),
    ("certificates.k8s.io/v1", &["CertificateSigningRequest"]),
    (
        "flowcontrol.apiserver.k8s.io/v1",
        &["FlowSchema", "PriorityLevelConfiguration"],
    ),
    (
        "networking.k8s.io/v1",
        &["IngressClass", "IPAddress", "ServiceCIDR"],
    ),
    ("node.k8s.io/v1", &["RuntimeClass"]),
    (
        "rbac.authorization.k8s.io/v1",
        &["ClusterRole", "ClusterRoleBinding"],
    ),
    ("scheduling.k8s.io/v1", &["PriorityClass"]),
    (
        "storage.k8s.io/v1",
        &["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"],
    ),
    ("cert-manager.io/v1", &["ClusterIssuer"]),
];

/// The kinds that are known.
#[derive(Debug, Clone)]
pub struct Kinds(BTreeMap<(String, String), Scope>);

impl Default for Kinds {
    fn default() -> Self {
        let both = [
            (Scope::Namespace, IN_NAMESPACES.as_slice()),
            (Scope::Cluster, IN_THE_CLUSTER.as_slice()),
        ];
        let mut known = Self(BTreeMap::new());
        for (scope, kinds) in both {
            for (api_version, kinds) in kinds {
                for kind in *kinds {
                    known = known.with(api_version, kind, scope);
                }
            }
        }
        known
    }
}

impl Kinds {
    /// One more: what a cluster says that it serves.
    #[must_use]
    pub fn with(mut self, api_version: &str, kind: &str, scope: Scope) -> Self {
        self.0
            .insert((api_version.to_owned(), kind.to_owned()), scope);
        self
    }

    /// Where objects of a kind stand; None for an unknown one.
    #[must_use]
    pub fn scope(&self, api_version: &str, kind: &str) -> Option<Scope> {
        self.0
            .get(&(api_version.to_owned(), kind.to_owned()))
            .copied()
    }

    /// The `apiVersion`s under which a kind is known.
    pub(super) fn versions_of(&self, kind: &str) -> Vec<&str> {
        let of_kind = self.0.keys().filter(|(_, known)| known == kind);
        of_kind
            .map(|(api_version, _)| api_version.as_str())
            .collect()
    }

    /// Those as well whose definitions are among the manifests.
    pub(super) fn with_defined(&self, manifests: &[Manifest]) -> Self {
        let defined = manifests
            .iter()
            .filter(|manifest| manifest.kind() == "CustomResourceDefinition");
        defined.fold(self.clone(), Self::with_definition)
    }

    fn with_definition(self, definition: &Manifest) -> Self {
        let text = |path: &str| at(definition.value(), path).and_then(|value| value.as_str());
        let (Some(group), Some(kind)) = (text("spec.group"), text("spec.names.kind")) else {
            return self;
        };
        let scope = match text("spec.scope") {
            Some("Cluster") => Scope::Cluster,
            _ => Scope::Namespace,
        };
        let versions = at(definition.value(), "spec.versions").and_then(|value| value.as_array());
        let names = versions.into_iter().flatten();
        let names = names.filter_map(|version| version.get("name")?.as_str());
        names.fold(self, |kinds, version| {
            kinds.with(&format!("{group}/{version}"), kind, scope)
        })
    }

    /// As kustomize sees it, which knows kinds of Kubernetes alone: what it does not know stands in a namespace.
    pub(super) fn is_of_cluster(&self, manifest: &Manifest) -> bool {
        let (group, kind) = (manifest.group(), manifest.kind());
        let scope = self.scope(manifest.api_version(), kind).or_else(|| {
            let mut known = self.0.iter();
            let same = known.find(|((of, named), _)| group_of(of) == group && named == kind);
            same.map(|(_, scope)| *scope)
        });
        scope == Some(Scope::Cluster)
    }
}
