//! What stands around the CronJobs: where they run, who they are, whom they may speak to, what they may see of the workloads.

use serde_json::{Value, json};

use crate::environment::{AwsSettings, RunnerSettings};
use crate::runner::NAME;
use crate::workloads::Object;

/// The rights on the workloads: who runs, and which secrets each has taken up.
const RIGHTS: &str = "opsctl-schedule";

/// Everything but the configuration and the CronJobs.
pub fn surroundings(
    runner: &RunnerSettings,
    aws: Option<&AwsSettings>,
    workloads: Option<&str>,
) -> Vec<Object> {
    let mut all = vec![namespace(runner), account(runner, aws)];
    all.extend(network(runner));
    if let Some(workloads) = workloads {
        all.extend(rights(runner, workloads));
    }
    all.into_iter().map(Object).collect()
}

/// What each object carries.
pub fn labels() -> Value {
    json!({"app.kubernetes.io/name": NAME, "app.kubernetes.io/part-of": "platform"})
}

fn namespace(runner: &RunnerSettings) -> Value {
    let mut labels = labels();
    for level in ["enforce", "audit", "warn"] {
        labels[format!("pod-security.kubernetes.io/{level}")] = json!("restricted");
    }
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": runner.namespace, "labels": labels}})
}

/// The role is the one that `infra/terraform/modules/service-roles` makes for this very account.
fn account(runner: &RunnerSettings, aws: Option<&AwsSettings>) -> Value {
    let mut metadata =
        json!({"name": runner.service_account, "namespace": runner.namespace, "labels": labels()});
    if let Some(aws) = aws {
        let role = format!("arn:aws:iam::{}:role/{}-opsctl", aws.account, aws.name);
        metadata["annotations"] = json!({
            "eks.amazonaws.com/role-arn": role,
            "eks.amazonaws.com/sts-regional-endpoints": "true",
        });
    }
    json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata})
}

/// Nobody speaks to it; it speaks to DNS, to AWS and the cluster, to the database and the cache.
fn network(runner: &RunnerSettings) -> [Value; 2] {
    let policy = |name: &str, spec: Value| {
        json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": {"name": name, "namespace": runner.namespace, "labels": labels()}, "spec": spec})
    };
    let nobody = json!({"podSelector": {}, "policyTypes": ["Ingress", "Egress"]});
    let dns = json!({
        "to": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}}],
        "ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}],
    });
    let ports = [443, 5432, 6379].map(|port| json!({"protocol": "TCP", "port": port}));
    let out = json!({"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}], "ports": ports});
    let own = json!({"matchLabels": {"app.kubernetes.io/name": NAME}});
    let speaks = json!({"podSelector": own, "policyTypes": ["Egress"], "egress": [dns, out]});
    [policy("nobody", nobody), policy("opsctl-out", speaks)]
}

fn rights(runner: &RunnerSettings, workloads: &str) -> [Value; 2] {
    let group = "rbac.authorization.k8s.io";
    let metadata = json!({"name": RIGHTS, "namespace": workloads, "labels": labels()});
    let rules = json!([
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]},
        {"apiGroups": [""], "resources": ["pods/proxy"], "verbs": ["get"]},
    ]);
    let subject = json!({"kind": "ServiceAccount", "name": runner.service_account, "namespace": runner.namespace});
    [
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": metadata, "rules": rules}),
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": metadata,
            "roleRef": {"apiGroup": group, "kind": "Role", "name": RIGHTS}, "subjects": [subject]}),
    ]
}
