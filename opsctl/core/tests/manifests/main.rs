//! Manifests, rendered from folders that stand in the tests: what comes out, what is refused, and how long much of it takes.
#![allow(clippy::unwrap_used)]

mod folders;
mod outputs;
mod patches;
mod refusals;
mod rendering;
mod scale;
