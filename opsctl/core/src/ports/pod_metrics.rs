//! What pods measured: how a gate reads it, whoever keeps it.

use std::time::Duration;

use async_trait::async_trait;

use crate::environment::Scheme;
use crate::workloads::ObjectRef;

/// A pod, and where it tells what it measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measured {
    /// The pod.
    pub pod: ObjectRef,
    /// How its port is spoken to.
    pub scheme: Scheme,
    /// The port.
    pub port: u16,
    /// What is asked there.
    pub path: String,
}

/// Whoever knows what pods measured.
#[async_trait]
pub trait PodMetrics: Send + Sync {
    /// What each of them has counted since its start, in Prometheus's text format, in the order of the question; or why
    /// it can't be had.
    async fn read(&self, pods: &[Measured], within: Duration) -> Vec<Result<String, String>>;
}
