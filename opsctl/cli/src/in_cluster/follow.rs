//! Following a run in the cluster: its lines, its exit code, and Ctrl-C handed on.

use std::cell::Cell;
use std::time::Duration;

use futures::StreamExt;
use opsctl_core::runner::{Sight, sight};
use opsctl_core::{Failure, FailureKind, Result};
use opsctl_kubernetes::KubernetesCluster;

use crate::session::Session;
use crate::signals;

/// How often is looked.
const GLANCE: Duration = Duration::from_millis(300);
/// A pod that is gone may have ended while nobody looked; its Job takes a moment to account for it.
const LAST_WORD: Duration = Duration::from_secs(5);

/// A run in the cluster.
pub struct Run<'a> {
    pub session: &'a Session,
    pub cluster: &'a KubernetesCluster,
    pub namespace: &'a str,
    pub job: &'a str,
}

impl Run<'_> {
    /// Shows its lines until it ends; its exit code.
    pub async fn to_its_end(&self) -> Result<u8> {
        let pod = self.begun().await?;
        let (shown, mut asked) = (Cell::new(0), false);
        loop {
            tokio::select! {
                lines = self.show(&pod, &shown) => lines?,
                () = signals::ended() => {
                    if asked {
                        return Err(self.left_running());
                    }
                    asked = true;
                    self.hand_on(&pod).await?;
                }
            }
            if let Some(code) = self.ended().await? {
                self.show(&pod, &shown).await.ok();
                return Ok(code);
            }
        }
    }

    /// The pod's name, once it runs or has ended.
    async fn begun(&self) -> Result<String> {
        let mut told = String::new();
        loop {
            let found = self.cluster.pod_of_run(self.namespace, self.job).await?;
            let seen = found.as_ref().map(sight);
            match (found, seen) {
                (Some(pod), Some(Sight::Running | Sight::Ended(_))) => {
                    return Ok(pod.text("/metadata/name").to_owned());
                }
                (_, Some(Sight::Stuck(why))) => return Err(self.stuck(&why)),
                (_, Some(Sight::Waiting(why))) if why != told && !why.is_empty() => {
                    self.session.output.say(&format!("waits: {why}"));
                    told = why;
                }
                _ => {}
            }
            tokio::time::sleep(GLANCE).await;
        }
    }

    fn stuck(&self, why: &str) -> Failure {
        let (namespace, job) = (self.namespace, self.job);
        Failure::failed(format!("the run {namespace}/{job} can't begin"))
            .cause(why.to_owned())
            .left("nothing was changed; the Job goes on trying until it is deleted")
            .hint(format!("kubectl --namespace {namespace} delete job {job}"))
    }

    /// Shows the lines that were not shown yet.
    async fn show(&self, pod: &str, shown: &Cell<usize>) -> Result<()> {
        let mut lines = self
            .cluster
            .lines_of_run(self.namespace, pod)
            .await?
            .enumerate();
        while let Some((number, line)) = lines.next().await {
            if number >= shown.get() {
                self.session.output.pass(&line);
                shown.set(number + 1);
            }
        }
        tokio::time::sleep(GLANCE).await;
        Ok(())
    }

    /// The exit code; `None` while it runs.
    async fn ended(&self) -> Result<Option<u8>> {
        let found = self.cluster.pod_of_run(self.namespace, self.job).await?;
        match found.as_ref().map(sight) {
            Some(Sight::Ended(code)) => Ok(Some(code)),
            Some(_) => Ok(None),
            None => self.gone().await.map(Some),
        }
    }

    /// The pod was deleted, by us or by somebody else, before it was seen to end.
    async fn gone(&self) -> Result<u8> {
        tokio::time::sleep(LAST_WORD).await;
        let (namespace, job) = (self.namespace, self.job);
        if self.cluster.run_ended_well(namespace, job).await? {
            return Ok(0);
        }
        let environment = &self.session.environment.name;
        let what = format!("the pod of the run {namespace}/{job} is gone");
        Err(Failure::new(FailureKind::Unknown, what)
            .left("what it did is in its journal")
            .hint(format!("opsctl --env {environment} operation list --open")))
    }

    fn left_running(&self) -> Failure {
        let environment = &self.session.environment.name;
        Failure::new(FailureKind::Interrupted, "nobody follows the run any more")
            .left(format!(
                "{}/{} stops at its next step by itself",
                self.namespace, self.job
            ))
            .hint(format!("opsctl --env {environment} operation list --open"))
    }

    async fn hand_on(&self, pod: &str) -> Result<()> {
        self.session
            .output
            .say("the run is asked to stop at its next step; once more, and nobody waits for it");
        self.cluster.stop_run(self.namespace, pod).await
    }
}
