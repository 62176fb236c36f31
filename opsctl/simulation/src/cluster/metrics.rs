//! What simulated pods measure: at each look they have answered a little more.

use std::time::Duration;

use async_trait::async_trait;
use opsctl_core::ports::{Measured, PodMetrics};
use opsctl_core::workloads::Object;

use super::{Inner, SimulatedCluster};

/// What a pod answers between two looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Traffic {
    /// Requests.
    pub requests: u32,
    /// Those that fail.
    pub failed: u32,
    /// Whether each takes a second, and not a hundredth of one.
    pub slow: bool,
}

impl SimulatedCluster {
    /// Decides what the pods of an image answer. Without a word they tell nothing.
    pub fn measure(&self, image: &str, traffic: Traffic) {
        self.inner().traffic.insert(image.to_owned(), traffic);
    }
}

impl Inner {
    fn measured(&mut self, asked: &Measured) -> Result<String, String> {
        let pod: &Object = self.objects.get(&asked.pod).ok_or("the pod is gone")?;
        let image = pod.text("/spec/containers/0/image");
        let traffic = *self.traffic.get(image).ok_or("no answer")?;
        let looks = self.looks.entry(pod.uid().to_owned()).or_default();
        *looks += 1;
        let (all, failed) = (traffic.requests * *looks, traffic.failed * *looks);
        let quick = if traffic.slow { 0 } else { all };
        Ok(format!(
            "http_requests_total{{status=\"200\"}} {}\n\
             http_requests_total{{status=\"500\"}} {failed}\n\
             http_request_duration_seconds_bucket{{le=\"0.01\"}} {quick}\n\
             http_request_duration_seconds_bucket{{le=\"1\"}} {all}\n\
             http_request_duration_seconds_bucket{{le=\"+Inf\"}} {all}\n",
            all - failed
        ))
    }
}

#[async_trait]
impl PodMetrics for SimulatedCluster {
    async fn read(&self, pods: &[Measured], _: Duration) -> Vec<Result<String, String>> {
        let mut inner = self.inner();
        pods.iter().map(|asked| inner.measured(asked)).collect()
    }
}
