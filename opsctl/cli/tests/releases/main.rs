//! Releases as an operator makes them: the real program, a real Kubernetes, a registry, a PostgreSQL.
#![allow(clippy::unwrap_used)]

mod on_the_node;
mod place;
