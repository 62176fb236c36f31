//! Releases on Kubernetes: how one is planned, applied, watched and judged.

pub mod diff;
pub mod unchanged;
pub mod verdict;
