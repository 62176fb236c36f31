//! Which lists are merged entry by entry, and by which fields entries are told apart: Kubernetes' own marks, as kustomize
//! carries them. Every other list is replaced as a whole.

/// Where the pods of a kind are described.
const PODS: [(&str, &str); 9] = [
    ("CronJob", "spec.jobTemplate.spec.template.spec"),
    ("DaemonSet", "spec.template.spec"),
    ("Deployment", "spec.template.spec"),
    ("Job", "spec.template.spec"),
    ("Pod", "spec"),
    ("PodTemplate", "template.spec"),
    ("ReplicaSet", "spec.template.spec"),
    ("ReplicationController", "spec.template.spec"),
    ("StatefulSet", "spec.template.spec"),
];

/// Lists of a pod.
const OF_A_POD: [(&str, &[&str]); 7] = [
    ("containers", &["name"]),
    ("ephemeralContainers", &["name"]),
    ("hostAliases", &["ip"]),
    ("imagePullSecrets", &["name"]),
    ("initContainers", &["name"]),
    (
        "topologySpreadConstraints",
        &["topologyKey", "whenUnsatisfiable"],
    ),
    ("volumes", &["name"]),
];

/// Lists of a container.
const OF_A_CONTAINER: [(&str, &[&str]); 4] = [
    ("env", &["name"]),
    ("ports", &["containerPort", "protocol"]),
    ("volumeDevices", &["devicePath"]),
    ("volumeMounts", &["mountPath"]),
];

/// Lists of other kinds.
const OF_OTHERS: [(&str, &str, &[&str]); 4] = [
    ("MutatingWebhookConfiguration", "webhooks", &["name"]),
    ("Service", "spec.ports", &["port", "protocol"]),
    ("ServiceAccount", "secrets", &["name"]),
    ("ValidatingWebhookConfiguration", "webhooks", &["name"]),
];

/// The fields that tell the entries of a list apart; None for a list that is replaced.
pub fn keys_of(kind: &str, path: &str) -> Option<&'static [&'static str]> {
    if path == "metadata.ownerReferences" {
        return Some(&["uid"]);
    }
    let other = OF_OTHERS
        .iter()
        .find(|(of, at, _)| *of == kind && *at == path);
    if let Some((_, _, keys)) = other {
        return Some(keys);
    }
    let (_, pod) = PODS.iter().find(|(of, _)| *of == kind)?;
    let field = path.strip_prefix(pod)?.strip_prefix('.')?;
    let find = |table: &[(&str, &'static [&'static str])], field: &str| {
        table
            .iter()
            .find(|(name, _)| *name == field)
            .map(|(_, keys)| *keys)
    };
    match field.split_once('.') {
        None => find(&OF_A_POD, field),
        Some(("containers" | "initContainers" | "ephemeralContainers", field)) => {
            find(&OF_A_CONTAINER, field)
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_known_by_its_kind_and_path() {
        let pod = "spec.template.spec.containers";
        assert_eq!(keys_of("Deployment", pod), Some(&["name"][..]));
        assert_eq!(
            keys_of("Deployment", &format!("{pod}.env")),
            Some(&["name"][..])
        );
        assert_eq!(
            keys_of("Deployment", "spec.template.spec.tolerations"),
            None
        );
        assert_eq!(keys_of("NetworkPolicy", "spec.egress"), None);
        assert_eq!(keys_of("Other", pod), None);
    }
}
