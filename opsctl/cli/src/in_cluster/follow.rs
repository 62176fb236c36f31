//! Following a run in the cluster: its lines, its exit code, and Ctrl-C handed on.

use std::cell::Cell;
use std::pin::pin;
use std::time::Duration;

use futures::future::FusedFuture;
use futures::{FutureExt, StreamExt};
use opsctl_core::runner::Sight;
use opsctl_core::{Failure, FailureKind, Result};
use opsctl_kubernetes::KubernetesCluster;
use tokio::time::timeout;

use super::pod::{End, Pod};
use crate::session::Session;
use crate::signals::Ends;

/// A Job that has no pod after so long is asked why.
const NO_POD: Duration = Duration::from_secs(2);
/// Between two openings of the log.
const GLANCE: Duration = Duration::from_millis(300);
/// A container that has ended has written its lines; they are read within so long.
const LAST_LINES: Duration = Duration::from_secs(5);
/// A pod that is gone may have ended while nobody could look; its Job takes a moment to account for it.
const LAST_WORD: Duration = Duration::from_secs(5);

/// A run in the cluster.
pub struct Run<'a> {
    pub session: &'a Session,
    pub cluster: &'a KubernetesCluster,
    pub namespace: &'a str,
    pub job: &'a str,
}

/// What was read of its log.
#[derive(Default)]
struct Log {
    /// So many lines.
    shown: Cell<usize>,
    /// Nothing more is written.
    ended: Cell<bool>,
}

impl Run<'_> {
    /// Shows its lines until it ends; its exit code. Whoever ends this process ends the run.
    pub async fn to_its_end(&self, mut ends: Ends) -> Result<u8> {
        let mut pod = Pod::of(self.cluster, self.namespace, self.job).await?;
        let name = tokio::select! {
            name = self.begun(&mut pod) => name?,
            () = ends.next() => return Err(self.taken_back().await?),
        };
        let log = Log::default();
        let mut lines = pin!(self.lines(&name, &log).fuse());
        let mut asked = false;
        let end = loop {
            tokio::select! {
                end = pod.end() => break end,
                Err(failure) = &mut lines => match timeout(LAST_WORD, pod.end()).await {
                    Ok(end) => break end,
                    Err(_) => return Err(failure),
                },
                () = ends.next() => {
                    if asked {
                        return Err(self.left_running());
                    }
                    asked = true;
                    self.hand_on(&name).await?;
                }
            }
        };
        log.ended.set(true);
        if !lines.is_terminated() {
            timeout(LAST_LINES, lines).await.ok();
        }
        match end {
            End::Code(code) => Ok(code),
            End::Unseen => self.accounted_for().await,
        }
    }

    /// The pod's name, once it runs or has ended.
    async fn begun(&self, pod: &mut Pod) -> Result<String> {
        let mut told = String::new();
        loop {
            match pod.sight() {
                Some(Sight::Running | Sight::Ended(_)) => break,
                Some(Sight::Stuck(why)) => return Err(self.stuck(&why)),
                Some(Sight::Waiting(why)) => self.waits(why, &mut told),
                None if pod.is_gone() => return Err(self.gone()),
                None => {}
            }
            tokio::select! {
                () = pod.changed() => {}
                () = tokio::time::sleep(NO_POD) => {
                    if pod.name().is_none() {
                        let why = self.cluster.why_no_pod(self.namespace, self.job).await?;
                        self.waits(why.unwrap_or_default(), &mut told);
                    }
                }
            }
        }
        Ok(pod.name().unwrap_or_default().to_owned())
    }

    /// Says what is waited for, once.
    fn waits(&self, why: String, told: &mut String) {
        if why != *told && !why.is_empty() {
            self.session.output.say(&format!("waits: {why}"));
            *told = why;
        }
    }

    fn stuck(&self, why: &str) -> Failure {
        let (namespace, job) = (self.namespace, self.job);
        Failure::failed(format!("the run {namespace}/{job} can't begin"))
            .cause(why.to_owned())
            .left("nothing was changed; the Job goes on trying until it is deleted")
            .hint(format!("kubectl --namespace {namespace} delete job {job}"))
    }

    /// Shows its lines as they are written, until a pass that began after the end.
    async fn lines(&self, pod: &str, log: &Log) -> Result<()> {
        loop {
            let last = log.ended.get();
            self.show(pod, &log.shown).await?;
            if last {
                return Ok(());
            }
            tokio::time::sleep(GLANCE).await;
        }
    }

    /// Shows the lines that were not shown yet, until the log ends or the way there breaks.
    async fn show(&self, pod: &str, shown: &Cell<usize>) -> Result<()> {
        let lines = self.cluster.lines_of_run(self.namespace, pod).await?;
        let mut lines = lines.enumerate();
        while let Some((number, line)) = lines.next().await {
            if number >= shown.get() {
                self.session.output.pass(&line);
                shown.set(number + 1);
            }
        }
        Ok(())
    }

    /// What the Job says of a pod that was gone before anybody saw it end.
    async fn accounted_for(&self) -> Result<u8> {
        tokio::time::sleep(LAST_WORD).await;
        match self
            .cluster
            .run_ended_well(self.namespace, self.job)
            .await?
        {
            true => Ok(0),
            false => Err(self.gone()),
        }
    }

    fn gone(&self) -> Failure {
        let what = format!("the pod of the run {}/{} is gone", self.namespace, self.job);
        Failure::new(FailureKind::Unknown, what)
            .left("what it did is in its journal")
            .hint(self.open_operations())
    }

    fn left_running(&self) -> Failure {
        let left = format!(
            "{}/{} stops at its next step by itself",
            self.namespace, self.job
        );
        Failure::new(FailureKind::Interrupted, "nobody follows the run any more")
            .left(left)
            .hint(self.open_operations())
    }

    /// Ctrl-C before it began.
    async fn taken_back(&self) -> Result<Failure> {
        let (namespace, job) = (self.namespace, self.job);
        self.cluster.call_run_back(namespace, job).await?;
        let what = format!("the run {namespace}/{job} was taken back before it began");
        Ok(Failure::new(FailureKind::Interrupted, what)
            .left("nothing was changed, unless it began in the same moment")
            .hint(self.open_operations()))
    }

    fn open_operations(&self) -> String {
        let environment = &self.session.environment.name;
        format!("opsctl --env {environment} operation list --open")
    }

    async fn hand_on(&self, pod: &str) -> Result<()> {
        self.session
            .output
            .say("the run is asked to stop at its next step; once more, and nobody waits for it");
        self.cluster.stop_run(self.namespace, pod).await
    }
}
