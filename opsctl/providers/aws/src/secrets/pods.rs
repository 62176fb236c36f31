//! Pods that read their secrets themselves, asked which versions they use.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use opsctl_core::exposition::samples;
use opsctl_core::ports::{Cluster, Follower, VersionId};
use opsctl_core::secrets::{PodAnswer, ask_pods};
use opsctl_core::workloads::Object;
use opsctl_core::{Failure, FailureKind, Result};
use serde::{Deserialize, Serialize};

/// The gauge of the application.
const GAUGE: &str = "secrets_version";
/// For how long a token is good that it signs, in seconds.
const LIFETIME: &str = "token_lifetime_seconds";
/// The variable that names the secrets that a pod reads.
const IDS: &str = "SECRETS_MANAGER_IDS";

/// Where the application of an environment runs.
#[derive(Clone)]
pub enum Whereabouts {
    /// On no cluster.
    Nowhere,
    /// There.
    On(AwsPods),
    /// On a cluster that can't be asked.
    Away(Failure),
}

/// The pods of an environment.
#[derive(Clone)]
pub struct AwsPods {
    /// The cluster.
    pub cluster: Arc<dyn Cluster>,
    /// Their namespace.
    pub namespace: String,
}

/// The versions of one secret that everybody is to use. What does not matter to whoever reads it is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// The secret's full name.
    pub secret: String,
    /// The version at each stage, by the application's words.
    pub versions: BTreeMap<String, VersionId>,
    /// The stages that matter: at those without a version nobody may use one.
    pub stages: Vec<String>,
}

impl Wanted {
    /// As a mark carries it.
    pub fn spelled(&self) -> Result<String> {
        serde_json::to_string(self)
            .map_err(|error| Failure::failed("a mark can't be written").because(error))
    }

    /// Reads what a mark carries.
    pub fn parse(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|error| {
            Failure::new(FailureKind::Unknown, format!("'{text}' is no mark")).because(error)
        })
    }

    /// Whether a process that uses these is as far.
    fn is_met(&self, used: &BTreeMap<String, VersionId>) -> bool {
        let same = |stage: &String| used.get(stage) == self.versions.get(stage);
        self.stages.iter().all(same)
    }
}

impl AwsPods {
    /// Every pod that reads the secret, and whether it uses what is wanted.
    pub(super) async fn followers(&self, wanted: &Wanted) -> Result<Vec<Follower>> {
        let pods = ask_pods(&*self.cluster, &self.namespace).await?;
        let readers = pods.iter().filter(|pod| reads(pod, &wanted.secret));
        Ok(readers.map(|pod| follower(pod, wanted)).collect())
    }

    /// Every pod that reads the secret, with the versions of it that it says it uses; `None`: it does not answer.
    pub(super) async fn readers(
        &self,
        secret: &str,
    ) -> Result<Vec<(Object, Option<BTreeMap<String, VersionId>>)>> {
        let pods = ask_pods(&*self.cluster, &self.namespace).await?.into_iter();
        let readers = pods.filter(|pod| reads(pod, secret));
        let asked = readers.map(|it| (it.pod, it.text.as_deref().map(|text| used(text, secret))));
        Ok(asked.collect())
    }

    /// The longest lifetime of a token that a pod signs, as it measures it.
    pub(super) async fn token_lifetime(&self) -> Result<Option<Duration>> {
        let pods = ask_pods(&*self.cluster, &self.namespace).await?;
        let texts = pods.iter().filter_map(|pod| pod.text.as_deref());
        let told = texts.flat_map(|text| samples(text, LIFETIME));
        let longest = told.map(|sample| sample.value).reduce(f64::max);
        Ok(longest.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()))
    }
}

fn follower(pod: &PodAnswer, wanted: &Wanted) -> Follower {
    let used = pod.text.as_deref().map(|text| used(text, &wanted.secret));
    let follows = used.as_ref().is_some_and(|used| wanted.is_met(used));
    let says = match &used {
        None => "does not answer".to_owned(),
        Some(used) if used.is_empty() => {
            format!("does not say that it uses a version of '{}'", wanted.secret)
        }
        Some(used) if follows => format!("uses {}", told(used)),
        Some(used) => format!("uses {}; {} is wanted", told(used), told(&wanted.versions)),
    };
    Follower {
        name: pod.name(),
        follows,
        says,
    }
}

