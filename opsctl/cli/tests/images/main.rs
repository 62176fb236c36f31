//! `opsctl image` as an operator meets it: a real checkout, a real compiler, a real registry.
#![allow(clippy::unwrap_used)]

mod build;
mod deaths;
mod ecr;
mod moving;
mod place;
mod runbook;
