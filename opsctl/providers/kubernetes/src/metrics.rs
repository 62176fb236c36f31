//! What pods measured, asked of each of them through the API server.

use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt;
use opsctl_core::ports::{Cluster, Measured, PodMetrics, PodRequest};

use crate::cluster::KubernetesCluster;

/// So many pods are asked at once.
const AT_ONCE: usize = 8;

#[async_trait]
impl PodMetrics for KubernetesCluster {
    async fn read(&self, pods: &[Measured], within: Duration) -> Vec<Result<String, String>> {
        let each: Vec<_> = pods.iter().map(|pod| self.measured(pod, within)).collect();
        futures::stream::iter(each)
            .buffered(AT_ONCE)
            .collect()
            .await
    }
}

impl KubernetesCluster {
    async fn measured(&self, asked: &Measured, within: Duration) -> Result<String, String> {
        let request = PodRequest {
            namespace: asked.pod.namespace.clone().unwrap_or_default(),
            pod: asked.pod.name.clone(),
            scheme: asked.scheme.as_str(),
            port: asked.port,
            path: asked.path.clone(),
            within,
        };
        match self.ask_pod(&request).await {
            Ok(Some(text)) => Ok(text),
            Ok(None) => Err(format!("no answer at {}{}", asked.port, asked.path)),
            Err(failure) => Err(failure.what),
        }
    }
}
