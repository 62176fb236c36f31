//! The pods of an environment, asked what they use. Reads alone; what an answer means is for who knows how they were handed it.

use std::time::Duration;

use futures::future::join_all;

use crate::failure::Result;
use crate::ports::{Cluster, PodRequest, Scope};
use crate::workloads::{Object, ObjectKind};

/// How long a pod may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// A pod of the application that lives.
#[derive(Debug, Clone)]
pub struct PodAnswer {
    /// The pod.
    pub pod: Object,
    /// What it measured, in Prometheus's text format; `None`: it did not answer.
    pub text: Option<String>,
}

impl PodAnswer {
    /// Its name, as users read it.
    #[must_use]
    pub fn name(&self) -> String {
        format!("pod {}", self.pod.text("/metadata/name"))
    }
}

/// Asks all of them, at once.
///
/// # Errors
/// When the API server can't be asked.
pub async fn ask_pods(cluster: &dyn Cluster, namespace: &str) -> Result<Vec<PodAnswer>> {
    let scope = Scope {
        kind: ObjectKind::new("v1", "Pod"),
        namespace: Some(namespace.to_owned()),
        labels: None,
    };
    let pods = cluster.list(&scope).await?.objects.into_iter();
    let living = pods.filter_map(|pod| measured_at(&pod).map(|port| (pod, port)));
    let asked = living.map(|(pod, port)| ask(cluster, namespace, pod, port));
    join_all(asked).await.into_iter().collect()
}

async fn ask(cluster: &dyn Cluster, namespace: &str, pod: Object, port: u16) -> Result<PodAnswer> {
    let request = PodRequest {
        namespace: namespace.to_owned(),
        pod: pod.text("/metadata/name").to_owned(),
        scheme: "http",
        port,
        path: "/metrics".into(),
        within: PATIENCE,
    };
    let text = cluster.ask_pod(&request).await?;
    Ok(PodAnswer { pod, text })
}

/// Where a pod of the application that lives is measured.
fn measured_at(pod: &Object) -> Option<u16> {
    let runs = pod.text("/status/phase") == "Running";
    let leaves = !pod.text("/metadata/deletionTimestamp").is_empty();
    if !runs || leaves {
        return None;
    }
    let containers = pod.items("/spec/containers");
    let ports = containers.iter().filter_map(|it| it["ports"].as_array());
    let mut named = ports.flatten().filter(|port| port["name"] == "metrics");
    u16::try_from(named.next()?["containerPort"].as_u64()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pod_that_leaves_and_one_that_is_not_measured_are_not_waited_for() {
        let pod = |phase: &str, port: &str| {
            Object(serde_json::json!({
                "metadata": {"name": "a"}, "status": {"phase": phase},
                "spec": {"containers": [{"ports": [{"name": port, "containerPort": 9000}]}]},
            }))
        };
        assert_eq!(measured_at(&pod("Running", "metrics")), Some(9000));
        assert_eq!(measured_at(&pod("Succeeded", "metrics")), None);
        assert_eq!(measured_at(&pod("Running", "https")), None);
    }
}
