//! Releases as an operator makes them: the real program, a real Kubernetes, a registry, a PostgreSQL.
#![allow(clippy::unwrap_used)]

mod failing;
mod going_well;
mod place;
