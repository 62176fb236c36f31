//! Jobs in which opsctl runs: made, followed and asked to stop. None of this changes anything of the environment's own; whoever runs in
//! the Job is guarded as everywhere.

use std::time::Duration;

use futures::stream::{self, BoxStream, StreamExt};
use http_body_util::BodyExt;
use opsctl_core::workloads::Object;
use opsctl_core::{Failure, Result};
use serde_json::{Value, json};
use tokio_util::codec::{FramedRead, LinesCodec};
use tokio_util::io::StreamReader;

use crate::cluster::KubernetesCluster;
use crate::place::plain;
use crate::question::Question;
use crate::trouble::Trouble;

/// The longest line of a log that is handed on.
const LINE: usize = 1024 * 1024;
/// A log that says nothing for so long is asked for anew.
const SILENCE: Duration = Duration::from_secs(300);

impl KubernetesCluster {
    /// Makes the objects of a run. Their names are new: what is there already is this run's own, from an answer that was lost.
    ///
    /// # Errors
    /// When the cluster does not take them.
    pub async fn start_run(&self, objects: &[Object]) -> Result<()> {
        for object in objects {
            let namespace = plain(object.text("/metadata/namespace"));
            let path = match object.text("/kind") {
                "Job" => format!("/apis/batch/v1/namespaces/{namespace}/jobs"),
                _ => format!("/api/v1/namespaces/{namespace}/configmaps"),
            };
            let made = self.connection.ask(&Question::post(&path, &object.0)).await;
            match made {
                Err(trouble) if trouble.code() != Some(409) => {
                    return Err(self.told(trouble, &format!("can't make {}", object.reference())));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether a run ended well, by its Job's account: that outlives a pod that was deleted before somebody saw it end.
    ///
    /// # Errors
    /// When the cluster can't be asked.
    pub async fn run_ended_well(&self, namespace: &str, job: &str) -> Result<bool> {
        let path = job_path(namespace, job);
        let found = self.connection.read::<Value>(&Question::get(path)).await;
        let found = found.map_err(|trouble| self.told(trouble, "can't look after the run"))?;
        Ok(found["status"]["succeeded"].as_u64().unwrap_or_default() > 0)
    }

    /// Why a run has no pod, in the words of whoever refuses it: a quota, or admission.
    ///
    /// # Errors
    /// When the cluster can't be asked.
    pub async fn why_no_pod(&self, namespace: &str, job: &str) -> Result<Option<String>> {
        let about =
            format!("involvedObject.kind=Job,involvedObject.name={job},reason=FailedCreate");
        let path = format!(
            "/api/v1/namespaces/{}/events?fieldSelector={}",
            plain(namespace),
            plain(&about)
        );
        let found = self.connection.read::<Value>(&Question::get(path)).await;
        let found = found.map_err(|trouble| self.told(trouble, "can't look after the run"))?;
        let events = found["items"].as_array();
        let last = events.and_then(|events| events.last());
        Ok(last
            .and_then(|event| event["message"].as_str())
            .map(str::to_owned))
    }

    /// The lines of a run from its beginning, as they are written; ends with the container, or when the way there breaks.
    ///
    /// # Errors
    /// When the cluster can't be asked.
    pub async fn lines_of_run(
        &self,
        namespace: &str,
        pod: &str,
    ) -> Result<BoxStream<'static, String>> {
        let (namespace, pod) = (plain(namespace), plain(pod));
        let path = format!("/api/v1/namespaces/{namespace}/pods/{pod}/log?follow=true");
        let opened = self.connection.open(&Question::get(path)).await;
        let opened = opened.map_err(|trouble| self.told(trouble, "can't follow the run"))?;
        let body = opened.into_body().into_data_stream();
        let body = StreamReader::new(body.map(|part| part.map_err(std::io::Error::other)));
        let lines = FramedRead::new(body, LinesCodec::new_with_max_length(LINE));
        let lines = stream::unfold(Box::pin(lines), |mut lines| async move {
            match tokio::time::timeout(SILENCE, lines.next()).await {
                Ok(Some(Ok(line))) => Some((line, lines)),
                _ => None,
            }
        });
        Ok(lines.boxed())
    }

    /// Asks a run to stop at its next step: its pod is ended as any pod is, by a signal and with time.
    ///
    /// # Errors
    /// When the cluster can't be asked.
    pub async fn stop_run(&self, namespace: &str, pod: &str) -> Result<()> {
        let path = format!(
            "/api/v1/namespaces/{}/pods/{}",
            plain(namespace),
            plain(pod)
        );
        self.end(path, "can't ask the run to stop").await
    }

    /// Takes a run back that has not begun: its Job, and the pod that waits.
    ///
    /// # Errors
    /// When the cluster can't be asked.
    pub async fn call_run_back(&self, namespace: &str, job: &str) -> Result<()> {
        let path = job_path(namespace, job);
        self.end(path, "can't take the run back").await
    }

    async fn end(&self, path: String, doing: &str) -> Result<()> {
        let options =
            json!({"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background"});
        match self.connection.ask(&Question::delete(path, &options)).await {
            Err(trouble) if trouble.code() != Some(404) => Err(self.told(trouble, doing)),
            _ => Ok(()),
        }
    }

    fn told(&self, trouble: Trouble, doing: &str) -> Failure {
        self.connection
            .credentials()
            .failure(trouble)
            .in_context(doing)
    }
}

fn job_path(namespace: &str, job: &str) -> String {
    let (namespace, job) = (plain(namespace), plain(job));
    format!("/apis/batch/v1/namespaces/{namespace}/jobs/{job}")
}
