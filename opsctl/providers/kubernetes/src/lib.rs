//! Kubernetes: what opsctl asks of an API server, sent and counted.
//!
//! Implements the core's port [`opsctl_core::ports::Cluster`]; holds no rule of any operation, and reads no variable of the
//! environment: which cluster is meant is told by a [`Target`].

mod access;
mod at_once;
mod change;
mod cluster;
mod connection;
mod credentials;
mod jobs;
mod kinds;
mod metrics;
mod place;
mod pods;
mod question;
mod read;
mod refusal;
mod spell;
mod status;
mod target;
mod transport;
mod trouble;
mod watch;
mod words;

pub use cluster::KubernetesCluster;
pub use connection::Patience;
pub use target::{Context, Given, Target};
