//! The repository's own manifests: rendered as kubectl renders them, filled, as the specification asks, and as a real API server takes
//! them.
#![allow(clippy::unwrap_used)]

mod as_kubectl;
mod cluster;
mod monitoring;
mod overlays;
mod promises;
mod roles;
mod ways;
