//! Releases as an operator makes them: the real program, a real Kubernetes, a registry, a database.
#![allow(clippy::unwrap_used)]

mod figures;
mod ground;
mod manifests;
mod on_the_node;
mod place;
mod running;
