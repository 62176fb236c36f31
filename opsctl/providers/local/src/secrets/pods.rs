//! The pods of an environment of this machine: they mount what opsctl hands the cluster, and tell by their measurements which revision
//! of it they use.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use opsctl_core::guard::Permit;
use opsctl_core::ports::{Cluster, Follower, Mark, PodRequest, PodSecrets, Scope};
use opsctl_core::workloads::{Object, ObjectKind};
use opsctl_core::{Failure, Result};

use super::handed::REVISION;

/// The gauge of the application.
const GAUGE: &str = "secrets_revision";
/// How long a pod may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// Where pods are handed their secrets.
#[derive(Clone)]
pub struct Pods {
    /// The cluster.
    pub cluster: Arc<dyn Cluster>,
    /// What they are handed.
    pub secrets: Arc<dyn PodSecrets>,
    /// Their namespace.
    pub namespace: String,
}

impl Pods {
    /// The revision that the cluster holds, if it is what it is to hold.
    pub(super) async fn told(&self) -> Result<Option<Mark>> {
        let Some(object) = self.wanted().await?.into_iter().next() else {
            return Ok(None);
        };
        let found = self.cluster.get(&object.reference()).await?;
        let held = found.and_then(|found| decoded(&found, REVISION));
        let wanted = object.text(&at(REVISION));
        Ok((held.as_deref() == Some(wanted)).then(|| Mark(wanted.to_owned())))
    }

    pub(super) async fn tell(&self, permit: &Permit<'_>) -> Result<Mark> {
        let mut mark = None;
        for mut object in self.wanted().await? {
            if let Some(found) = self.cluster.get(&object.reference()).await? {
                keep_marks(&mut object, &found);
            }
            permit.check()?;
            let answer = self.cluster.apply(permit, &object).await?;
            answer.map_err(|refusal| {
                Failure::failed(format!("the cluster did not take {}", object.reference()))
                    .cause(refusal.to_string())
            })?;
            mark = Some(Mark(object.text(&at(REVISION)).to_owned()));
        }
        mark.ok_or_else(|| Failure::failed("pods are handed no secret that counts its revisions"))
    }

    /// The Secrets that count how often they were written: the others hold certificates.
    async fn wanted(&self) -> Result<Vec<Object>> {
        let all = self.secrets.objects().await?.into_iter();
        Ok(all
            .filter(|object| !object.text(&at(REVISION)).is_empty())
            .collect())
    }

    pub(super) async fn followers(&self, wanted: u64) -> Result<Vec<Follower>> {
        let scope = Scope {
            kind: ObjectKind::new("v1", "Pod"),
            namespace: Some(self.namespace.clone()),
            labels: None,
        };
        let mut followers = Vec::new();
        for pod in self.cluster.list(&scope).await?.objects {
            if let Some(port) = measured_at(&pod) {
                followers.push(self.follower(&pod, port, wanted).await?);
            }
        }
        Ok(followers)
    }

    async fn follower(&self, pod: &Object, port: u16, wanted: u64) -> Result<Follower> {
        let request = PodRequest {
            namespace: self.namespace.clone(),
            pod: pod.text("/metadata/name").to_owned(),
            scheme: "http",
            port,
            path: "/metrics".into(),
            within: PATIENCE,
        };
        let text = self.cluster.ask_pod(&request).await?;
        let at = text.as_deref().and_then(revision);
        Ok(Follower {
            name: format!("pod {}", request.pod),
            follows: at.is_some_and(|at| at >= wanted),
            says: match at {
                Some(at) => format!("uses revision {at} of {wanted}"),
                None => "does not say which revision of its secrets it uses".into(),
            },
        })
    }
}

/// A release marks what is its own; what an apply leaves out is gone.
fn keep_marks(object: &mut Object, found: &Object) {
    for marks in ["labels", "annotations"] {
        if found.0["metadata"][marks].is_object() {
            object.0["metadata"][marks] = found.0["metadata"][marks].clone();
        }
    }
}

fn at(name: &str) -> String {
    format!("/stringData/{name}")
}

/// The cluster holds bytes, spelled in base64; a revision is digits.
fn decoded(found: &Object, name: &str) -> Option<String> {
    let spelled = found.0["data"][name].as_str()?;
    String::from_utf8(STANDARD.decode(spelled).ok()?).ok()
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

/// The gauge's value in Prometheus's text.
fn revision(text: &str) -> Option<u64> {
    let values: BTreeMap<&str, &str> = text
        .lines()
        .filter_map(|line| line.split_once(' '))
        .collect();
    let value: f64 = values.get(GAUGE)?.trim().parse().ok()?;
    // Small whole numbers: exact.
    (value >= 1.0).then_some(value as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gauge_is_read_and_a_process_that_counts_nothing_says_nothing() {
        let text = "# TYPE secrets_revision gauge\nsecrets_revision 12\nother{a=\"b\"} 3\n";
        assert_eq!(revision(text), Some(12));
        assert_eq!(revision("secrets_revision 0\n"), None);
        assert_eq!(revision("secrets_revisions 3\n"), None);
    }

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