/// The versions that a process says it uses, by their stages.
fn used(text: &str, secret: &str) -> BTreeMap<String, VersionId> {
    let all = samples(text, GAUGE).into_iter();
    let in_use = all.filter(|sample| sample.value >= 1.0);
    in_use
        .filter(|sample| sample.labels.get("secret").is_some_and(|it| it == secret))
        .filter_map(|mut sample| {
            let stage = sample.labels.remove("stage")?;
            Some((stage, VersionId(sample.labels.remove("version")?)))
        })
        .collect()
}

fn told(versions: &BTreeMap<String, VersionId>) -> String {
    let all = versions.iter().map(|(stage, version)| {
        let short: String = version.0.chars().take(8).collect();
        format!("{stage} {short}")
    });
    all.collect::<Vec<_>>().join(", ")
}

/// Whether a pod reads the secret. One that does not say what it reads might.
fn reads(pod: &PodAnswer, secret: &str) -> bool {
    let containers = pod.pod.items("/spec/containers");
    let variables = containers.iter().filter_map(|it| it["env"].as_array());
    let mut named = variables.flatten().filter(|it| it["name"] == IDS);
    let Some(ids) = named.find_map(|it| it["value"].as_str()) else {
        return true;
    };
    ids.split(',').any(|id| is(id.trim(), secret))
}

/// A secret is named by its name, or by an ARN that ends with it and six signs more, or without these.
fn is(id: &str, secret: &str) -> bool {
    let Some((_, named)) = id.split_once(":secret:") else {
        return id == secret;
    };
    let rest = named.strip_prefix(secret);
    rest.is_some_and(|rest| rest.is_empty() || (rest.len() == 7 && rest.starts_with('-')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pod(ids: Option<&str>, text: Option<&str>) -> PodAnswer {
        let env = ids.map(|ids| serde_json::json!([{"name": IDS, "value": ids}]));
        PodAnswer {
            pod: Object(serde_json::json!({
                "metadata": {"name": "a"}, "spec": {"containers": [{"env": env}]},
            })),
            text: text.map(ToOwned::to_owned),
        }
    }

    fn wanted(current: &str) -> Wanted {
        Wanted {
            secret: "p/jwt".into(),
            versions: BTreeMap::from([("current".into(), VersionId(current.into()))]),
            stages: vec!["current".into(), "previous".into()],
        }
    }

    #[test]
    fn who_reads_it_is_told_by_its_names_and_whoever_says_nothing_might() {
        let arn = "arn:aws:secretsmanager:eu-central-1:1:secret:p/jwt-AbCdEf";
        for (ids, expected) in [
            (Some("p/database, p/jwt"), true),
            (Some(arn), true),
            (Some("p/jwt-next"), false),
            (
                Some("arn:aws:secretsmanager:eu-central-1:1:secret:p/jwt-next-AbCdEf"),
                false,
            ),
            (Some(""), false),
            (None, true),
        ] {
            assert_eq!(reads(&pod(ids, None), "p/jwt"), expected, "{ids:?}");
        }
    }

    #[test]
    fn a_pod_follows_when_it_uses_the_version_and_nothing_that_is_over() {
        let line = |stage: &str, version: &str, value: u8| {
            format!(
                "secrets_version{{secret=\"p/jwt\",stage=\"{stage}\",version=\"{version}\"}} {value}\n"
            )
        };
        let new = line("current", "new", 1) + &line("current", "old", 0);
        for (text, expected) in [
            (new.clone(), true),
            (new.clone() + &line("previous", "old", 1), false),
            (line("current", "old", 1), false),
            (new.replace("p/jwt", "p/other"), false),
        ] {
            let found = follower(&pod(None, Some(&text)), &wanted("new"));
            assert_eq!(found.follows, expected, "{}", found.says);
        }
        assert_eq!(
            follower(&pod(None, None), &wanted("new")).says,
            "does not answer"
        );
    }
}
