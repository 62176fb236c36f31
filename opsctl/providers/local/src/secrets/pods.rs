//! The pods of an environment of this machine: they mount what opsctl hands the cluster, and tell by their measurements which revision
//! of it they use.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use opsctl_core::exposition::samples;
use opsctl_core::guard::Permit;
use opsctl_core::ports::{Cluster, Follower, Mark, PodSecrets};
use opsctl_core::secrets::{PodAnswer, ask_pods};
use opsctl_core::workloads::Object;
use opsctl_core::{Failure, Result};

use super::handed::REVISION;

/// The gauge of the application.
const GAUGE: &str = "secrets_revision";

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
        let pods = ask_pods(&*self.cluster, &self.namespace).await?;
        Ok(pods.iter().map(|pod| follower(pod, wanted)).collect())
    }
}

fn follower(pod: &PodAnswer, wanted: u64) -> Follower {
    let at = pod.text.as_deref().and_then(revision);
    Follower {
        name: pod.name(),
        follows: at.is_some_and(|at| at >= wanted),
        says: match at {
            Some(at) => format!("uses revision {at} of {wanted}"),
            None => "does not say which revision of its secrets it uses".into(),
        },
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

/// The gauge's value.
fn revision(text: &str) -> Option<u64> {
    let value = samples(text, GAUGE).first()?.value;
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
}
